"""The figures a monitor reads: calls, how long they take, refused tokens, open connections.

Labels come from registered names and fixed words only, so that no client can add a series.
"""

import os
import secrets
from ipaddress import ip_address
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from mcp_server.conf import mcp_settings

CALLS = Counter(
    "mcp_tool_invocations_total",
    "Tool calls by tool and outcome: success, refused, error or cancelled.",
    ["tool", "status"],
)
DURATION = Histogram(
    "mcp_tool_duration_seconds",
    "Seconds from a tool call's arrival to its answer.",
    ["tool"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
AUTH_FAILURES = Counter(
    "mcp_auth_failures_total",
    "Requests refused for their token, by reason.",
    ["reason"],
)
SESSIONS = Gauge(
    "mcp_active_sessions",
    "Authenticated MCP connections open now: requests being answered and SSE streams.",
    multiprocess_mode="livesum",
)

_ALL = (CALLS, DURATION, AUTH_FAILURES, SESSIONS)
# Where a proxy has passed a request on, the peer is the proxy and says nothing of the client.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


async def metrics(request: Request) -> Response:
    """The figures in Prometheus' text format, for the holder of the metrics token."""
    if not _may_read(request):
        return PlainTextResponse(
            "Send MCP_SERVER['METRICS_TOKEN'] as a bearer token, or ask from the server itself "
            "where none is set.\n",
            status_code=401,
            headers={"WWW-Authenticate": "Bearer"},
        )
    return Response(current(), media_type=CONTENT_TYPE_LATEST)


def current() -> bytes:
    """Our own series only; those of all processes where ``PROMETHEUS_MULTIPROC_DIR`` is set."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        shared = CollectorRegistry()
        multiprocess.MultiProcessCollector(shared)  # type: ignore[no-untyped-call]  # theirs
        return generate_latest(shared)
    names = [name for metric in _ALL for name in _sample_names(metric)]
    return generate_latest(REGISTRY.restricted_registry(names))


def forget_dead_processes() -> None:
    """What processes that were killed had open is open no longer; called when one starts."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    for file in Path(folder).glob("gauge_live*_*.db") if folder else ():
        number = file.stem.rpartition("_")[2]
        if number.isdigit() and not _is_alive(int(number)):
            multiprocess.mark_process_dead(int(number))  # type: ignore[no-untyped-call]  # theirs


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another user's
    return True


def _sample_names(metric: Counter | Histogram | Gauge) -> list[str]:
    family = next(iter(metric.describe()))
    endings = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}
    return [family.name + ending for ending in endings.get(family.type, ("",))]


def _may_read(request: Request) -> bool:
    token = mcp_settings().METRICS_TOKEN
    if token:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        matches = secrets.compare_digest(given.strip().encode(), token.encode())
        return matches and scheme.lower() == "bearer"
    return (
        request.client is not None
        and _is_loopback(request.client.host)
        and _is_loopback(URL(scope=request.scope).hostname or "")
        and not any(name in request.headers for name in _FORWARDED)
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
