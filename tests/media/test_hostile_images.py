"""Hostile pictures are refused; what else is in a picture does not come along."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from PIL.ImageFile import ImageFile
from wagtail.images import get_image_model

from mcp_server.errors import Refused
from media_tools.mcp_tools import get_image
from media_tools.pictures import clean_picture
from media_tools.previews import preview
from tests.world import World

from .hostile import CLEANED, REFUSED, bomb


@pytest.fixture
def nothing_large_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    load = ImageFile.load

    def checked(self: ImageFile) -> Any:
        assert self.width < 11_000, "decoded"
        return load(self)

    monkeypatch.setattr(ImageFile, "load", checked)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    content = REFUSED[name]()
    with pytest.raises(Refused, match="picture"):
        clean_picture(content)


@pytest.mark.usefixtures("nothing_large_is_decoded")
def test_the_bomb_is_refused_before_it_is_decoded() -> None:
    content = bomb()
    assert len(content) < 20_000
    with pytest.raises(Refused, match="too large: 11000 x 11000"):
        clean_picture(content)


@pytest.mark.parametrize("name", CLEANED)
def test_cleaned(name: str) -> None:
    content = CLEANED[name]()
    assert b"evil()" in content or b"iCCP" in content
    picture = clean_picture(content)
    assert b"evil()" not in picture.content
    found = Image.open(BytesIO(picture.content))
    found.load()
    assert not found.getexif()
    assert "icc_profile" not in found.info
    assert getattr(found, "n_frames", 1) == 1
    assert found.size == Image.open(BytesIO(content)).size


@pytest.mark.usefixtures("nothing_large_is_decoded")
def test_a_bomb_that_is_in_the_library_already_is_not_drawn(world: World) -> None:
    """Wagtail's own limit lets 121 million pixels in; a rendition of them takes 8 GB."""
    model = get_image_model()
    model.objects.filter(pk=world.image.pk).update(width=11_000, height=11_000)
    with world.image.file.storage.open(world.image.file.name, "wb") as file:
        file.write(bomb())
    editor = world.actor("editor")
    for arguments in ({}, {"renditions": [], "preview": True}):
        given: dict[str, Any] = arguments
        with pytest.raises(Refused, match="too large"):
            get_image(editor, world.image.pk, **given)
    assert not world.image.renditions.exists()


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"text"])
def test_a_preview_of_a_broken_file_is_refused(world: World, content: bytes) -> None:
    with world.image.file.storage.open(world.image.file.name, "wb") as file:
        file.write(content)
    with pytest.raises(Refused, match="cannot be shown"):
        preview(world.image)
