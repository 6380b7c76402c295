"""Speaking MCP to the application without a server in between."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import httpx
from asgiref.sync import async_to_sync
from mcp.shared.inbound import encode_header_value
from starlette.types import ASGIApp, Message

from mcp_server.transport.mount import get_asgi_application

T = TypeVar("T")

MODERN = "2026-07-28"
HANDSHAKE = "2025-11-25"
META = "io.modelcontextprotocol/"
BASE_URL = "http://testserver"
JSON_HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json, text/event-stream",
}


def bearer(secret: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"} if secret is not None else {}


class Server:
    """The application, answering one request at a time."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.http = client

    async def post(
        self, body: str | bytes, headers: dict[str, str] | None = None, path: str = "/mcp/"
    ) -> httpx.Response:
        sent = {**JSON_HEADERS, **(headers or {})}
        return await self.http.post(path, content=body, headers=sent)

    async def ask(
        self,
        secret: str | None,
        method: str,
        params: dict[str, Any] | None = None,
        era: str = HANDSHAKE,
    ) -> dict[str, Any]:
        """The JSON-RPC reply, whichever way it was sent."""
        response = await self.post(
            json.dumps(request(method, params, era)),
            {**bearer(secret), **routing(method, params, era)},
        )
        return reply(response)

    async def call(
        self, secret: str | None, tool: str, era: str = HANDSHAKE, **arguments: Any
    ) -> dict[str, Any]:
        """The result of a tool call."""
        answer = await self.ask(secret, "tools/call", {"name": tool, "arguments": arguments}, era)
        result: dict[str, Any] = answer["result"]
        return result


def request(method: str, params: dict[str, Any] | None, era: str) -> dict[str, Any]:
    message: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": method}
    if era == MODERN:
        meta = {
            f"{META}protocolVersion": MODERN,
            f"{META}clientCapabilities": {},
            f"{META}clientInfo": {"name": "tester", "version": "9.9"},
        }
        return {**message, "params": {**(params or {}), "_meta": meta}}
    return {**message, "params": params} if params is not None else message


def routing(method: str, params: dict[str, Any] | None, era: str) -> dict[str, str]:
    """The headers that a modern client repeats method and name in."""
    headers = {"MCP-Protocol-Version": era}
    if era == MODERN:
        headers["Mcp-Method"] = method
        name = (params or {}).get("name") or (params or {}).get("uri")
        if name:
            headers["Mcp-Name"] = encode_header_value(name) if isinstance(name, str) else name
    return headers


def reply(response: httpx.Response) -> dict[str, Any]:
    text = response.text
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        # Not splitlines(): JSON may hold U+2028 and U+0085 as they are.
        text = next(line[5:] for line in text.split("\n") if line.startswith("data:"))
    data: dict[str, Any] = json.loads(text)
    return data


def text_of(result: dict[str, Any]) -> str:
    text: str = result["content"][0]["text"]
    return text


@asynccontextmanager
async def served(app: ASGIApp, *, client: str = "127.0.0.1") -> AsyncIterator[Server]:
    transport = httpx.ASGITransport(app, client=(client, 4711))
    async with lifespan(app), httpx.AsyncClient(transport=transport, base_url=BASE_URL) as http:
        yield Server(http)


@asynccontextmanager
async def lifespan(app: ASGIApp) -> AsyncIterator[None]:
    """What an ASGI server does before the first request and after the last one."""
    inbox: asyncio.Queue[Message] = asyncio.Queue()
    outbox: asyncio.Queue[Message] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task = asyncio.create_task(_run(app, scope, inbox, outbox))
    await inbox.put({"type": "lifespan.startup"})
    assert (await outbox.get())["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        await inbox.put({"type": "lifespan.shutdown"})
        assert (await outbox.get())["type"] == "lifespan.shutdown.complete"
        await task


async def _run(
    app: ASGIApp, scope: Any, inbox: asyncio.Queue[Message], outbox: asyncio.Queue[Message]
) -> None:
    await app(scope, inbox.get, outbox.put)


def conversation(
    talk: Callable[[Server], Awaitable[T]], app: ASGIApp | None = None, **options: Any
) -> T:
    """What ``talk`` returns; database work happens in this thread, inside its transaction."""

    async def held() -> T:
        async with served(app or get_asgi_application(), **options) as server:
            return await talk(server)

    return async_to_sync(held)()


def ask(secret: str | None, method: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """One request in a conversation of its own."""
    return conversation(partial(_ask, secret, method, args, kwargs))


async def _ask(
    secret: str | None, method: str, args: Any, kwargs: Any, server: Server
) -> dict[str, Any]:
    return await server.ask(secret, method, *args, **kwargs)


def call(secret: str | None, tool: str, era: str = HANDSHAKE, **arguments: Any) -> dict[str, Any]:
    """One tool call in a conversation of its own."""
    answer = ask(secret, "tools/call", {"name": tool, "arguments": arguments}, era)
    result: dict[str, Any] = answer["result"]
    return result
