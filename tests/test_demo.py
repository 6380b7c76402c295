"""The demo's own settings, files and addresses."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.test import Client

from cms.demo import access, guidance
from cms.demo.tally import Tally
from cms.streaming import stream_asynchronously
from mcp_server.models import StyleGuide

ROOT = Path(__file__).resolve().parent.parent


def address(folder: Path, **variables: str) -> str:
    """The site's address that a process of its own finds."""
    given = {name: value for name, value in os.environ.items() if name not in ("SITE_URL", "PORT")}
    code = "from cms.settings import dev; print(dev.SITE_URL, dev.WAGTAILADMIN_BASE_URL)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**given, "VAR_DIR": str(folder), **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    site, admin = done.stdout.split()
    assert site == admin
    return site


def test_a_later_process_knows_the_demo_s_port(tmp_path: Path) -> None:
    assert address(tmp_path) == "http://127.0.0.1:8000"
    (tmp_path / "demo.json").write_text(json.dumps({"site_url": "http://127.0.0.1:8010"}))
    assert address(tmp_path) == "http://127.0.0.1:8010"
    assert address(tmp_path, PORT="8020") == "http://127.0.0.1:8020"
    assert address(tmp_path, SITE_URL="https://www.example.org/") == "https://www.example.org"


@pytest.mark.django_db
def test_the_demo_tells_assistants_how_it_writes_and_keeps_what_editors_wrote() -> None:
    guidance.style_guide(Tally())
    text = StyleGuide.load().text
    assert text.startswith("<h2")
    assert "alt text" in text
    StyleGuide.objects.update(text="<p>Ours.</p>")
    guidance.style_guide(Tally())
    assert StyleGuide.load().text == "<p>Ours.</p>"


@pytest.mark.parametrize("broken", ["", "[]", "{}", "3"])
def test_a_broken_file_is_passed_over(tmp_path: Path, broken: str) -> None:
    (tmp_path / "demo.json").write_text(broken)
    assert address(tmp_path) == "http://127.0.0.1:8000"


def test_an_sqlite_file_is_for_its_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tmp_path / "db.sqlite3", tmp_path / "db.sqlite3-wal"]
    for file in files:
        file.touch(mode=0o644)
    monkeypatch.setattr(connection, "vendor", "sqlite")
    monkeypatch.setitem(connection.settings_dict, "NAME", str(files[0]))
    access.close_to_others(connection)
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600]


def test_what_the_configuration_is_for_is_said() -> None:
    text = access.instructions(
        access.Access("http://127.0.0.1:8000", {"editor": "password"}, {"editor": "token"})
    )
    assert "Claude Code (.mcp.json), Cursor (.cursor/mcp.json):\n{" in text
    assert "VS Code and Claude Desktop: see README.md" in text


def test_an_icon_for_browsers_that_ask_for_one(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Location"]) == (302, "/static/img/leaf.svg")


@pytest.mark.filterwarnings("error")
def test_a_file_is_streamed_asynchronously(tmp_path: Path) -> None:
    file = tmp_path / "picture"
    file.write_bytes(os.urandom(200_000))

    async def view(request: HttpRequest) -> HttpResponseBase:
        return FileResponse(file.open("rb"))

    async def received() -> list[bytes]:
        response: Any = await stream_asynchronously(view)(HttpRequest())
        pieces = [piece async for piece in response]
        response.close()
        return pieces

    pieces = async_to_sync(received)()
    assert b"".join(pieces) == file.read_bytes()
    assert len(pieces) > 1


def test_other_answers_and_wsgi_are_left_alone() -> None:
    answer: HttpResponseBase = HttpResponse("x")

    async def view(request: HttpRequest) -> HttpResponseBase:
        return answer

    def synchronous(request: HttpRequest) -> HttpResponseBase:
        return answer

    given: object = async_to_sync(stream_asynchronously(view))(HttpRequest())
    assert given is answer
    assert stream_asynchronously(synchronous) is synchronous
