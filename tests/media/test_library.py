"""Searching, showing and changing images; what is stored once, and what is never made."""

import random
import threading
from base64 import b64encode
from io import BytesIO
from typing import Any

import pytest
from django.db import IntegrityError, connection
from mcp_types import ImageContent, TextContent
from PIL import Image
from wagtail.images import get_image_model
from wagtail.models import GroupCollectionPermission

from mcp_server.api import rendition_filters
from mcp_server.errors import Refused
from mcp_server.registry import registry
from mcp_server.transport.answer import Answer
from mcp_server.transport.arguments import Arguments
from mcp_server.transport.call import call
from media_tools import sources
from media_tools.fetching import Fetched
from media_tools.mcp_tools import (
    get_image,
    search_documents,
    search_images,
    update_image,
    upload_image,
)
from media_tools.shapes import ImageSummary
from tests.world import World, build_world, png

from .hostile import saved


def upload(actor: Any, content: bytes, title: str = "Leaf", **more: Any) -> ImageSummary:
    answer = upload_image(actor, title, data=b64encode(content).decode(), **more)
    assert isinstance(answer, ImageSummary)
    return answer


def test_size_orientation_and_missing_alt(world: World) -> None:
    editor = world.actor("editor")
    upload(editor, png(300, 100), "Wide", alt="A wide one")
    upload(editor, png(100, 300), "Tall")
    upload(editor, png(200, 200), "Square", alt="A square one")

    def titles(**given: Any) -> set[str]:
        return {item.title for item in search_images(editor, **given).items}

    assert titles(orientation="landscape") == {"Wide", "A meadow"}
    assert titles(orientation="portrait") == {"Tall"}
    assert titles(orientation="square") == {"Square"}
    assert titles(missing_alt=True) == {"Tall", "A meadow"}
    assert titles(min_width=200) == {"Wide", "Square"}
    assert titles(min_width=200, min_height=150) == {"Square"}
    assert titles(min_width=10**40) == set()
    assert titles(query="wide", orientation="landscape") == {"Wide"}
    assert titles(query="wide", orientation="portrait") == set()


@pytest.mark.parametrize("search", [search_images, search_documents])
def test_signs_that_mean_something_to_a_search_mean_nothing(papers: World, search: Any) -> None:
    editor = papers.actor("editor")
    papers.image.title = "Pot of 5 inches"
    papers.image.save()
    for query in ('5" pot', '"pot', 'pot"-5', "pot* (5)", "NOT pot:5", '"', "{5} ^pot"):
        search(editor, query=query)
    if search is search_images:
        assert [item.title for item in search(editor, query='5" pot').items] == ["Pot of 5 inches"]


@pytest.mark.parametrize("search", [search_images, search_documents])
def test_a_collection_or_tag_that_is_not_there_is_refused(papers: World, search: Any) -> None:
    editor = papers.actor("editor")
    for name in ("Pictuers", "Archive"):
        with pytest.raises(Refused, match=r"^collection: .*\(allowed: Pictures\)"):
            search(editor, collection=name)
    with pytest.raises(Refused, match=r"\(allowed: Root, Archive, Pictures\)"):
        search(papers.actor("admin"), collection="Pictuers")
    with pytest.raises(Refused, match=r"^tag: .*none yet"):
        search(editor, tag="no\x00ne")
    # One that nothing visible has is not told.
    papers.secret_image.tags.add("hidden")
    with pytest.raises(Refused, match=r"^tag: .*none yet"):
        search(editor, tag="hidden")


def test_a_tag_that_is_not_there_names_near_ones(world: World) -> None:
    world.image.tags.add("gardening", *(f"t{number}" for number in range(30)))
    editor = world.actor("editor")
    with pytest.raises(Refused, match=r"Tags: gardening\.$"):
        search_images(editor, tag="gardning")
    with pytest.raises(Refused, match=r"t\d+ and 11 more\.$"):
        search_images(editor, tag="zzzzzz")
    # Known, and nothing of this size has it: an answer, not a refusal.
    assert search_images(editor, tag="Gardening", min_width=5000).items == []
    assert [item.id for item in search_images(editor, tag="Gardening").items] == [world.image.pk]


def test_update_changes_what_is_given_and_nothing_else(world: World) -> None:
    editor = world.actor("editor")
    made = upload(editor, png(200, 100), alt="Before", tags=["old", "kept"])
    answer = update_image(editor, made.id, alt="After", tags=["new one", "kept"])
    image = get_image_model().objects.get(pk=made.id)
    assert (image.title, image.description, image.collection.name) == ("Leaf", "After", "Pictures")
    assert sorted(image.tags.names()) == ["kept", "new one"]
    assert answer.instance == image
    assert answer.use == f"![After](wagtail://image?id={image.pk})"
    update_image(editor, made.id, title="Fern", tags=[], focal_point=[150, 50, 40, 20])
    image.refresh_from_db()
    assert (image.title, image.description) == ("Fern", "After")
    assert not image.tags.exists()
    assert get_image(editor, made.id, []).focal_point == [150, 50, 40, 20]
    assert update_image(editor, made.id, focal_point=[10, 20]).focal_point == [10, 20, 1, 1]
    assert update_image(editor, made.id, focal_point=[]).focal_point is None


@pytest.mark.parametrize(
    "point",
    [[1], [1, 2, 3], [201, 5], [-1, 5], [5, 101], [5, 5, 0, 5], [5, 5, 201, 5], [5, 5, 5, 101]],
)
def test_a_focal_point_lies_inside(world: World, point: list[int]) -> None:
    made = upload(world.actor("editor"), png(200, 100))
    with pytest.raises(Refused, match=r"^focal_point: "):
        update_image(world.actor("editor"), made.id, focal_point=point)


def test_collections_when_updating(world: World) -> None:
    editor, moderator = world.actor("editor"), world.actor("moderator")
    with pytest.raises(Refused, match=r"\(allowed: Pictures\)"):
        update_image(editor, world.image.pk, collection="Archive")
    assert update_image(editor, world.image.pk, collection="pictures").collection == "Pictures"
    assert update_image(moderator, world.image.pk, collection="Archive").collection == "Archive"
    with pytest.raises(Refused, match="No image"):
        update_image(editor, world.image.pk, title="Mine")


def test_who_may_choose_may_not_change(world: World) -> None:
    GroupCollectionPermission.objects.exclude(permission__codename="choose_image").delete()
    with pytest.raises(Refused, match="but not change it"):
        update_image(world.actor("editor"), world.image.pk, title="Mine")


def test_twins(world: World) -> None:
    editor = world.actor("editor")
    content = saved(Image.linear_gradient("L"), "JPEG", quality=70) + b"more"
    first = upload(editor, content, alt="First")
    again = upload(editor, content, "Another title", alt="Another alt")
    assert (again.id, again.title, again.alt) == (first.id, "Leaf", "First")
    assert again.warnings is not None
    assert f"id {first.id}" in again.warnings[0]
    assert again.instance is None
    # What was downloaded from the site and comes back is known too.
    stored = get_image_model().objects.get(pk=first.id).file.read()
    assert stored != content
    assert upload(editor, stored).id == first.id
    # The world's pictures came in past the form that takes the hash.
    assert upload(editor, world.image.file.read()).id == world.image.pk


def test_a_twin_that_may_not_be_seen_is_not_told(world: World) -> None:
    world.image.delete()
    answer = upload(world.actor("editor"), world.secret_image.file.read())
    assert answer.id != world.secret_image.pk
    assert answer.warnings is None
    assert upload(world.actor("moderator"), png()).id in (world.secret_image.pk, answer.id)


def test_filters_of_the_templates_are_found(world: World, settings: Any) -> None:
    settings.MCP_SERVER = {"RENDITIONS": ["width-5000", "original", "width-320"]}
    found = rendition_filters()
    # From a page's template, from one it includes, and from a block's.
    assert {"fill-1200x600", "fill-400x250", "width-480"} <= set(found)
    assert "width-320" in found
    # Too large, and as large as the picture is.
    assert not {"width-5000", "original"} & set(found)
    shown = get_image(world.actor("editor"), world.image.pk, ["fill-400x250"])
    assert (shown.renditions["fill-400x250"].width, shown.renditions["fill-400x250"].height) != (
        0,
        0,
    )


def test_no_rendition_of_what_may_not_be_seen(world: World) -> None:
    for given in ({}, {"preview": True}, {"renditions": list(rendition_filters())[:8]}):
        arguments: dict[str, Any] = given
        with pytest.raises(Refused, match="No image"):
            get_image(world.actor("editor"), world.secret_image.pk, **arguments)
    assert not world.secret_image.renditions.exists()


@pytest.mark.parametrize("error", [IntegrityError, FileNotFoundError])
def test_an_image_that_is_deleted_while_it_is_scaled(
    world: World, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def deleted(image: Any, *specs: str) -> None:
        type(image).objects.filter(pk=image.pk).delete()
        raise error

    monkeypatch.setattr(get_image_model(), "get_renditions", deleted)
    actor = world.actor("admin")
    with pytest.raises(Refused, match=f"No image {world.image.pk} here"):
        get_image(actor, world.image.pk)


def test_another_error_of_scaling_is_not_hidden(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(image: Any, *specs: str) -> None:
        raise IntegrityError

    monkeypatch.setattr(get_image_model(), "get_renditions", broken)
    with pytest.raises(IntegrityError):
        get_image(world.actor("admin"), world.image.pk)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "CMYK", "I;16", "noise"])
def test_a_preview_is_a_small_jpeg(world: World, mode: str) -> None:
    if mode == "noise":
        content = saved(
            Image.frombytes("RGB", (1600, 1600), random.Random(1).randbytes(7_680_000)), "PNG"
        )
    elif mode == "I;16":
        content = saved(Image.frombytes(mode, (256, 256), bytes(range(256)) * 512), "PNG")
    else:
        source = Image.new("RGB", (1600, 800), (200, 30, 60))
        source = source.quantize(4) if mode == "P" else source.convert(mode)
        content = saved(source, "JPEG" if mode == "CMYK" else "PNG")
    made = upload(world.actor("admin"), content)
    detail = get_image(world.actor("admin"), made.id, [], preview=True)
    assert detail.picture is not None
    assert len(detail.picture.content) <= 100_000
    shown = Image.open(BytesIO(detail.picture.content))
    assert (shown.format, shown.mode) == ("JPEG", "RGB")
    assert max(shown.size) <= 512
    assert not get_image_model().objects.get(pk=made.id).renditions.exists()


def test_a_preview_travels_as_image_content(world: World) -> None:
    detail = get_image(world.actor("editor"), world.image.pk, [], preview=True)
    answer = Answer.of(detail)
    text, image = answer.content
    assert isinstance(text, TextContent)
    assert isinstance(image, ImageContent)
    assert image.mime_type == "image/jpeg"
    assert image.data.startswith("/9j/")
    assert image.data[:100] not in str(answer.structured_content) + text.text
    plain = Answer.of(get_image(world.actor("editor"), world.image.pk, []))
    assert [item.type for item in plain.content] == ["text"]


def test_a_fetch_holds_no_lock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow server must not keep everybody else from writing."""

    depth = len(connection.savepoint_ids)
    seen: list[int] = []

    def fetch(url: str, max_bytes: int) -> Fetched:
        seen.append(len(connection.savepoint_ids) - depth)
        return Fetched(png(31, 31), "from-the-web.png")

    monkeypatch.setattr(sources, "fetch", fetch)
    spec = registry.get("upload_image")
    assert spec is not None
    given = {"title": "Leaf", "url": "https://example.org/from-the-web.png"}
    answer = call(world.actor("editor"), spec, Arguments(spec), given, {})
    assert not answer.is_error
    assert seen == [0]
    image = get_image_model().objects.get(title="Leaf")
    assert "from-the-web-" in image.file.name


def test_no_fetch_for_who_may_not_store(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "fetch", lambda *_: pytest.fail("fetched"))
    GroupCollectionPermission.objects.all().delete()
    with pytest.raises(Refused, match="may not add images"):
        upload_image(world.actor("editor"), "Leaf", url="https://example.org/a.png")


def test_a_client_cannot_send_what_is_prepared(world: World) -> None:
    spec = registry.get("upload_image")
    assert spec is not None
    given = {"title": "Leaf", "file": {"file": "x"}}
    answer = call(world.actor("editor"), spec, Arguments(spec), given, {})
    assert answer.is_error
    assert "file: no such argument" in str(answer.content[0])


def test_one_source_at_a_time(world: World) -> None:
    with pytest.raises(Refused, match="not both"):
        upload_image(world.actor("editor"), "x", url="https://example.org/", data="QQ==")
    with pytest.raises(Refused, match="public internet"):
        upload_image(world.actor("editor"), "x", url="http://169.254.169.254/latest/meta-data/")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_same_file_from_four_calls_at_once_is_stored_once() -> None:
    actor = build_world().actor("editor")
    spec = registry.get("upload_image")
    assert spec is not None
    given = {"title": "Once", "data": b64encode(png(77, 55)).decode()}
    barrier = threading.Barrier(4)
    answers: list[Answer] = []

    def work() -> None:
        barrier.wait()
        answers.append(call(actor, spec, Arguments(spec), given, {}))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.is_error for answer in answers] == [False] * 4
    assert get_image_model().objects.filter(title="Once").count() == 1
