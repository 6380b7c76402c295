"""Where Django code runs: a bounded number of threads that leave no connection behind.

Nothing closes Django's connections for MCP requests, and the 40 threads of the async library
would keep 40 of them. Here ``MCP_SERVER["THREADS"]`` threads share the work, and each tidies up
before and after every call. Writers of SQLite take turns.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from time import monotonic
from typing import TypeVar

from anyio import CapacityLimiter, WouldBlock, fail_after, to_thread
from anyio.lowlevel import RunVar
from asgiref.sync import sync_to_async
from django.core.cache import caches
from django.db import OperationalError, connection, connections

from mcp_server.conf import mcp_settings

from . import queries

T = TypeVar("T")

# A limiter belongs to one event loop.
_slots: RunVar[CapacityLimiter] = RunVar("mcp_server_slots")
_turns: RunVar[CapacityLimiter] = RunVar("mcp_server_turns")
_in_calling_thread = False


async def run(func: Callable[[], T]) -> T:
    """What ``func`` returns, from one of the threads; context variables are there too.

    A cancelled caller that still waits for a thread starts nothing. Once started, ``func`` ends
    in its own time and then frees its thread: a write completes or rolls back, never half.
    """
    func = partial(queries.counted, func)
    if _in_calling_thread:
        return await sync_to_async(func, thread_sensitive=True)()
    return await to_thread.run_sync(
        partial(_tidily, func), limiter=_limiter(_slots, mcp_settings().THREADS)
    )


async def run_write(func: Callable[[], T]) -> T:
    """``run`` for a call that writes, what follows its commit included.

    SQLite has one writer at a time, and those that wait for it sleep ever longer while they keep
    their threads from the readers. Here they take turns, in one process, before they ask for the
    lock; whoever has the turn still waits for writers elsewhere, such as the admin.

    Raises OperationalError, as SQLite does, when turn and lock do not come within its ``timeout``.
    """
    if not has_one_writer():
        return await run(func)
    turn = _limiter(_turns, 1)
    try:
        turn.acquire_nowait()
    except WouldBlock:
        deadline = monotonic() + lock_timeout()
        await _wait_for(turn)
        func = partial(_until, deadline, func)
    try:
        return await run(func)
    finally:
        turn.release()


async def _wait_for(turn: CapacityLimiter) -> None:
    try:
        with fail_after(lock_timeout()):
            await turn.acquire()
    except TimeoutError:
        raise OperationalError("other writers kept the database for too long") from None


def _until(deadline: float, func: Callable[[], T]) -> T:
    """What ``func`` returns; it waits for SQLite's lock no longer than what is left of the time."""
    _set_busy_timeout(max(0.0, deadline - monotonic()))
    try:
        return func()
    finally:
        _set_busy_timeout(lock_timeout())


def _set_busy_timeout(seconds: float) -> None:
    """https://www.sqlite.org/pragma.html#pragma_busy_timeout"""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        # Past Django's cursor: it is none of the call's queries.
        connection.connection.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")


@cache
def has_one_writer() -> bool:
    """Whether the site's database lets one transaction write at a time."""
    return connection.vendor == "sqlite"


def lock_timeout() -> float:
    """Seconds that a writer of SQLite waits for the lock; Python's own default is 5."""
    return float(connection.settings_dict["OPTIONS"].get("timeout", 5))


@contextmanager
def in_calling_thread() -> Iterator[None]:
    """For tests: run in the thread that waits for ``async_to_sync``.

    A Django TestCase keeps its transaction on the connection of its own thread, so code in
    another one would not see its rows, and on SQLite find the database locked.
    """
    global _in_calling_thread
    before, _in_calling_thread = _in_calling_thread, True
    try:
        yield
    finally:
        _in_calling_thread = before


def _limiter(kept: RunVar[CapacityLimiter], size: int) -> CapacityLimiter:
    try:
        return kept.get()
    except LookupError:
        limiter = CapacityLimiter(size)
        kept.set(limiter)
        return limiter


def _tidily(func: Callable[[], T]) -> T:
    """What Django does around a request of its own: stale connections out, nothing kept."""
    _tidy_connections()
    try:
        return func()
    finally:
        _tidy_connections()
        caches.close_all()


def _tidy_connections() -> None:
    """Django's own ``reset_queries`` and ``close_old_connections``, but a thread keeps a sound
    connection to SQLite as long as it lives.

    That holds no server's slot, and a new one defines Django's functions and reads the schema.
    """
    for one in connections.all(initialized_only=True):
        one.queries_log.clear()
        if has_one_writer() and one.vendor == "sqlite":
            one.close_at = None
        one.close_if_unusable_or_obsolete()
