"""The threads: how many, what they leave behind, what a cancelled caller leaves behind."""

import threading
import time
from collections.abc import Callable
from functools import partial

import anyio
import pytest
from django.db import OperationalError, connection, connections
from django.test import override_settings

from mcp_server.transport import runner
from mcp_server.transport.context import _actor, acting_as, current_actor

pytestmark = pytest.mark.usefixtures("real_threads")


def in_loop(work: Callable[[], object]) -> None:
    async def one() -> None:
        await work()  # type: ignore[misc]  # every caller gives a coroutine function

    # A thread of its own: the test's has Django's connection, and no event loop.
    thread = threading.Thread(target=partial(anyio.run, one))
    thread.start()
    thread.join(timeout=20)
    assert not thread.is_alive()


@override_settings(MCP_SERVER={"THREADS": 3})
def test_no_more_threads_than_set() -> None:
    running = 0
    most = 0
    threads: set[int] = set()
    lock = threading.Lock()

    def job() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            threads.add(threading.get_ident())
        time.sleep(0.02)
        with lock:
            running -= 1

    async def many() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(30):
                group.start_soon(runner.run, job)

    in_loop(many)
    assert most == 3
    assert len(threads) == 3


@pytest.mark.django_db
@pytest.mark.parametrize("one_writer", [True, False])
@override_settings(MCP_SERVER={"THREADS": 3})
def test_writers_of_sqlite_take_turns_and_leave_the_threads_to_readers(
    monkeypatch: pytest.MonkeyPatch, one_writer: bool
) -> None:
    monkeypatch.setattr(runner, "has_one_writer", lambda: one_writer)
    most_writers = 1 if one_writer else 3
    writing: set[int] = set()
    most: list[int] = []
    release = threading.Event()

    def write() -> None:
        writing.add(threading.get_ident())
        most.append(len(writing))
        release.wait(10)
        writing.discard(threading.get_ident())

    async def many() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(runner.run_write, write)
            while len(most) < most_writers:
                await anyio.sleep(0.005)
            if one_writer:
                # All three writers are there, and a reader finds a thread.
                await runner.run(release.set)
            release.set()

    in_loop(many)
    assert max(most) == most_writers
    assert len(most) == 3


def test_a_writer_waits_for_its_turn_no_longer_than_for_the_lock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "has_one_writer", lambda: True)
    monkeypatch.setattr(runner, "lock_timeout", lambda: 0.05)
    release = threading.Event()
    told: list[str] = []

    async def many() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(runner.run_write, partial(release.wait, 10))
            await anyio.sleep(0)
            try:
                await runner.run_write(partial(told.append, "written"))
            except OperationalError as error:
                told.append(str(error))
            release.set()
        await runner.run_write(partial(told.append, "written"))

    in_loop(many)
    assert told == ["other writers kept the database for too long", "written"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite has a lock to wait for")
@pytest.mark.django_db
def test_a_writer_that_waited_waits_for_the_lock_as_long_as_is_left() -> None:
    """A client waits for SQLite's timeout once, not for the turn and then for the lock."""
    usual = round(runner.lock_timeout() * 1000)
    release = threading.Event()
    seen: list[int] = []

    def write() -> None:
        with connection.cursor() as cursor:
            seen.append(cursor.execute("PRAGMA busy_timeout").fetchone()[0])

    def write_slowly() -> None:
        write()
        release.wait(10)

    async def many() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(runner.run_write, write_slowly)
            await anyio.sleep(0)
            group.start_soon(runner.run_write, write)
            await anyio.sleep(0.05)
            release.set()
        await runner.run_write(write)

    in_loop(many)
    first, waited, after = seen
    assert first == after == usual
    assert 0 < waited <= usual - 50


@pytest.mark.django_db
def test_no_connection_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    # Those to SQLite are kept; those of a server with few places may not.
    monkeypatch.setattr(runner, "has_one_writer", lambda: False)
    left: list[bool] = []

    def query() -> threading.Thread:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        assert connection.connection is not None
        return threading.current_thread()

    def look() -> None:
        left.append(connections["default"].connection is not None)

    async def many() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(runner.run, query)
        # Without tidying first: whatever the last call left would still be there.
        limiter = anyio.CapacityLimiter(8)
        async with anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(partial(anyio.to_thread.run_sync, look, limiter=limiter))

    in_loop(many)
    assert len(left) == 8
    assert not any(left)


@pytest.mark.django_db
@override_settings(MCP_SERVER={"THREADS": 1})
def test_a_thread_keeps_its_connection_to_sqlite() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite")
    used: list[object] = []

    def query() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        used.append(connection.connection)

    async def twice() -> None:
        await runner.run(query)
        await runner.run(query)

    in_loop(twice)
    assert used[0] is used[1]


def test_a_started_job_ends_although_its_caller_is_gone() -> None:
    steps: list[str] = []
    started = threading.Event()

    def job() -> None:
        steps.append("started")
        started.set()
        time.sleep(0.1)
        steps.append("done")

    async def cancelled() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(runner.run, job)
            while not started.is_set():
                await anyio.sleep(0.005)
            group.cancel_scope.cancel()
        steps.append("caller gone")

    in_loop(cancelled)
    assert steps == ["started", "done", "caller gone"]


@override_settings(MCP_SERVER={"THREADS": 1})
def test_a_waiting_job_never_starts_and_the_slot_is_free_again() -> None:
    steps: list[str] = []
    release = threading.Event()

    async def talk() -> None:
        async with anyio.create_task_group() as first:
            first.start_soon(runner.run, partial(release.wait, 10))
            await anyio.sleep(0.05)
            async with anyio.create_task_group() as second:
                second.start_soon(runner.run, partial(steps.append, "second"))
                await anyio.sleep(0.05)
                second.cancel_scope.cancel()
            release.set()
        await runner.run(partial(steps.append, "third"))

    in_loop(talk)
    assert steps == ["third"]


def test_an_error_reaches_the_caller_and_frees_the_slot() -> None:
    def fail() -> None:
        raise KeyError("x")

    async def talk() -> None:
        for _ in range(20):
            with pytest.raises(KeyError):
                await runner.run(fail)

    in_loop(talk)


def test_the_actor_is_known_in_the_thread() -> None:
    seen: list[object] = []
    marker = object()

    async def talk() -> None:
        with acting_as(marker):  # type: ignore[arg-type]  # any object can be told apart
            await runner.run(lambda: seen.append(_actor.get()))

    in_loop(talk)
    assert seen == [marker]
    with pytest.raises(RuntimeError):
        current_actor()


def test_in_the_calling_thread_when_a_test_says_so() -> None:
    from asgiref.sync import async_to_sync

    async def where() -> threading.Thread:
        return await runner.run(threading.current_thread)

    with runner.in_calling_thread():
        assert async_to_sync(where)() is threading.current_thread()
    assert async_to_sync(where)() is not threading.current_thread()
