"""The media tools on a storage without a file system: django-storages and a server for S3."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx
import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from django.db import DatabaseError
from django.test import Client
from pytest_django import Settings
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from cms.settings.services import media_storages
from mcp_server.content.changes import list_changes
from mcp_server.content.undo import undo_change
from mcp_server.registry import registry
from mcp_server.transport.arguments import Arguments
from mcp_server.transport.call import call
from media_tools.fetching import fetch
from tests.calling import answered
from tests.ports import free_port
from tests.world import World, build_world, png

from .buckets import KEYS, Bucket, s3_server
from .servers import outside, reaching

IMAGE = {"title": "Leaf", "data": b64encode(png(900, 600)).decode(), "filename": "leaf.png"}
TEXT = {"title": "Notes", "data": b64encode(b"Moss.").decode(), "filename": "notes.txt"}
Settle = Callable[..., Any]


def use(settings: Settings, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    """Settings as ``production`` makes them of this environment."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    settings.STORAGES = {**settings.STORAGES, **media_storages(environment)}
    # Wagtail reads WAGTAILIMAGES_RENDITION_STORAGE once, when the models are loaded.
    field = get_image_model().get_rendition_model()._meta.get_field("file")
    monkeypatch.setattr(field, "storage", storages["renditions"])


@pytest.fixture
def bucket(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """An empty bucket that all media go to."""
    # Wagtail remembers renditions by the image's key, which the next test's image has as well.
    cache.clear()
    with s3_server() as running:
        use(settings, monkeypatch, running.environment)
        yield running


@pytest.fixture
def site(bucket: Bucket, db: None) -> World:
    """The small site, with its pictures in the bucket."""
    return build_world()


def test_a_picture_goes_in_and_its_renditions_come_out(site: World, bucket: Bucket) -> None:
    before = bucket.names()
    actor = site.actor("editor")
    number = answered(actor, "upload_image", **IMAGE)["id"]
    (original,) = bucket.names() - before
    assert original.startswith("original_images/leaf-")
    found = answered(actor, "get_image", image_id=number, renditions=["width-400", "width-800"])
    for spec, width in (("width-400", 400), ("width-800", 800)):
        rendition = found["renditions"][spec]
        assert rendition["width"] == width
        # An address that stays the same, for pages and caches.
        assert rendition["url"].startswith(bucket.environment["S3_PUBLIC_URL"] + "/images/leaf-")
        assert "?" not in rendition["url"]
        answer = httpx.get(rendition["url"], trust_env=False, timeout=60)
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["cache-control"] == "public, max-age=31536000"
    # The original is for editors: nobody gets it without a signature.
    plain = f"{bucket.environment['S3_PUBLIC_URL']}/{original}"
    assert httpx.get(plain, trust_env=False, timeout=60).status_code == 403


def test_a_preview_is_drawn_from_the_bucket(site: World) -> None:
    actor = site.actor("editor")
    spec = registry.get("get_image")
    assert spec is not None
    given = {"image_id": site.image.pk, "preview": True, "renditions": []}
    answer = call(actor, spec, Arguments(spec), given, {})
    assert not answer.is_error
    assert [item.type for item in answer.content].count("image") == 1


def test_a_twin_without_a_hash_is_found(site: World, bucket: Bucket) -> None:
    """Its file is read from the bucket to see what it holds."""
    actor = site.actor("editor")
    number = answered(actor, "upload_image", **IMAGE)["id"]
    get_image_model().objects.filter(pk=number).update(file_hash="")
    before = bucket.names()
    assert answered(actor, "upload_image", **{**IMAGE, "title": "Again"})["id"] == number
    # A row whose file is gone is passed over.
    get_image_model().objects.filter(pk=number).update(file_hash="", file="original_images/no.png")
    assert answered(actor, "upload_image", **{**IMAGE, "title": "New"})["id"] != number
    assert len(bucket.names() - before) == 1


def test_a_picture_from_an_address(
    site: World, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bucket.names()
    with outside(lambda handler: handler.send(png(60, 40), content_type="image/png")) as server:
        near = partial(fetch, network=reaching(server))
        monkeypatch.setattr("media_tools.sources.fetch", near)
        url = f"http://pictures.test:{server.port}/moss.png"
        answered(site.actor("editor"), "upload_image", title="Moss", url=url)
    (original,) = bucket.names() - before
    assert original.startswith("original_images/moss-")


def test_a_file_through_a_ticket(site: World, bucket: Bucket) -> None:
    before = bucket.names()
    ticket = answered(site.actor("editor"), "upload_image", title="Leaf", filename="leaf.png")
    path = ticket["upload_url"][ticket["upload_url"].index("/mcp-upload/") :]
    answer = Client().put(path, png(50, 40), content_type="application/octet-stream")
    assert answer.status_code == 201
    assert len(bucket.names() - before) == 1


def test_a_document_is_served_by_a_signed_address(papers: World, bucket: Bucket) -> None:
    number = answered(papers.actor("editor"), "upload_document", **TEXT)["id"]
    document = get_document_model().objects.get(pk=number)
    # Wagtail looks at who may read it, then sends the reader on.
    answer = Client().get(document.url)
    assert answer.status_code == 302
    assert "X-Amz-Signature=" in answer["Location"]
    assert "X-Amz-Expires=900" in answer["Location"]
    assert httpx.get(answer["Location"], trust_env=False, timeout=60).content == b"Moss."


def test_undoing_an_upload_takes_its_files_along(
    site: World, bucket: Bucket, django_capture_on_commit_callbacks: Settle
) -> None:
    before = bucket.names()
    actor = site.actor("editor")
    number = answered(actor, "upload_image", **IMAGE)["id"]
    answered(actor, "get_image", image_id=number, renditions=["width-400"])
    assert len(bucket.names() - before) == 2
    change = list_changes(actor, None, 20, None).items[0].id
    with django_capture_on_commit_callbacks(execute=True):
        assert undo_change(actor, change, with_later=False).undone == [change]
    assert bucket.names() == before


@pytest.mark.parametrize(("tool", "given"), [("upload_image", IMAGE), ("upload_document", TEXT)])
def test_a_failed_upload_leaves_no_object(
    papers: World,
    bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
    tool: str,
    given: dict[str, str],
) -> None:
    before = bucket.names()
    written: list[set[str]] = []

    def fail(*_: Any, **__: Any) -> None:
        written.append(bucket.names() - before)
        raise DatabaseError("went away")

    monkeypatch.setattr("mcp_server.transport.call.note", fail)
    spec = registry.get(tool)
    assert spec is not None
    assert call(papers.actor("editor"), spec, Arguments(spec), given, {}).is_error
    # The control: the object was there when the failure came.
    assert len(written[0]) == 1
    assert bucket.names() == before


def test_a_store_that_is_away_is_a_refusal_and_leaves_no_row(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"
    use(settings, monkeypatch, Bucket(endpoint).environment)
    rows = get_image_model().objects.count()
    spec = registry.get("upload_image")
    assert spec is not None
    answer = call(world.actor("editor"), spec, Arguments(spec), IMAGE, {})
    assert answer.is_error
    assert endpoint not in str(answer.content)
    assert get_image_model().objects.count() == rows


def test_without_a_bucket_files_stay_on_disk() -> None:
    assert media_storages({}) == media_storages({"S3_BUCKET": " "}) == {}


def test_without_a_public_address_renditions_are_signed_too() -> None:
    made = media_storages({"S3_BUCKET": "media"})
    assert made["renditions"] == {**made["default"], "OPTIONS": made["renditions"]["OPTIONS"]}
    assert made["renditions"]["OPTIONS"]["querystring_auth"] is True
    with pytest.raises(ImproperlyConfigured, match="S3_PUBLIC_URL is an address"):
        media_storages({"S3_BUCKET": "media", "S3_PUBLIC_URL": "media.example.org"})


def test_objects_get_no_access_list_and_no_keys_of_ours() -> None:
    """The bucket's policy decides, and keys come from the environment or the machine's role."""
    for storage in media_storages({"S3_BUCKET": "media"}).values():
        assert storage["OPTIONS"]["default_acl"] is None
        assert not {"access_key", "secret_key"} & set(storage["OPTIONS"])
