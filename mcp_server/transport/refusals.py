"""Refusals of the HTTP layer in sentences: FastMCP and the SDK answer with bare status texts."""

import json
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import metrics
from .answer import compact_json, protocol_error
from .identity import BAD_TOKEN, NO_TOKEN

SENTENCES = {
    400: "The request needs the header Content-Type: application/json.",
    403: (
        "Web pages from this origin may not call this server. "
        "Add the origin to MCP_SERVER['ALLOWED_ORIGINS'] to allow it."
    ),
    404: (
        "There is nothing here, or an SSE stream that has ended or that another process holds. "
        "Connect again, to /mcp/ or, with SSE, to /mcp/sse/."
    ),
    405: (
        "Send each JSON-RPC message in a POST request to /mcp/. Only clients that use SSE begin "
        "with a GET request, to /mcp/sse/."
    ),
    406: "The request needs the header Accept: application/json, text/event-stream.",
    413: (
        "The request is larger than 4 MiB, the most that one call may send. "
        "A picture sent as data can have about 3 MiB: make it smaller and call again."
    ),
    421: (
        "This server does not answer for that host name. "
        "Add the name to MCP_SERVER['ALLOWED_HOSTS'] to allow it."
    ),
}
_EXPLAINED = frozenset({401, *SENTENCES})
NO_STREAM = "A message to an SSE stream needs the session_id that the stream began with."
NO_ID = "The id of a request is a text or a whole number. Nothing was done; send it again."
NOT_A_MESSAGE = "The body must be one JSON-RPC request or notification object."
# The SDK's texts for it; the first is followed by pydantic's, which repeats what was sent.
_NO_MESSAGE = (b'"message":"Validation error', b"Could not parse message")


class ExplainRefusals:
    """Gives the HTTP refusals a body that says what to do; counts requests without a token."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        explained = _Explained(scope, receive, send)
        await self.app(scope, explained.receive, explained)


class _Explained:
    """An ASGI ``send`` that replaces the body of a response with such a status."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._sent: list[bytes] | None = []
        self._no_id = False
        self._start: Message | None = None
        self._original = b""

    async def receive(self) -> Message:
        """The request's next part, which is kept until the answer begins."""
        message = await self._receive()
        if self._sent is not None:
            self._sent.append(message.get("body", b""))
        return message

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif self._start is None:
            await self._send(message)
        else:
            self._original += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _begin(self, start: Message) -> None:
        sent, self._sent = self._sent or [], None
        if start["status"] == 202 and _has_no_id(b"".join(sent)):
            self._no_id, start = True, {**start, "status": 400}
        if start["status"] in _EXPLAINED:
            # Held back until its body is known, because its length changes.
            self._start = start
        else:
            await self._send(start)

    async def _finish(self, start: Message) -> None:
        body = self._body(start)
        if body is None:
            await self._send(start)
            body = self._original
        else:
            await self._send({**start, "headers": self._headers(start, body)})
        await self._send({"type": "http.response.body", "body": body})

    def _body(self, start: Message) -> bytes | None:
        """The sentence; None where the original body has one, as JSON."""
        if start["status"] == 401:
            return self._unauthorised()
        if self._no_id:
            return _body_of(NO_ID)
        if any(text in self._original for text in _NO_MESSAGE):
            return _body_of(NOT_A_MESSAGE)
        if start["status"] == 400 and b"session" in self._original.lower():
            return _body_of(NO_STREAM)
        content_type = Headers(raw=list(start.get("headers", []))).get("content-type", "")
        is_json = content_type.partition(";")[0].strip() == "application/json"
        return None if is_json else _body_of(SENTENCES[start["status"]])

    def _unauthorised(self) -> bytes:
        if _has_bearer(self._scope):
            return _body_of(BAD_TOKEN)
        metrics.AUTH_FAILURES.labels("missing").inc()
        return _body_of(NO_TOKEN)

    def _headers(self, message: Message, body: bytes) -> list[tuple[bytes, bytes]]:
        headers = MutableHeaders(raw=list(message.get("headers", [])))
        headers["content-type"] = "application/json"
        headers["content-length"] = str(len(body))
        if challenge := headers.get("www-authenticate"):
            # FastMCP's own text promises that the client registers itself again.
            headers["www-authenticate"] = re.sub(
                r'error_description="[^"]*"', f'error_description="{BAD_TOKEN}"', challenge
            )
        return headers.raw


def _has_no_id(body: bytes) -> bool:
    """Whether a message was taken for a notification because its id is none that is allowed.

    https://www.jsonrpc.org/specification#request_object
    """
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return False
    asks = isinstance(message, dict) and {"id", "method"} <= message.keys()
    return asks and type(message["id"]) not in (str, int)


def _has_bearer(scope: Scope) -> bool:
    return Headers(scope=scope).get("authorization", "").lower().startswith("bearer ")


def _body_of(message: str) -> bytes:
    return compact_json(protocol_error(message)).encode()
