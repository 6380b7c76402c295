"""The record of a call: its fields, its line of JSON, and the documentation of both."""

import json
import logging
import re
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory

from mcp_server.digests import PREFIX
from mcp_server.logs import CALL_FIELDS, FIELDS, JsonLine
from mcp_server.models import MCPToken
from mcp_server.transport import queries
from tests.world import World

from .conftest import ROOT, MakeToken
from .protocol import HANDSHAKE, MODERN, Server, ask, bearer, call, conversation, request, routing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("trial_tools")]
CALLS = logging.getLogger("mcp_server.call")


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """What a handler with the formatter prints."""
    printed = StringIO()
    handler = logging.StreamHandler(printed)
    handler.setFormatter(JsonLine())
    CALLS.addHandler(handler)
    yield printed
    CALLS.removeHandler(handler)


def parsed(lines: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def line_of(message: str, **extra: Any) -> dict[str, Any]:
    record = logging.getLogger("django.request").makeRecord(
        "django.request", logging.ERROR, __file__, 1, message, (), None, extra=extra
    )
    found: dict[str, Any] = json.loads(JsonLine().format(record))
    return found


@pytest.mark.parametrize("era", [MODERN, HANDSHAKE])
def test_a_call_is_one_line_of_json(lines: StringIO, make_token: MakeToken, era: str) -> None:
    token: MCPToken = make_token()
    call(token.token, "rename_page", era, page_id=0, title="Two\nlines")
    (line,) = parsed(lines)
    assert set(line) == set(FIELDS) - {"resource", "prompt", "exc_info"}
    assert line["level"] == "INFO"
    assert line["logger"] == "mcp_server.call"
    assert line["request_id"] == "1"
    assert line["http_request_id"] is None
    assert line["trace_id"] is None
    assert line["token_id"] == token.pk
    assert line["user_id"] == token.user_id
    assert line["method"] == "tools/call"
    assert line["tool"] == "rename_page"
    assert line["outcome"] == "error"
    assert line["milliseconds"] > 0
    assert line["queries"] > 0
    assert str(token.token) not in lines.getvalue()
    assert "Two" not in lines.getvalue()


def test_the_time_is_utc_with_milliseconds(lines: StringIO, secret: str) -> None:
    call(secret, "count_up")
    text = parsed(lines)[0]["time"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
    assert datetime.fromisoformat(text).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("method", "params", "kind", "name", "outcome"),
    [
        ("resources/read", {"uri": "trial://greeting"}, "resource", "trial://greeting", "success"),
        ("resources/read", {"uri": "trial://plants/c4n4ry"}, "resource", "trial://plants/{name}",
         "success"),
        ("resources/read", {"uri": "trial://plants/none"}, "resource", "trial://plants/{name}",
         "refused"),
        ("resources/read", {"uri": "trial://c4n4ry"}, "resource", "unknown", "unknown"),
        ("prompts/get", {"name": "anything", "arguments": {"tone": "c4n4ry"}}, "prompt",
         "anything", "success"),
        ("prompts/get", {"name": "rename_it", "arguments": {}}, "prompt", "rename_it", "invalid"),
        ("prompts/get", {"name": "c4n4ry"}, "prompt", "unknown", "unknown"),
    ],
)  # fmt: skip
def test_what_is_read_is_logged_too(
    lines: StringIO,
    secret: str,
    method: str,
    params: dict[str, Any],
    kind: str,
    name: str,
    outcome: str,
) -> None:
    ask(secret, method, params)
    (line,) = parsed(lines)
    assert (line["method"], line[kind], line["outcome"]) == (method, name, outcome)
    assert "tool" not in line
    assert "c4n4ry" not in lines.getvalue()


@pytest.mark.parametrize(
    ("era", "method", "params", "kind", "name"),
    [
        (MODERN, "tools/call", {"name": "rename_page", "arguments": ["c4n4ry"]}, "tool",
         "rename_page"),
        (HANDSHAKE, "tools/call", {"name": "rename_page", "arguments": ["c4n4ry"]}, "tool",
         "rename_page"),
        (MODERN, "tools/call", {"name": "c4n4ry", "arguments": ["c4n4ry"]}, "tool", "unknown"),
        (HANDSHAKE, "tools/call", {"name": ["c4n4ry"]}, "tool", "unknown"),
        (HANDSHAKE, "resources/read", {"uri": ["c4n4ry"]}, "resource", "unknown"),
        (MODERN, "prompts/get", {"name": "rename_it", "arguments": ["c4n4ry"]}, "prompt",
         "unknown"),
    ],
)  # fmt: skip
def test_a_malformed_call_leaves_a_line(
    lines: StringIO,
    make_token: MakeToken,
    era: str,
    method: str,
    params: dict[str, Any],
    kind: str,
    name: str,
) -> None:
    token = make_token()
    assert "error" in ask(token.token, method, params, era)
    (line,) = parsed(lines)
    assert (line["method"], line[kind], line["outcome"]) == (method, name, "invalid")
    assert line["token_id"] == token.pk
    assert line["level"] == "INFO"
    assert "c4n4ry" not in lines.getvalue()


@pytest.mark.parametrize("method", ["tools/call", "resources/read", "prompts/get"])
def test_a_notification_is_no_call(lines: StringIO, secret: str, method: str) -> None:
    body = {"jsonrpc": "2.0", "method": method, "params": {"name": "rename_page"}}

    async def talk(server: Server) -> int:
        return (await server.post(json.dumps(body), bearer(secret))).status_code

    assert conversation(talk) == 202
    assert not parsed(lines)


@pytest.mark.parametrize(
    ("sent", "logged"),
    [
        ("b46daebba9ff5c06", "b46daebba9ff5c06"),
        ("x" * 300, "x" * 64),
        ("a\tb\x1b[31m", "ab[31m"),
        (f"Bearer {PREFIX}abc123", f"Bearer {PREFIX}…"),
    ],
)
def test_the_id_of_the_http_request(lines: StringIO, secret: str, sent: str, logged: str) -> None:
    params = {"name": "count_up", "arguments": {}}

    async def talk(server: Server) -> int:
        headers = {**bearer(secret), **routing("tools/call", params, MODERN), "X-Request-ID": sent}
        body = json.dumps(request("tools/call", params, MODERN))
        return (await server.post(body, headers)).status_code

    assert conversation(talk) == 200
    assert parsed(lines)[0]["http_request_id"] == logged


def test_the_queries_are_those_that_the_database_gets(
    lines: StringIO, secret: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole request is counted: the token's look-up, the tool, what is written about it."""
    seen = queries.Count()
    with connection.execute_wrapper(seen):
        call(secret, "rename_page", page_id=world.first.pk, title="Other")
    first = parsed(lines)[0]["queries"]
    assert first == seen.queries
    # Each call begins anew.
    call(secret, "who_am_i")
    assert 0 < parsed(lines)[1]["queries"] < first


def test_nothing_is_counted_that_nobody_reads(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CALLS, "disabled", True)
    wrapped: list[int] = []

    def look(*args: Any) -> int | None:
        wrapped.append(len(connection.execute_wrappers))
        return queries.so_far()

    with queries.counting():
        assert queries.counted(look) is None
    assert wrapped == [0]


def test_other_records_keep_their_attributes_to_themselves() -> None:
    """Django's hold the request, and its address may hold a secret."""
    asked = RequestFactory().get("/page/?token=c4n4ry")
    line = line_of("Internal Server Error: /page/", request=asked, status_code=500)
    assert set(line) == {"time", "level", "logger", "message"}
    assert "c4n4ry" not in str(line)


def test_a_traceback_stays_on_the_line() -> None:
    try:
        raise ValueError("x")
    except ValueError:
        record = CALLS.makeRecord("x", logging.ERROR, "", 1, "m", (), sys.exc_info())
    printed = JsonLine().format(record)
    assert "\n" not in printed
    assert json.loads(printed)["exc_info"].endswith("ValueError: x")


def test_every_field_is_documented_once_and_in_order() -> None:
    text = (ROOT / "docs" / "deploying.md").read_text()
    table = text.split("| Field | What it is |")[1].split("\n\n")[0]
    named = [name for row in re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
             for name in re.findall(r"`(\w+)`", row)]  # fmt: skip
    assert named == list(FIELDS)
    assert set(CALL_FIELDS) < set(FIELDS)
