"""A forwarder on loopback that adds the bearer token, which the suite has no option to send.

Everything else passes as it came, Host and Origin too, so that the server's own checks meet what
the suite sends.
"""

import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from tests.ports import free_port

METHODS = ["GET", "POST", "DELETE", "PUT", "OPTIONS"]
# They are about one connection and not about the message.
HOP_BY_HOP = frozenset({b"connection", b"keep-alive", b"transfer-encoding"})


def forwarder(target: str, secret: str) -> Starlette:
    """The ASGI application; ``target`` is the server's address without a path."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        # No time limit: streams stay open.
        async with httpx.AsyncClient(
            base_url=target, trust_env=False, timeout=httpx.Timeout(None)
        ) as client:
            yield {"client": client}

    async def forward(request: Request) -> StreamingResponse:
        client: httpx.AsyncClient = request.state.client
        headers = _passed(request.headers.raw)
        if "authorization" not in request.headers:
            headers.append((b"authorization", f"Bearer {secret}".encode()))
        url = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        asked = client.build_request(
            request.method, url, headers=headers, content=await request.body()
        )
        # What the client library adds of its own would not be what the suite sent.
        asked.headers = httpx.Headers(headers)
        answer = await client.send(asked, stream=True)
        response = StreamingResponse(
            answer.aiter_raw(), answer.status_code, background=BackgroundTask(answer.aclose)
        )
        response.raw_headers = _passed(answer.headers.raw)
        return response

    return Starlette(routes=[Route("/{path:path}", forward, methods=METHODS)], lifespan=lifespan)


def _passed(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name.lower() not in HOP_BY_HOP]


@contextmanager
def forwarding(target: str, secret: str) -> Iterator[str]:
    """The forwarder's own address while it runs."""
    port = free_port()
    # h11, because httpx does not send on the whitespace that httptools leaves after a header.
    config = uvicorn.Config(
        forwarder(target, secret),
        port=port, http="h11", log_level="warning", timeout_graceful_shutdown=2,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
