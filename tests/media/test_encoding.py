"""What a picture keeps when it is encoded anew."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageCms

from media_tools.pictures import clean_picture

from .hostile import saved


def again(content: bytes) -> Any:
    image = Image.open(BytesIO(clean_picture(content).content))
    image.load()
    return image


def picture(mode: str = "RGB", size: tuple[int, int] = (48, 32)) -> Image.Image:
    """A gradient, so that a turn or a wrong channel shows."""
    across = Image.linear_gradient("L").resize(size)
    down = across.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    return Image.merge("RGB", (across, down, Image.new("L", size, 90))).convert(mode)


def difference(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of any pixel, 0 to 255."""
    pair = (image.convert("RGB") for image in (one, other))
    extrema: Any = ImageChops.difference(*pair).getextrema()
    return max(int(high) for _low, high in extrema)


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_orientation_becomes_pixels(kind: str, turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    quality: dict[str, Any] = {} if kind == "PNG" else {"quality": 100}
    found = again(saved(picture(), kind, exif=exif, **quality))
    expected = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }.get(turn)  # fmt: skip
    upright = picture().transpose(expected) if expected is not None else picture()
    assert found.size == upright.size
    assert difference(found, upright) < 30


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_colour_profile_stays(kind: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert again(saved(picture(), kind, icc_profile=profile)).info["icc_profile"] == profile


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_transparency_stays(kind: str) -> None:
    source = picture("RGBA")
    source.putalpha(Image.linear_gradient("L").resize(source.size))
    found = again(saved(source, kind, lossless=True)).convert("RGBA")
    assert found.getchannel("A").tobytes() == source.getchannel("A").tobytes()
    assert difference(found, source) == 0


@pytest.mark.parametrize(("kind", "clear"), [("PNG", 3), ("GIF", 3), ("PNG", bytes([0, 128, 255]))])
def test_a_palette_stays_with_its_clear_colours(kind: str, clear: Any) -> None:
    source = picture().quantize(16)
    content = saved(source, kind, transparency=clear)
    before, found = Image.open(BytesIO(content)), again(content)
    assert found.mode == "P"
    assert before.convert("RGBA").tobytes() == found.convert("RGBA").tobytes()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_png_modes_lose_nothing(mode: str) -> None:
    if mode == "I;16":
        source = Image.frombytes(mode, (32, 8), bytes(range(256)) * 2)
    else:
        source = picture("RGB").quantize(8) if mode == "P" else picture(mode)
    found = again(saved(source, "PNG"))
    assert (found.mode, found.tobytes()) == (source.mode, source.tobytes())


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_jpeg_keeps_its_colours_and_about_its_size(mode: str) -> None:
    content = saved(picture(mode, (640, 480)), "JPEG", quality=85)
    fresh = clean_picture(content).content
    found = Image.open(BytesIO(fresh))
    assert found.mode == mode
    assert difference(found, Image.open(BytesIO(content))) <= 4
    assert 0.8 < len(fresh) / len(content) < 1.25


def test_a_webp_without_loss_stays_without_loss() -> None:
    assert difference(again(saved(picture(), "WEBP", lossless=True)), picture()) == 0


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_keeps_frames_times_and_clear_parts(kind: str) -> None:
    frames = [Image.new("RGBA", (24, 24)) for _ in range(4)]
    for number, frame in enumerate(frames):
        frame.paste((200, 40 * number, 0, 255), (number * 5, 0, number * 5 + 6, 24))
    durations = [100, 200, 300, 400]
    content = saved(
        frames[0], kind, save_all=True, append_images=frames[1:], duration=durations,
        disposal=1 if kind == "PNG" else 2, loop=2, lossless=True,
    )  # fmt: skip
    found = again(content)
    assert found.n_frames == 4
    assert found.info["loop"] == 2
    seen = []
    for number in range(4):
        found.seek(number)
        found.load()
        seen.append(round(found.info["duration"]))
        shown = found.convert("RGBA")
        assert shown.getpixel((number * 5 + 2, 4))[3] == 255
        assert shown.getpixel((23, 4))[3] == 0
    assert sorted(seen) == durations


def test_what_was_cleaned_once_is_the_same_again() -> None:
    """Duplicates are found by the hash of what is stored."""
    for kind in ("JPEG", "PNG", "GIF", "WEBP"):
        content = saved(picture(), kind)
        assert clean_picture(content) == clean_picture(content)
