"""How many statements a request sends to the site's databases.

Counted is what ``runner.run`` does for it: the token's look-up, the tool, its savepoints and its
history. Statements that the driver itself sends, such as PostgreSQL's BEGIN, are not.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import connections
from opentelemetry import trace
from starlette.types import ASGIApp, Receive, Scope, Send

T = TypeVar("T")

logger = logging.getLogger("mcp_server.call")


class Count:
    """A number that grows; Django calls it around every statement."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self.queries += 1
        return execute(sql, params, many, context)


# An object, because what a thread sets in its copy of the context is not seen outside.
_count: ContextVar[Count | None] = ContextVar("mcp_server_queries", default=None)


@contextmanager
def counting() -> Iterator[None]:
    """Count in here, unless somebody counts already or nobody would read the number."""
    if _count.get() is not None or not (logger.isEnabledFor(logging.INFO) or _traced()):
        yield
        return
    before = _count.set(Count())
    try:
        yield
    finally:
        _count.reset(before)


def so_far() -> int | None:
    """The statements of the running request; None where they are not counted."""
    count = _count.get()
    return count.queries if count else None


def counted(func: Callable[[], T]) -> T:
    """What ``func`` returns; its statements on this thread's connections are counted."""
    count = _count.get()
    if count is None:
        return func()
    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(count))
        return func()


class CountQueries:
    """Begins the count before a request is authenticated."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with counting():
            await self.app(scope, receive, send)


def _traced() -> bool:
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)
