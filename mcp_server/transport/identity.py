"""Who a request acts for: three ways to know, and the middleware that asks once per request."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError
from fastmcp.server.dependencies import get_access_token
from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_REQUEST

from mcp_server.actor import Actor
from mcp_server.conf import mcp_settings
from mcp_server.errors import explain
from mcp_server.tokens import MCPAuthError, resolve_mcp_user

from . import metrics, queries, runner
from .auth import EditorToken
from .context import acting_as

Identity = Callable[[], Awaitable[Actor]]

NO_TOKEN = "This server needs a bearer token. An admin can issue one under MCP tokens in Wagtail."  # noqa: S105
BAD_TOKEN = (
    "The token is unknown, expired or revoked, or its user is inactive. "  # noqa: S105
    "An admin can issue a new one under MCP tokens in Wagtail."
)


async def from_bearer() -> Actor:
    """HTTP: the token that the request was let in with, checked a moment ago."""
    token = get_access_token()
    if not isinstance(token, EditorToken):
        raise MCPError(code=INVALID_REQUEST, message=NO_TOKEN)
    return token.actor


@dataclass(frozen=True)
class FromSecret:
    """stdio: one token for the whole process, checked anew for every request.

    A token that is revoked or expires stops working at once, as it does over HTTP.
    """

    secret: str = field(repr=False)

    async def __call__(self) -> Actor:
        try:
            user, row = await runner.run(partial(resolve_mcp_user, self.secret))
        except MCPAuthError as refused:
            metrics.AUTH_FAILURES.labels(refused.reason).inc()
            raise MCPError(code=INVALID_REQUEST, message=BAD_TOKEN) from None
        except (OperationalError, InterfaceError) as error:
            raise MCPError(code=INTERNAL_ERROR, message=explain(error)[1]) from None
        return Actor(user, row)


async def from_settings() -> Actor:
    """``MCP_REQUIRE_AUTH = False``: every request acts for ``MCP_SERVER["DEV_USER"]``."""
    return await runner.run(dev_actor)


def dev_actor() -> Actor:
    """The development user; raises ImproperlyConfigured when it must not or cannot be used."""
    name = mcp_settings().DEV_USER
    if not settings.DEBUG or not name:
        raise ImproperlyConfigured(
            "MCP_REQUIRE_AUTH = False works with DEBUG and MCP_SERVER['DEV_USER'] only."
        )
    model: Any = get_user_model()
    user = model._default_manager.filter(**{model.USERNAME_FIELD: name, "is_active": True}).first()
    if user is None:
        raise ImproperlyConfigured(f"MCP_SERVER['DEV_USER']: no active user is called {name!r}.")
    return Actor(user)


class Identify(Middleware):
    """Settles who a request acts for before anything else looks at it."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def __call__(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        if context.type != "request":
            return await call_next(context)
        with queries.counting():
            actor = await self._identity()
            with acting_as(actor):
                return await call_next(context)
