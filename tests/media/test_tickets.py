"""Upload tickets: one file, once, soon, by who may still do it."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import close_old_connections, connection
from django.test import Client
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import GroupCollectionPermission, ModelLogEntry

from mcp_server.actor import Actor
from mcp_server.content.changes import list_changes
from mcp_server.content.undo import undo_change
from mcp_server.errors import Refused
from mcp_server.models import MCPCall, MCPToken
from media_tools.mcp_tools import upload_document, upload_image
from media_tools.models import UploadTicket
from media_tools.shapes import UploadAddress
from tests.world import World, build_world, png

from .hostile import SVG, bomb

Files = Callable[[], set[str]]


def ticket(actor: Actor, **more: Any) -> UploadAddress:
    answer = upload_image(actor, "Leaf", alt="A leaf", tags=["green"], **more)
    assert isinstance(answer, UploadAddress)
    return answer


def put(address: UploadAddress | str, content: bytes, **extra: Any) -> Any:
    url = address if isinstance(address, str) else address.upload_url
    path = url[url.index("/mcp-upload/") :]
    return Client().put(path, content, content_type="application/octet-stream", **extra)


def test_a_file_comes_in_under_the_tokens_user(world: World) -> None:
    actor = world.actor("editor")
    address = ticket(actor)
    assert (address.method, address.max_bytes) == ("PUT", 10 * 1024 * 1024)
    answer = put(address, png(500, 400))
    assert answer.status_code == 201
    assert not answer.cookies
    image = get_image_model().objects.get(pk=answer.json()["id"])
    assert (image.title, image.description, image.width) == ("Leaf", "A leaf", 500)
    assert (image.uploaded_by_user.username, image.collection.name) == ("editor", "Pictures")
    assert list(image.tags.names()) == ["green"]
    entry = ModelLogEntry.objects.filter(action="mcp_server.call", object_id=image.pk).get()
    assert actor.token is not None
    assert entry.user == world.editor
    assert entry.data == {
        "tool": "upload_image", "token": actor.token.name, "token_id": actor.token.pk,
    }  # fmt: skip


def test_an_upload_is_on_record_and_can_be_undone(world: World) -> None:
    actor = world.actor("editor")
    address = ticket(actor)
    assert put(address, b"text").status_code == 422
    number = put(address, png(20, 20)).json()["id"]
    refused, done = MCPCall.objects.order_by("pk")
    assert (refused.tool, refused.outcome, refused.object_id) == ("upload_image", "refused", "")
    assert (done.tool, done.kind, done.outcome) == ("upload_image", "draft", "success")
    assert (done.token, done.user) == (actor.token, world.editor)
    assert (done.object_id, done.object_title) == (str(number), "Leaf")
    assert [item.id for item in list_changes(actor, None, 20, None).items] == [done.pk]
    assert undo_change(actor, done.pk, with_later=False).undone == [done.pk]
    assert not get_image_model().objects.filter(pk=number).exists()


def test_a_file_that_is_there_already_changes_nothing(world: World) -> None:
    actor = world.actor("editor")
    put(ticket(actor), png(20, 20))
    assert put(ticket(actor), png(20, 20)).status_code == 200
    twice = MCPCall.objects.order_by("pk")
    assert [(row.outcome, bool(row.object_id)) for row in twice] == [
        ("success", True), ("success", False),
    ]  # fmt: skip


def test_a_ticket_works_once(world: World) -> None:
    address = ticket(world.actor("editor"))
    assert put(address, png(10, 10)).status_code == 201
    again = put(address, png(11, 11))
    for secret in ("a" * 32, "nonsense", "a" * 500, "%00"):
        unknown = put(f"/mcp-upload/{secret}/", png(11, 11))
        assert again.status_code == unknown.status_code == 404
        assert again.content == unknown.content
    assert get_image_model().objects.filter(title="Leaf").count() == 1


def test_the_secret_is_not_kept(world: World) -> None:
    address = ticket(world.actor("editor"))
    secret = address.upload_url.strip("/").rpartition("/")[2]
    assert len(secret) == 32
    row = UploadTicket.objects.values().get()
    assert secret not in str(row)
    assert timezone.now() + timedelta(minutes=14) < row["expires_at"]
    assert row["expires_at"] < timezone.now() + timedelta(minutes=16)


def _expire(world: World, actor: Actor) -> None:
    UploadTicket.objects.update(expires_at=timezone.now())


def _revoke(world: World, actor: Actor) -> None:
    MCPToken.objects.update(is_active=False)


def _end_token(world: World, actor: Actor) -> None:
    MCPToken.objects.update(expires_at=timezone.now())


def _narrow(world: World, actor: Actor) -> None:
    MCPToken.objects.update(allowed_tools=["get_image"])


def _delete_token(world: World, actor: Actor) -> None:
    MCPToken.objects.all().delete()


def _deactivate(world: World, actor: Actor) -> None:
    type(world.editor).objects.filter(pk=world.editor.pk).update(is_active=False)


def _take_permission(world: World, actor: Actor) -> None:
    GroupCollectionPermission.objects.all().delete()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (_expire, 404), (_revoke, 404), (_end_token, 404), (_narrow, 404), (_delete_token, 404),
        (_deactivate, 404), (_take_permission, 422),
    ],
)  # fmt: skip
def test_everything_is_checked_again(
    world: World, files: Files, change: Callable[[World, Actor], None], status: int
) -> None:
    actor = world.actor("editor")
    address = ticket(actor)
    change(world, actor)
    before = files()
    assert put(address, png(10, 10)).status_code == status
    assert files() == before
    assert not get_image_model().objects.filter(title="Leaf").exists()


def test_a_revocation_while_the_file_comes_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = ticket(world.actor("editor"))
    from media_tools import pictures, uploads

    def clean(content: bytes) -> Any:
        MCPToken.objects.update(is_active=False)
        return pictures.CleanPicture(content, "png", 10, 10)

    monkeypatch.setattr(uploads, "clean_picture", clean)
    answer = put(address, png(10, 10))
    assert answer.status_code == 404
    assert not get_image_model().objects.filter(title="Leaf").exists()


@pytest.mark.parametrize("content", [b"", b"text", SVG, bomb()])
def test_what_is_refused_may_be_tried_again(world: World, content: bytes) -> None:
    address = ticket(world.actor("editor"))
    answer = put(address, content)
    assert answer.status_code == 422
    assert "picture" in answer.json()["error"]
    assert put(address, png(10, 10)).status_code == 201


def test_the_size_is_capped_whatever_the_header_says(world: World, settings: Any) -> None:
    settings.MCP_SERVER = {"MAX_UPLOAD": 1000}
    address = ticket(world.actor("editor"))
    assert address.max_bytes == 1000
    content = png(10, 10) + b"\0" * 2000
    assert put(address, content).status_code == 413
    # Django reads no more than the header announces.
    assert put(address, content, headers={"content-length": "10"}).status_code == 422
    assert put(address, png(10, 10)).status_code == 201


def test_only_put_is_answered(world: World, caplog: pytest.LogCaptureFixture) -> None:
    address = ticket(world.actor("editor"))
    path = address.upload_url[address.upload_url.index("/mcp-upload/") :]
    strict = Client(enforce_csrf_checks=True)
    caplog.set_level("DEBUG")
    for method in ("get", "post", "delete", "patch", "options", "head"):
        assert getattr(strict, method)(path).status_code == 405
    assert strict.put(path, b"no picture", content_type="image/png").status_code == 422
    assert strict.put(path.rstrip("/"), png(9, 9), content_type="image/png").status_code == 201
    assert strict.put(path, png(9, 9), content_type="image/png").status_code == 404
    # What a log keeps may be read by more people than the address is for.
    assert path.strip("/").rpartition("/")[2] not in caplog.text


def test_what_would_be_refused_later_is_refused_now(world: World) -> None:
    with pytest.raises(Refused, match=r"\(allowed: Pictures\)"):
        ticket(world.actor("editor"), collection="Archive")
    GroupCollectionPermission.objects.all().delete()
    with pytest.raises(Refused, match="may not add images"):
        ticket(world.actor("editor"))
    assert not UploadTicket.objects.exists()


@pytest.mark.parametrize("tags", [["x" * 101], ["y" * 300, "z"]])
def test_fields_that_no_file_would_make_good_get_no_ticket(papers: World, tags: list[str]) -> None:
    editor = papers.actor("editor")
    with pytest.raises(Refused, match="tags: "):
        upload_image(editor, "Leaf", tags=tags)
    with pytest.raises(Refused, match="tags: "):
        upload_document(editor, "Plan", filename="plan.pdf", tags=tags)
    with pytest.raises(Refused, match="title: "):
        upload_image(editor, "\u200b")
    assert not UploadTicket.objects.exists()


@pytest.mark.parametrize("filename", [None, "", "plan", "plan.exe"])
def test_a_document_needs_its_name_for_a_ticket(papers: World, filename: str | None) -> None:
    with pytest.raises(Refused, match=r"^filename: .* ends in .*\(allowed: .*pdf"):
        upload_document(papers.actor("editor"), "Plan", filename=filename)
    assert not UploadTicket.objects.exists()


def test_open_tickets_are_limited_and_old_ones_go(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media_tools.tickets.MAX_OPEN", 2)
    ticket(world.actor("editor"))
    ticket(world.actor("editor"))
    with pytest.raises(Refused, match="2 unused upload addresses"):
        ticket(world.actor("editor"))
    UploadTicket.objects.update(expires_at=timezone.now() - timedelta(days=2))
    ticket(world.actor("editor"))
    assert UploadTicket.objects.count() == 1


def test_a_document_comes_in_through_a_ticket(papers: World) -> None:
    answer = upload_document(papers.actor("editor"), "Plan", filename="plan.pdf")
    assert isinstance(answer, UploadAddress)
    assert put(answer, b"<html>").status_code == 422
    found = put(answer, b"%PDF-1.7 plan")
    assert found.status_code == 201
    document = get_document_model().objects.get(pk=found.json()["id"])
    assert (document.title, document.uploaded_by_user.username) == ("Plan", "editor")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_at_the_same_time_store_one() -> None:
    address = ticket(build_world().actor("editor"))
    barrier = threading.Barrier(4)
    statuses: list[int] = []

    def work(number: int) -> None:
        close_old_connections()
        barrier.wait()
        statuses.append(put(address, png(20 + number, 20)).status_code)
        connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 404, 404, 404]
    assert get_image_model().objects.filter(title="Leaf").count() == 1
