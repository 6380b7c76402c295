"""One metric and one log record per tool call; never arguments, never secrets."""

import logging
from asyncio import CancelledError
from collections.abc import Iterable
from time import perf_counter
from typing import Any

from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp_types import CallToolRequestParams
from starlette.types import ASGIApp, Receive, Scope, Send

from . import metrics
from .answer import SUCCESS
from .context import known_actor

logger = logging.getLogger("mcp_server.call")

UNKNOWN = "unknown"
# What an admin should look at; everything else that is not a success is a refusal.
FAULTS = frozenset({"error", "unavailable"})
CANCELLED = "cancelled"
MAX_REQUEST_ID = 64


class Observe(Middleware):
    """Measures every tool call. Names that are not registered share the label ``unknown``."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)

    async def on_call_tool(
        self,
        context: MiddlewareContext[CallToolRequestParams],
        call_next: CallNext[CallToolRequestParams, Any],
    ) -> Any:
        name = context.message.name
        tool = name if name in self._names else UNKNOWN
        started = perf_counter()
        outcome = "error"
        try:
            result = await call_next(context)
            outcome = outcome_of(result)
            return result
        except CancelledError:
            outcome = CANCELLED
            raise
        finally:
            record(context, tool, outcome, perf_counter() - started)


def outcome_of(result: Any) -> str:
    """How a call ended; a tool written straight for FastMCP only says whether it failed."""
    default = "error" if getattr(result, "is_error", False) else SUCCESS
    return str(getattr(result, "outcome", default))


def status_of(outcome: str) -> str:
    """The metric's word for an outcome: success, refused, error or cancelled."""
    if outcome in (SUCCESS, CANCELLED):
        return outcome
    return "error" if outcome in FAULTS else "refused"


def record(context: MiddlewareContext[Any], tool: str, outcome: str, seconds: float) -> None:
    """Count the call and log it."""
    metrics.CALLS.labels(tool, status_of(outcome)).inc()
    metrics.DURATION.labels(tool).observe(seconds)
    actor = known_actor()
    fields = {
        "request_id": _request_id(context),
        "token_id": actor.token.pk if actor and actor.token else None,
        "user_id": actor.user.pk if actor else None,
        "tool": tool,
        "outcome": outcome,
        "milliseconds": round(seconds * 1000, 1),
    }
    logger.info(
        "%(tool)s %(outcome)s in %(milliseconds)s ms, user %(user_id)s, token %(token_id)s",
        fields,
        extra=fields,
    )


def _request_id(context: MiddlewareContext[Any]) -> str:
    ctx = context.fastmcp_context
    if ctx is None or ctx.request_context is None:
        return ""
    # The client chooses it.
    return "".join(char for char in ctx.request_id if char.isprintable())[:MAX_REQUEST_ID]


class CountSessions:
    """Counts the authenticated requests and streams that are open now.

    A stateless server has no sessions to count; what it holds are requests in flight, some of
    them streaming, and the long-lived streams of clients that use SSE.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Without authentication there is no user in the scope, and everybody is let in.
        if not isinstance(scope.get("user"), AuthenticatedUser | None):
            await self.app(scope, receive, send)
            return
        with metrics.SESSIONS.track_inprogress():
            await self.app(scope, receive, send)
