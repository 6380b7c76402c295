"""One ASGI application for the site: MCP under ``/mcp``, Django everywhere else."""

import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from fastmcp import FastMCP
from fastmcp.server.http import StarletteWithLifespan, create_sse_app
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_server.conf import mcp_settings, require_auth
from mcp_server.rates import current_rates

from .auth import MCPTokenVerifier
from .hosts import allowed_hosts, allowed_origins
from .identity import from_bearer, from_settings
from .metrics import forget_dead_processes, metrics
from .observe import CountSessions
from .queries import CountQueries
from .refusals import ExplainRefusals
from .server import build_server

MCP_PATH = "/mcp"
SSE_PATH = "/mcp/sse"

# Answered in place: a redirect loses the body or the token with some clients.
_SPELLINGS = {
    MCP_PATH: f"{MCP_PATH}/",
    SSE_PATH: f"{SSE_PATH}/",
    f"{MCP_PATH}/health/": f"{MCP_PATH}/health",
    f"{MCP_PATH}/metrics/": f"{MCP_PATH}/metrics",
}

Build = Callable[..., FastMCP[Any]]
# Looser than Starlette's own type, which Django's handler does not quite fit.
Application = Callable[[Any, Any, Any], Awaitable[None]]


def get_asgi_application(
    django_app: Application | None = None, *, build: Build = build_server
) -> ASGIApp:
    """The application that an ASGI server runs.

    ``django_app`` answers whatever is not MCP; without one, only MCP is served. Its protocol
    types, websockets included, reach it untouched. Raises ImproperlyConfigured when the site
    asks for no authentication outside DEBUG, or has no SECRET_KEY.
    """
    # Django reads the key on first use: a site without one would start, call itself healthy
    # and fail on every call.
    _ = settings.SECRET_KEY
    server = _server(build)
    guard: dict[str, Any] = {
        "host_origin_protection": True,
        "allowed_hosts": allowed_hosts(),
        "allowed_origins": allowed_origins(),
        "middleware": [Middleware(CountSessions)],
    }
    http = server.http_app(path="/", stateless_http=True, json_response=False, **guard)
    sse = create_sse_app(server, message_path="/messages/", sse_path="/", auth=server.auth, **guard)
    app = Starlette(routes=_routes(server, http, sse), lifespan=_lifespans(http, sse))
    app.router.redirect_slashes = False
    if django_app is not None:
        app.router.default = django_app
    return Entrance(app)


class Entrance:
    """The site's front door: settles the spelling of our own paths."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            root = scope.get("root_path", "")
            if spelling := _SPELLINGS.get(scope["path"].removeprefix(root)):
                full = root + spelling
                scope = {**scope, "path": full, "raw_path": full.encode()}
        await self._app(scope, receive, send)


class SettleHeaders:
    """Headers as they are meant: without whitespace around a value, and without a session.

    uvicorn with httptools leaves what follows a value, and a token or a method with it would not
    be the one that is meant: https://www.rfc-editor.org/rfc/rfc9110#section-5.5. No transport here
    gives out a session id; what a client makes up would only stand in FastMCP's spans.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [
            (name, value.strip(b" \t"))
            for name, value in scope.get("headers", ())
            if name != b"mcp-session-id"
        ]
        await self._app({**scope, "headers": headers}, receive, send)


async def health(request: Request) -> JSONResponse:
    """Whether the process answers; nothing about what is behind it."""
    return JSONResponse({"status": "ok"})


def _server(build: Build) -> FastMCP[Any]:
    if require_auth():
        # Checks do not run under an ASGI server: a limit that cannot be read is said here.
        current_rates()
        return build(auth=MCPTokenVerifier(), identity=from_bearer)
    if not settings.DEBUG or not mcp_settings().DEV_USER:
        raise ImproperlyConfigured(
            "MCP_REQUIRE_AUTH = False works with DEBUG and MCP_SERVER['DEV_USER'] only. "
            "Remove it, and issue a token in the Wagtail admin."
        )
    return build(identity=from_settings)


def _routes(
    server: FastMCP[Any], http: StarletteWithLifespan, sse: StarletteWithLifespan
) -> list[BaseRoute]:
    well_known = server.auth.get_well_known_routes("/") if server.auth else []
    return [
        Route(f"{MCP_PATH}/health", health),
        Route(f"{MCP_PATH}/metrics", metrics),
        *well_known,
        # The longer path first.
        Mount(SSE_PATH, app=SettleHeaders(ExplainRefusals(CountQueries(sse)))),
        Mount(MCP_PATH, app=SettleHeaders(ExplainRefusals(CountQueries(http)))),
    ]


def _lifespans(
    *apps: StarletteWithLifespan,
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """A mounted application's own lifespan does not run by itself."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for app in apps:
                await stack.enter_async_context(app.lifespan(app))
            forget_dead_processes()
            spare_the_collector()
            yield

    return lifespan


@cache
def spare_the_collector() -> None:
    """Tell Python's collector, once per process, that what is loaded by now stays.

    It would look through all of Django and Wagtail every few hundred calls: a pause of a quarter
    of a second for everybody. https://docs.python.org/3/library/gc.html#gc.freeze
    """
    gc.collect()
    gc.freeze()
