"""One log record per call, for tools a metric, too; never arguments, never secrets."""

import logging
from asyncio import CancelledError
from collections.abc import Iterable, Mapping
from time import perf_counter
from typing import Any

from fastmcp.exceptions import DisabledError, NotFoundError
from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp_types import CallToolRequestParams, GetPromptRequestParams, ReadResourceRequestParams
from opentelemetry import trace
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_server.guides import Guides

from . import metrics, report
from .answer import SUCCESS
from .gate import matches
from .report import CANCELLED, UNKNOWN

logger = logging.getLogger("mcp_server.call")

# What a message asks for that did not become the parameters of its method.
MALFORMED = {"tools/call": "tool", "resources/read": "resource", "prompts/get": "prompt"}


class Observe(Middleware):
    """Measures what tools, resources and prompts do.

    Names that are not registered are all called ``unknown``, and a resource by its declared
    address: what a client types is in no label and no record.
    """

    def __init__(self, tools: Iterable[str], guides: Guides) -> None:
        self._tools = frozenset(tools)
        self._guides = guides

    async def __call__(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        match context.message:
            case CallToolRequestParams(name=name):
                return await observed(context, call_next, "tool", self._tool(name))
            case ReadResourceRequestParams(uri=uri):
                return await observed(context, call_next, "resource", self._declared(str(uri)))
            case GetPromptRequestParams(name=name):
                prompt = self._guides.prompt(name)
                known = prompt.name if prompt else UNKNOWN
                return await observed(context, call_next, "prompt", known)
        kind = MALFORMED.get(context.method or "") if context.type == "request" else None
        if kind is None:
            return await call_next(context)
        named = context.message.get("name") if isinstance(context.message, Mapping) else None
        tool = self._tool(named) if kind == "tool" else UNKNOWN
        return await observed(context, call_next, kind, tool, "invalid")

    def _tool(self, name: Any) -> str:
        return name if isinstance(name, str) and name in self._tools else UNKNOWN

    def _declared(self, address: str) -> str:
        specs = self._guides.resources()
        return next((spec.uri for spec in specs if matches(spec.uri, address)), UNKNOWN)


async def observed(
    context: MiddlewareContext[Any],
    call_next: CallNext[Any, Any],
    kind: str,
    name: str,
    failed: str = "error",
) -> Any:
    """What the call answers; tells of it when it has ended, in whichever way.

    ``failed`` is the outcome of an exception that names none.
    """
    outcome = failed
    started = perf_counter()
    try:
        result = await call_next(context)
        outcome = outcome_of(result)
        return result
    except (Exception, CancelledError) as error:
        outcome = outcome_of_error(error, failed)
        raise
    finally:
        tell(context, kind, name, outcome, perf_counter() - started)


def outcome_of(result: Any) -> str:
    """How a call ended; a tool written straight for FastMCP only says whether it failed."""
    default = "error" if getattr(result, "is_error", False) else SUCCESS
    return str(getattr(result, "outcome", default))


def outcome_of_error(error: BaseException, failed: str = "error") -> str:
    """How a call ended that has no result."""
    if isinstance(error, CancelledError):
        return CANCELLED
    if isinstance(error, NotFoundError | DisabledError):
        return UNKNOWN
    return str(getattr(error, "outcome", failed))


def tell(
    context: MiddlewareContext[Any], kind: str, name: str, outcome: str, seconds: float
) -> None:
    """Log the call, mark its span, and count it where it called a tool."""
    fields = report.fields_of(context, kind, name, outcome, seconds)
    report.mark(trace.get_current_span(), fields, kind)
    if kind == "tool":
        report.count(name, outcome, seconds)
    logger.info(
        "%(called)s %(outcome)s in %(milliseconds)s ms with %(queries)s queries, "
        "user %(user_id)s, token %(token_id)s",
        {**fields, "called": name},
        extra=fields,
    )


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
