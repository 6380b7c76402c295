"""Timing: one call after the other, until a number of calls or seconds is reached."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

WARM_UP = 2  # calls that are not counted


@dataclass(frozen=True)
class Limits:
    """Where a measurement stops, whichever comes first."""

    calls: int
    seconds: float


@dataclass(frozen=True)
class Figures:
    """What was measured: milliseconds of each call, and the wall clock of all together."""

    milliseconds: Sequence[float]
    seconds: float
    queries: float | None = None

    @property
    def p50(self) -> float:
        return self._percentile(0.5)

    @property
    def p95(self) -> float:
        return self._percentile(0.95)

    @property
    def rate(self) -> float:
        """Calls per second."""
        return len(self.milliseconds) / self.seconds

    def _percentile(self, share: float) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


class QueryCounter:
    """Counts the statements of every database connection that this process opens."""

    def __init__(self) -> None:
        self.count = 0

    def watch(self) -> None:
        from django.db.backends.signals import connection_created

        connection_created.connect(self._attach, weak=False)

    def _attach(self, *, connection: object, **_: object) -> None:
        # Django closes and opens connections all the time; each object keeps its wrappers.
        wrappers: list[object] = connection.execute_wrappers  # type: ignore[attr-defined]  # any backend
        if self._counted not in wrappers:
            wrappers.append(self._counted)

    def _counted(
        self, execute: Callable[..., object], sql: str, params: object, many: bool, context: object
    ) -> object:
        self.count += 1
        return execute(sql, params, many, context)


def measured(call: Callable[[], object], limits: Limits, counter: QueryCounter) -> Figures:
    """One function, called in this thread."""
    for _ in range(WARM_UP):
        call()
    times: list[float] = []
    before, start = counter.count, perf_counter()
    while _goes_on(times, start, limits):
        begun = perf_counter()
        call()
        times.append((perf_counter() - begun) * 1000)
    return Figures(times, perf_counter() - start, (counter.count - before) / len(times))


async def measured_together(
    calls: Sequence[Callable[[], Awaitable[object]]],
    limits: Limits,
    counter: QueryCounter | None = None,
) -> Figures:
    """Several clients at once, each of them one call after the other."""
    for _ in range(WARM_UP):
        await asyncio.gather(*(call() for call in calls))
    times: list[float] = []
    before, start = counter.count if counter else 0, perf_counter()

    async def client(call: Callable[[], Awaitable[object]]) -> None:
        while _goes_on(times, start, limits):
            begun = perf_counter()
            await call()
            times.append((perf_counter() - begun) * 1000)

    await asyncio.gather(*(client(call) for call in calls))
    queries = (counter.count - before) / len(times) if counter else None
    return Figures(times, perf_counter() - start, queries)


def _goes_on(times: list[float], start: float, limits: Limits) -> bool:
    return not times or (len(times) < limits.calls and perf_counter() - start < limits.seconds)
