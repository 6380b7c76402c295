"""Pictures from strangers: recognised by content, bounded, and drawn anew.

Only what Pillow decoded and encoded again is stored, so metadata (camera, place), bytes behind
the image and files of two formats at once do not survive.
"""

import warnings
from dataclasses import dataclass
from io import BytesIO
from threading import BoundedSemaphore

from PIL import Image, UnidentifiedImageError

from mcp_server.api import Refused, mcp_settings

from .encoding import encoded

# Raster formats that browsers show. SVG is a document that can hold scripts.
FORMATS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}
MAX_FRAMES = 200
# Decoded pixels are large: at most this many pictures at a time, whatever the threads.
_slots = BoundedSemaphore(2)


@dataclass(frozen=True)
class CleanPicture:
    """A clean image file."""

    content: bytes
    extension: str
    width: int
    height: int


def clean_picture(content: bytes) -> CleanPicture:
    """The picture encoded anew, upright, without metadata; refuses whatever is not a picture."""
    with _slots, opened(content) as image:
        check_size(image)
        kind = format_of(image)
        try:
            fresh, (width, height) = encoded(image, kind, content[:4096])
        except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
            raise Refused(
                "This picture is damaged and cannot be decoded. Send another file."
            ) from None
    return CleanPicture(fresh, FORMATS[kind], width, height)


def opened(content: bytes) -> Image.Image:
    """The picture with its header read and nothing decoded."""
    try:
        with warnings.catch_warnings():
            # Our own limit decides; Pillow's warning would only reach the log.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(BytesIO(content), formats=list(FORMATS))
    except Image.DecompressionBombError:
        raise Refused(f"This picture is too large ({_limits()}). Send a smaller one.") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise Refused(
            "This is not a picture that can be used here (allowed: JPEG, PNG, GIF, WebP)."
        ) from None


def format_of(image: Image.Image) -> str:
    """The picture's format. Cameras put a second view behind a JPEG; only the first is kept."""
    return "JPEG" if image.format == "MPO" else str(image.format)


def check_size(image: Image.Image) -> None:
    """Refuse more pixels than the limit, judged by the header; all frames count."""
    canvas = image.width * image.height
    # Counting the frames reads the whole file, so the cheap question comes first.
    frames = frame_count(image) if canvas <= mcp_settings().MAX_IMAGE_PIXELS else 1
    if canvas * frames > mcp_settings().MAX_IMAGE_PIXELS or frames > MAX_FRAMES:
        raise Refused(
            f"This picture is too large: {image.width} x {image.height}, {frames} frame(s) "
            f"({_limits()}). Send a smaller one."
        )


def frame_count(image: Image.Image) -> int:
    """Frames of an animation; 1 for what is none."""
    if image.format == "MPO":
        return 1
    try:
        return int(getattr(image, "n_frames", 1))
    except (OSError, ValueError, SyntaxError, EOFError):
        return 1


def _limits() -> str:
    pixels = f"{mcp_settings().MAX_IMAGE_PIXELS:,}"
    return f"allowed: {pixels} pixels and {MAX_FRAMES} frames"
