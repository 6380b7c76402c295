"""The image library: what is shown, what is stored, and what is not let in."""

import base64
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from wagtail.images import get_image_model

from mcp_server.errors import Refused
from media_tools.mcp_tools import get_image, search_images, upload_image
from media_tools.pictures import clean_picture
from media_tools.shapes import ImageSummary
from tests.world import World, png


def _data(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    target = BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def test_private_collections_stay_private(world: World) -> None:
    editor = world.actor("editor")
    assert [item.title for item in search_images(editor).items] == ["A meadow"]
    with pytest.raises(Refused) as hidden:
        get_image(editor, world.secret_image.pk)
    with pytest.raises(Refused) as missing:
        get_image(editor, 99999)
    assert str(hidden.value).replace(str(world.secret_image.pk), "N") == str(missing.value).replace(
        "99999", "N"
    )
    assert not world.secret_image.renditions.exists()
    found = search_images(world.actor("moderator"))
    assert {item.title for item in found.items} == {"A meadow", "A secret"}


def test_images_are_found_by_words_collection_and_tag(world: World) -> None:
    world.image.tags.add("green")
    editor = world.actor("editor")
    for found in (
        search_images(editor, query="meadow"),
        search_images(editor, collection="pictures"),
        search_images(editor, tag="Green"),
    ):
        assert [item.id for item in found.items] == [world.image.pk]
    assert search_images(editor, query="nothing like it").total == 0


def test_renditions_come_with_addresses_and_sizes(world: World) -> None:
    found = get_image(world.actor("editor"), world.image.pk, ["width-400", "fill-800x450"])
    assert set(found.renditions) == {"width-400", "fill-800x450"}
    assert found.renditions["width-400"].url.startswith("http://")
    assert found.renditions["width-400"].width == 64
    with pytest.raises(Refused, match=r"no filter 'width-9999' \(allowed: width-400"):
        get_image(world.actor("editor"), world.image.pk, ["width-9999"])


def test_an_upload_lies_in_the_users_collection_under_the_users_name(world: World) -> None:
    answer = upload_image(
        world.actor("editor"),
        "Leaf",
        data=_data(png(65)),
        filename="leaf.jpeg",
        alt="A leaf",
        tags=["green", "a b"],
    )
    assert isinstance(answer, ImageSummary)
    image = get_image_model().objects.get(pk=answer.id)
    assert (image.collection.name, image.uploaded_by_user.username) == ("Pictures", "editor")
    assert image.file.name.endswith(".png")
    assert image.description == "A leaf"
    assert sorted(image.tags.names()) == ["a b", "green"]
    assert answer.use == f"![A leaf](wagtail://image?id={image.pk})"
    assert answer.instance == image


def test_a_collection_that_is_not_theirs_is_refused_with_the_ones_that_are(world: World) -> None:
    with pytest.raises(Refused, match=r"\(allowed: Pictures\)"):
        upload_image(world.actor("editor"), "Leaf", data=_data(png()), collection="Archive")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("not base64 at all!", "not base64"),
        (_data(b"hello"), "not a picture"),
        (_data(SVG), "not a picture"),
        (_data(b"%PDF-1.4"), "not a picture"),
        (_data(b""), "not a picture"),
        (_data(png()[:60]), "damaged|not a picture"),
        (_data(_saved(Image.new("RGB", (8, 8)), "BMP")), "not a picture"),
        (_data(_saved(Image.new("RGB", (8, 8)), "TIFF")), "not a picture"),
    ],
)
def test_what_is_not_a_picture_is_refused(world: World, data: str, message: str) -> None:
    before = get_image_model().objects.count()
    with pytest.raises(Refused, match=message):
        upload_image(world.actor("editor"), "x", data=data)
    assert get_image_model().objects.count() == before


def test_a_picture_of_many_pixels_is_refused_before_it_is_decoded() -> None:
    bomb = _saved(Image.new("1", (11_000, 11_000)), "PNG", optimize=True)
    assert len(bomb) < 50_000
    with pytest.raises(Refused, match="too large: 11000 x 11000"):
        clean_picture(bomb)


def test_metadata_and_trailing_bytes_are_gone_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated by 90 degrees
    exif[0x010F] = "Camera maker"
    source = _saved(Image.new("RGB", (40, 20), "red"), "JPEG", exif=exif) + b"<?php evil() ?>"
    picture = clean_picture(source)
    again = Image.open(BytesIO(picture.content))
    assert again.size == (20, 40)
    assert not again.getexif()
    assert b"evil" not in picture.content
    assert b"Camera maker" not in picture.content


def test_transparency_and_animation_survive() -> None:
    clear = clean_picture(_saved(Image.new("RGBA", (4, 4), (0, 0, 0, 0)), "PNG"))
    assert Image.open(BytesIO(clear.content)).convert("RGBA").getpixel((0, 0)) == (0, 0, 0, 0)
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "green", "blue")]
    moving = _saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)
    assert getattr(Image.open(BytesIO(clean_picture(moving).content)), "n_frames", 1) == 3
