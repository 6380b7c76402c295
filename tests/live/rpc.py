"""Plain JSON-RPC over HTTP, as the protocol of 2026-07-28 has it: one request, one answer."""

import json
from typing import Any

import httpx

VERSION = "2026-07-28"
_META = {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


def post(
    url: str,
    secret: str | None,
    method: str,
    params: dict[str, Any] | None = None,
    client: httpx.Client | None = None,
) -> httpx.Response:
    """The raw HTTP answer to one request, over a connection of its own or the client's."""
    params = {**(params or {}), "_meta": _META}
    headers = _headers(secret) | {"Mcp-Method": method}
    if "name" in params:
        headers["Mcp-Name"] = str(params["name"])
    elif "uri" in params:
        headers["Mcp-Name"] = str(params["uri"])
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    if client is not None:
        return client.post(url, json=body, headers=headers)
    return httpx.post(url, json=body, headers=headers, trust_env=False, timeout=60)


def post_raw(url: str, secret: str | None, content: bytes | str) -> httpx.Response:
    """The answer to a body that need not be JSON at all."""
    return httpx.post(url, content=content, headers=_headers(secret), trust_env=False, timeout=60)


def result(answer: httpx.Response) -> dict[str, Any]:
    """The result, or the error, of a JSON-RPC answer, streamed or not."""
    text = answer.text
    if answer.headers.get("content-type", "").startswith("text/event-stream"):
        lines = [
            line[5:] for line in text.splitlines() if line.startswith("data:") and line[5:].strip()
        ]
        text = lines[-1]
    message: dict[str, Any] = json.loads(text)
    found: dict[str, Any] = message.get("result") or message["error"]
    return found


def call(url: str, secret: str | None, tool: str, /, **arguments: Any) -> dict[str, Any]:
    """The result of one tool call."""
    return result(post(url, secret, "tools/call", {"name": tool, "arguments": arguments}))


def _headers(secret: str | None) -> dict[str, str]:
    headers = {
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
        "MCP-Protocol-Version": VERSION,
    }
    return headers | ({"Authorization": f"Bearer {secret}"} if secret else {})
