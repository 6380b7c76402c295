"""The ways to call a tool: as a function, through a client in memory, over HTTP."""

import ssl
from asyncio import gather
from collections.abc import Awaitable, Callable
from functools import cache, partial
from typing import Any

import httpx
from fastmcp import Client, FastMCP

from mcp_server.registry import registry
from mcp_server.results import compact
from mcp_server.transport.identity import FromSecret
from mcp_server.transport.server import build_server

from .cases import READ_PAGE, Case, Visitor, learn
from .measure import Figures, Limits, QueryCounter, measured, measured_together
from .site import Site

VERSION = "2026-07-28"
# Loading the system's certificates takes each client 30 ms, and loopback has no TLS.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
Call = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]


def as_function(site: Site, case: Case, limits: Limits, counter: QueryCounter) -> Figures:
    """The tool's own work: no protocol, no transport, no token."""
    visitor = site.visitor()

    def once(what: Case) -> None:
        spec = registry.get(what.tool)
        assert spec is not None
        learn(what, visitor, compact(spec.func(site.actor, **what.arguments(visitor))))

    once(READ_PAGE)
    return measured(partial(once, case), limits, counter)


async def in_memory(site: Site, case: Case, limits: Limits, counter: QueryCounter) -> Figures:
    """The whole server with its token check, gate and threads, without a socket."""
    async with Client(_server(site.secret)) as client:

        async def call(tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
            answer = await client.call_tool(tool, arguments)
            return answer.structured_content or {}

        return await _clients([call], [site.visitor()], case, limits, counter)


@cache
def _server(secret: str) -> "FastMCP[Any]":
    # Once: making the schemas of all tools is no part of a call.
    return build_server(identity=FromSecret(secret))


async def over_http(site: Site, url: str, clients: int, case: Case, limits: Limits) -> Figures:
    """Requests of the sessionless protocol, each client with a connection of its own."""
    connections = [
        httpx.AsyncClient(
            headers=_headers(site.secret), trust_env=False, timeout=30, verify=NO_CERTIFICATES
        )
        for _ in range(clients)
    ]
    try:
        calls: list[Call] = [partial(_post, connection, url) for connection in connections]
        visitors = [site.visitor(number) for number in range(clients)]
        return await _clients(calls, visitors, case, limits)
    finally:
        for connection in connections:
            await connection.aclose()


async def _clients(
    calls: list[Call],
    visitors: list[Visitor],
    case: Case,
    limits: Limits,
    counter: QueryCounter | None = None,
) -> Figures:
    async def once(call: Call, visitor: Visitor, what: Case) -> None:
        learn(what, visitor, await call(what.tool, what.arguments(visitor)))

    pairs = list(zip(calls, visitors, strict=True))
    await gather(*(once(call, visitor, READ_PAGE) for call, visitor in pairs))
    return await measured_together(
        [partial(once, call, visitor, case) for call, visitor in pairs], limits, counter
    )


async def _post(
    connection: httpx.AsyncClient, url: str, tool: str, arguments: dict[str, Any]
) -> dict[str, Any]:
    meta = {
        "io.modelcontextprotocol/protocolVersion": VERSION,
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    params = {"name": tool, "arguments": arguments, "_meta": meta}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    answer = await connection.post(url, json=message, headers={"Mcp-Name": tool})
    result: dict[str, Any] = answer.raise_for_status().json()["result"]
    if result.get("isError"):
        raise RuntimeError(f"{tool}: {result['content'][0]['text']}")
    structured: dict[str, Any] = result["structuredContent"]
    return structured


def _headers(secret: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {secret}",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": VERSION,
        "Mcp-Method": "tools/call",
    }
