"""What is told of a call when it has ended: log fields, the span's attributes, the metrics."""

from collections.abc import Mapping
from typing import Any

from fastmcp.server.middleware import MiddlewareContext
from opentelemetry import trace
from opentelemetry.trace import Span, StatusCode
from starlette.requests import Request

from mcp_server.logs import without_secrets

from . import metrics, queries
from .answer import SUCCESS
from .context import known_actor

UNKNOWN = "unknown"
CANCELLED = "cancelled"
# What an admin should look at; everything else that is not a success is a refusal.
FAULTS = frozenset({"error", "unavailable"})
MAX_ID = 64

# How the conventions of OpenTelemetry, which FastMCP follows, name what was asked for.
SPAN_NAMES = {
    "tool": "gen_ai.tool.name",
    "resource": "mcp.resource.uri",
    "prompt": "gen_ai.prompt.name",
}
# Fields of the log record that the span has, too, as `mcp_server.outcome` and so on.
SPAN_FIELDS = ("http_request_id", "token_id", "user_id", "outcome", "queries")


def status_of(outcome: str) -> str:
    """The metric's word for an outcome: success, refused, error or cancelled."""
    if outcome in (SUCCESS, CANCELLED):
        return outcome
    return "error" if outcome in FAULTS else "refused"


def fields_of(
    context: MiddlewareContext[Any], kind: str, name: str, outcome: str, seconds: float
) -> dict[str, Any]:
    """The fields of the log record; ``kind`` says what ``name`` is the name of."""
    actor = known_actor()
    return {
        "request_id": _request_id(context),
        "http_request_id": _http_request_id(context),
        "trace_id": _trace_id(trace.get_current_span()),
        "token_id": actor.token.pk if actor and actor.token else None,
        "user_id": actor.user.pk if actor else None,
        "method": context.method,
        kind: name,
        "outcome": outcome,
        "milliseconds": round(seconds * 1000, 1),
        "queries": queries.so_far(),
    }


def count(tool: str, outcome: str, seconds: float) -> None:
    """The metrics of a tool call."""
    metrics.CALLS.labels(tool, status_of(outcome)).inc()
    metrics.DURATION.labels(tool).observe(seconds)


def mark(span: Span, fields: Mapping[str, Any], kind: str) -> None:
    """Put onto FastMCP's span what the log says, and take off what the client made up.

    A refusal is an answer, so only a fault gives the span the status of an error.
    """
    if not span.is_recording():
        return
    known = {name: fields[name] for name in SPAN_FIELDS if fields[name] is not None}
    span.set_attributes({f"mcp_server.{name}": value for name, value in known.items()})
    # The address of a resource holds its parameters; here it is the declared one.
    span.set_attribute(SPAN_NAMES[kind], fields[kind])
    if fields[kind] == UNKNOWN:
        span.update_name(str(fields["method"]))
        span.set_attribute("fastmcp.component.key", UNKNOWN)
    if fields["outcome"] != SUCCESS:
        span.set_attribute("error.type", fields["outcome"])
    if fields["outcome"] in FAULTS:
        span.set_status(StatusCode.ERROR, fields["outcome"])


def mark_unknown_method(span: Span) -> None:
    """Take off FastMCP's span the name of a method that is none: a client can make up many."""
    if span.is_recording():
        span.update_name(UNKNOWN)
        span.set_attribute("mcp.method.name", UNKNOWN)


def _request_id(context: MiddlewareContext[Any]) -> str:
    ctx = context.fastmcp_context
    # The client chooses it.
    return _shown(ctx.request_id) if ctx and ctx.request_context else ""


def _http_request_id(context: MiddlewareContext[Any]) -> str | None:
    ctx = context.fastmcp_context
    request = ctx.request_context.request if ctx and ctx.request_context else None
    # Over stdio there is none.
    header = request.headers.get("x-request-id") if isinstance(request, Request) else None
    return _shown(header) if header else None


def _shown(text: str) -> str:
    # A client may send anything as its id, its token too.
    return without_secrets("".join(char for char in text if char.isprintable()))[:MAX_ID]


def _trace_id(span: Span) -> str | None:
    found = span.get_span_context()
    return trace.format_trace_id(found.trace_id) if found.is_valid else None
