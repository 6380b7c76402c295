"""Real clients against a real server process: HTTP in both eras, SSE and stdio."""

import json
import os
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio
import httpx
import pytest
from fastmcp import Client
from fastmcp.client.transports import SSETransport, StdioTransport, StreamableHttpTransport

from mcp_server.conf import MCPSettings
from mcp_server.transport.refusals import NO_ID, NOT_A_MESSAGE
from tests.live import rpc

from .conftest import ROOT, LiveSite
from .protocol import JSON_HEADERS, bearer

Connect = Callable[[LiveSite, str], AbstractAsyncContextManager[Any]]


def modern(live: LiveSite, secret: str) -> Any:
    return Client(StreamableHttpTransport(live.mcp, headers=bearer(secret)))


def handshake(live: LiveSite, secret: str) -> Any:
    return Client(StreamableHttpTransport(live.mcp, headers=bearer(secret)), mode="legacy")


def sse(live: LiveSite, secret: str) -> Any:
    return Client(SSETransport(f"{live.mcp}sse/", headers=bearer(secret)))


def stdio(live: LiveSite, secret: str) -> Any:
    environment = {**live.environment, "MCP_TOKEN": secret}
    command = ["manage.py", "run_mcp", "--transport", "stdio"]
    return Client(StdioTransport(sys.executable, command, env=environment, cwd=str(ROOT)))


CLIENTS = [modern, handshake, sse, stdio]


@pytest.mark.parametrize("connect", CLIENTS)
def test_an_editor_drafts(live: LiveSite, connect: Connect) -> None:
    title = f"Drafted by {getattr(connect, '__name__', '')}"

    async def talk() -> tuple[list[str], Any, Any]:
        async with connect(live, live.tokens["editor"]) as client:
            names = [tool.name for tool in await client.list_tools()]
            arguments = {"parent_id": live.pages["blog"], "title": title, "body": "# A\n\nB"}
            made = await client.call_tool("create_blog_post", arguments)
            read = await client.call_tool(
                "get_page_content", {"page_id": made.structured_content["id"]}
            )
            return names, made.structured_content, read.structured_content

    names, made, read = anyio.run(talk)
    assert "create_blog_post" in names
    assert made["status"] == "draft"
    assert read["title"] == title
    history = live.shell(
        "from wagtail.models import PageLogEntry\n"
        f"e = PageLogEntry.objects.get(page_id={made['id']}, action='mcp_server.call')\n"
        "print(e.user.username, e.data['tool'], e.data['token'], e.revision_id, sep='|')"
    )
    assert history.strip() == f"editor|create_blog_post|editor's token|{made['revision_id']}"


@pytest.mark.parametrize("connect", CLIENTS)
def test_a_refusal_reads_the_same_everywhere(live: LiveSite, connect: Connect) -> None:
    async def talk() -> str:
        async with connect(live, live.tokens["editor"]) as client:
            result = await client.call_tool(
                "get_page_content", {"page_id": "x"}, raise_on_error=False
            )
            assert result.is_error
            return str(result.content[0].text)

    assert anyio.run(talk) == (
        "get_page_content was not run. Correct this and call again:\n"
        "page_id: must be a whole number"
    )


@pytest.mark.parametrize("connect", [modern, handshake, sse])
def test_a_revoked_token_does_not_connect(live: LiveSite, connect: Connect) -> None:
    async def talk() -> None:
        async with connect(live, live.tokens["revoked"]) as client:
            await client.list_tools()

    with pytest.raises(Exception, match=r"expired or revoked|401"):
        anyio.run(talk)


def test_many_at_once(live: LiveSite) -> None:
    """More clients than threads, all writing."""
    made: list[int] = []

    async def one(number: int) -> None:
        async with modern(live, live.tokens["editor"]) as client:
            arguments = {"parent_id": live.pages["blog"], "title": f"Many {number}", "body": "x"}
            result = await client.call_tool("create_blog_post", arguments)
            made.append(result.structured_content["id"])

    async def talk() -> None:
        async with anyio.create_task_group() as group:
            for number in range(20):
                group.start_soon(one, number)

    anyio.run(talk)
    assert len(set(made)) == 20


def test_the_server_keeps_no_more_connections_than_threads(live: LiveSite) -> None:
    """SQLite's connections are file handles; each worker thread may keep one for its next call."""
    if not os.path.isdir("/proc"):
        pytest.skip("needs /proc to see the server's open files")

    async def talk() -> None:
        async with modern(live, live.tokens["editor"]) as client:
            for _ in range(10):
                await client.call_tool("get_page_tree", {})

    anyio.run(talk)
    database = live.environment["DATABASE_URL"].removeprefix("sqlite:///")
    holders = [
        link
        for process in filter(str.isdigit, os.listdir("/proc"))
        if "uvicorn" in _command(process)
        for link in _open_files(process)
        if link == database
    ]
    assert 0 < len(holders) <= MCPSettings().THREADS


def _command(process: str) -> str:
    try:
        with open(f"/proc/{process}/cmdline") as file:
            return file.read()
    except OSError:
        return ""


def _open_files(process: str) -> list[str]:
    folder = f"/proc/{process}/fd"
    try:
        return [os.readlink(f"{folder}/{name}") for name in os.listdir(folder)]
    except OSError:
        return []


def test_the_site_answers_beside_it(live: LiveSite) -> None:
    response = httpx.get(f"{live.url}/blog/", headers={"Host": "testserver"}, timeout=60)
    assert response.status_code == 200
    assert "text/html" in response.headers["content-type"]


def test_a_message_to_an_sse_stream_is_accepted_or_refused_in_words(live: LiveSite) -> None:
    """Its answer comes on the stream; what has none is refused at once."""
    headers = {**bearer(live.tokens["editor"]), "Content-Type": "application/json"}
    ping = '{{"jsonrpc":"2.0","id":{},"method":"ping"}}'
    with (
        httpx.Client(base_url=live.url, headers=headers, timeout=60) as client,
        client.stream("GET", "/mcp/sse/") as stream,
    ):
        lines = (line[5:].strip() for line in stream.iter_lines() if line.startswith("data:"))
        address = next(lines)
        assert client.post(address, content=ping.format(7)).status_code == 202
        assert json.loads(next(lines)) == {"jsonrpc": "2.0", "id": 7, "result": {}}
        noted = '{"jsonrpc":"2.0","method":"notifications/initialized"}'
        assert client.post(address, content=noted).status_code == 202
        refused = {
            body: client.post(address, content=body).json()["error"]["message"]
            for body in (ping.format("null"), ping.format("1.0"), "this is no JSON", '"text"')
        }
    assert [*refused.values()] == [NO_ID, NO_ID, NOT_A_MESSAGE, NOT_A_MESSAGE]


def test_secrets_are_in_no_log(live: LiveSite) -> None:
    """The server logs everything it can (trace level) on every path that a secret can take."""
    secret = live.tokens["editor"]
    rpc.call(live.mcp, secret, "get_page_tree")
    wrong = secret[:-1] + ("a" if secret[-1] != "a" else "b")
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    for given in (secret, wrong, live.tokens["revoked"], "c4n4ry-secret"):
        httpx.post(live.mcp, json=body, headers={**JSON_HEADERS, **bearer(given)}, timeout=60)
        httpx.post(live.mcp, content="{", headers={**JSON_HEADERS, **bearer(given)}, timeout=60)
        httpx.get(f"{live.mcp}metrics", headers=bearer(given), timeout=60)
        httpx.get(f"{live.mcp}sse/messages/", headers=bearer(given), timeout=60)
    text = live.log.read_text()
    assert "ASGI" in text
    assert "get_page_tree success" in text
    assert "Handler called" in text
    for given in (*live.tokens.values(), wrong, "c4n4ry-secret"):
        assert given not in text


def test_secrets_are_in_no_database_file(live: LiveSite) -> None:
    database = live.environment["DATABASE_URL"].removeprefix("sqlite:///")
    for name in (database, f"{database}-wal"):
        if os.path.exists(name):
            with open(name, "rb") as file:
                content = file.read()
            assert not [s for s in live.tokens.values() if s.encode() in content]


def test_the_health_address_is_open(live: LiveSite) -> None:
    assert json.loads(httpx.get(f"{live.mcp}health", timeout=60).text) == {"status": "ok"}
