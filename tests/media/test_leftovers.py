"""A write that fails leaves neither a row nor a file, wherever it fails."""

import errno
import os
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from mcp_server.leftovers import cleanup_on_error, discard_on_error
from mcp_server.registry import registry
from mcp_server.transport.arguments import Arguments
from mcp_server.transport.call import call
from tests.world import World, png

Files = Callable[[], set[str]]


def _upload(world: World, tool: str = "upload_image") -> Any:
    spec = registry.get(tool)
    assert spec is not None
    content, name = (png(33, 44), "leaf.png") if tool == "upload_image" else (b"text", "leaf.txt")
    given = {"title": "Leaf", "data": b64encode(content).decode(), "filename": name}
    return call(world.actor("editor"), spec, Arguments(spec), given, {})


def _rows() -> tuple[int, int]:
    return get_image_model().objects.count(), get_document_model().objects.count()


@pytest.mark.parametrize("tool", ["upload_image", "upload_document"])
def test_the_control_an_upload_leaves_one_file(papers: World, files: Files, tool: str) -> None:
    before, rows = files(), _rows()
    assert not _upload(papers, tool).is_error
    assert len(files() - before) == 1
    assert sum(_rows()) == sum(rows) + 1


@pytest.mark.parametrize("tool", ["upload_image", "upload_document"])
@pytest.mark.parametrize(
    "place",
    [
        # inside Wagtail's action, after the tool returned, and while the answer is made
        "wagtail.actions.create.log",
        "mcp_server.transport.call.note",
        "mcp_server.transport.answer.structured",
    ],
)
def test_a_failure_takes_the_file_along(
    papers: World, files: Files, monkeypatch: pytest.MonkeyPatch, place: str, tool: str
) -> None:
    written: list[set[str]] = []
    before, rows = files(), _rows()

    def fail(*_: Any, **__: Any) -> None:
        written.append(files() - before)
        raise DatabaseError("went away")

    monkeypatch.setattr(place, fail)
    assert _upload(papers, tool).is_error
    # The control: the file was there when the failure came.
    assert len(written[0]) == 1
    assert files() == before
    assert _rows() == rows


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_failing_commit_takes_the_file_along(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.world import build_world

    world = build_world()
    before, rows = files(), _rows()
    connection = transaction.get_connection()

    def fail() -> None:
        raise DatabaseError("no room for the commit")

    monkeypatch.setattr(connection, "_commit", fail)
    answer = _upload(world)
    monkeypatch.undo()
    assert answer.is_error
    assert files() == before
    assert _rows() == rows


@pytest.mark.parametrize("tool", ["upload_image", "upload_document"])
def test_a_full_disk_leaves_no_half_file(
    papers: World, files: Files, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    before, rows = files(), _rows()
    partial: list[set[str]] = []

    def chunks(self: Any, chunk_size: int | None = None) -> Any:
        yield b"the first half"
        partial.append(files() - before)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("django.core.files.base.File.chunks", chunks)
    monkeypatch.setattr("django.core.files.base.ContentFile.chunks", chunks, raising=False)
    answer = _upload(papers, tool)
    monkeypatch.undo()
    assert answer.outcome == "unavailable"
    assert "no room for files" in answer.content[0].text
    assert len(partial[0]) == 1
    assert files() == before
    assert _rows() == rows


def test_an_inner_success_goes_with_an_outer_failure(files: Files) -> None:
    before = files()

    def outer() -> None:
        with cleanup_on_error():
            with cleanup_on_error():
                discard_on_error(default_storage, "left.txt")
                default_storage.save("left.txt", ContentFile(b"x"))
            assert files() - before == {"left.txt"}
            raise ValueError("outer")

    with pytest.raises(ValueError, match="outer"):
        outer()
    assert files() == before


def test_outside_of_a_block_nothing_is_remembered(files: Files) -> None:
    before = files()
    discard_on_error(default_storage, "nothing-runs.txt")
    assert files() == before
