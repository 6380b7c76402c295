"""A small copy of a library picture for a model to look at."""

import warnings
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from mcp_server.api import Picture, Refused

from .pictures import check_size

SIDE = 512
MAX_BYTES = 100_000
_QUALITIES = (80, 65, 50, 35, 20)
_WHITE = (255, 255, 255)


def preview(image: Any) -> Picture:
    """A JPEG of at most 512 x 512 pixels and 100 kB; nothing is stored."""
    if image.is_svg():
        raise Refused("This image is a drawing (SVG); there is no preview. Call without preview.")
    try:
        with image.open_file() as file, warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(file)
            check_size(picture)
            return Picture(_jpeg(_small(picture)), "image/jpeg")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Refused(
            "The file of this image cannot be shown. Call get_image without preview."
        ) from None


def _small(picture: Image.Image) -> Image.Image:
    # A JPEG is decoded at an eighth of its size where that is enough.
    picture.draft(None, (SIDE, SIDE))
    if picture.mode.startswith("I"):
        # 16 bits per pixel, of which the upper half is what a screen shows.
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    picture = ImageOps.exif_transpose(picture)
    picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.thumbnail((SIDE, SIDE))
    if picture.mode == "RGBA":
        ground = Image.new("RGB", picture.size, _WHITE)
        ground.paste(picture, mask=picture.getchannel("A"))
        return ground
    return picture


def _jpeg(picture: Image.Image) -> bytes:
    picture.info = {}
    for quality in _QUALITIES:
        target = BytesIO()
        picture.save(target, "JPEG", quality=quality, optimize=True)
        if target.tell() <= MAX_BYTES:
            break
    return target.getvalue()
