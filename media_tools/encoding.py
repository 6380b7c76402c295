"""A decoded picture as a new file: the pixels, how they are meant to look, and nothing else."""

from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageOps, ImageSequence, JpegImagePlugin

MAX_PROFILE = 1024 * 1024
JPEG_QUALITY = WEBP_QUALITY = 92


def encoded(image: Image.Image, kind: str, head: bytes) -> tuple[bytes, tuple[int, int]]:
    """The file's bytes and its size in pixels; ``head`` is how the old file began.

    Whatever Pillow raises goes through.
    """
    options = _options(image, kind, head)
    frames, timing = _frames(image, kind)
    if len(frames) > 1:
        options |= timing | {"save_all": True, "append_images": frames[1:]}
    target = BytesIO()
    frames[0].save(target, format=kind, **options)
    return target.getvalue(), frames[0].size


def _options(image: Image.Image, kind: str, head: bytes) -> dict[str, Any]:
    options = _jpeg(image) if kind == "JPEG" else _webp(head) if kind == "WEBP" else {}
    if profile := _profile(image):
        # It says what the numbers mean; without it a wide-gamut photo fades.
        options["icc_profile"] = profile
    if kind in ("PNG", "GIF") and "transparency" in image.info:
        options["transparency"] = image.info["transparency"]
    return options


def _jpeg(image: Image.Image) -> dict[str, Any]:
    tables = getattr(image, "quantization", None) or {}
    if not tables or any(not 0 < value < 256 for table in tables.values() for value in table):
        return {"quality": JPEG_QUALITY}
    # The camera's own tables: encoding again then loses next to nothing and keeps the size.
    sampling = JpegImagePlugin.get_sampling(image)
    return {"qtables": tables} | ({"subsampling": sampling} if sampling >= 0 else {})


def _webp(head: bytes) -> dict[str, Any]:
    # A drawing that was kept without loss would come back with smeared edges.
    return {"lossless": True} if b"VP8L" in head else {"quality": WEBP_QUALITY}


def _profile(image: Image.Image) -> bytes | None:
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or len(profile) > MAX_PROFILE:
        return None
    try:
        ImageCms.ImageCmsProfile(BytesIO(profile))
    except (OSError, ImageCms.PyCMSError):
        return None
    return profile


def _frames(image: Image.Image, kind: str) -> tuple[list[Image.Image], dict[str, Any]]:
    """The frames, and how they follow each other."""
    if kind == "JPEG" or getattr(image, "n_frames", 1) == 1:
        return [_upright(image)], {}
    # Read now: going through the frames changes what the first one says.
    timing: dict[str, Any] = {
        name: image.info[name] for name in ("loop", "default_image") if name in image.info
    }
    frames, durations = [], []
    for frame in ImageSequence.Iterator(image):
        # WebP knows a frame's time only when it is decoded.
        frame.load()
        durations.append(frame.info.get("duration", 100))
        # Each is complete as Pillow composed it; what the next one replaces is written afresh.
        frames.append(_upright(frame.convert("RGBA") if kind == "GIF" else frame))
    timing["duration"] = durations[1:] if timing.get("default_image") else durations
    return frames, timing | ({"disposal": 2} if kind == "GIF" else {})


def _upright(frame: Image.Image) -> Image.Image:
    turned = ImageOps.exif_transpose(frame.copy())
    turned.info = {}
    return turned
