"""`python -m tests.faults.soaking --minutes 60`: a served demo under steady work, watched.

One uvicorn process, all kinds of calls and clients, and once a minute what the process holds.
"""

import argparse
import os
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from threading import Lock
from time import monotonic, perf_counter, sleep
from typing import TYPE_CHECKING

from tests.live.asking import say

from .fault import Fault, NotRun, Outcome
from .watching import HEAD, Held, held_by

if TYPE_CHECKING:
    from tests.live.site import LiveSite

    from .errands import Desk
    from .scene import Scene

RATE = 8.0  # calls per second, which leaves most of two cores alone
WORKERS = 6
WARM_UP = 5  # minutes in which caches and thread stacks fill
AIM = 20.0  # MB
REFERENCE = re.compile(r"\(reference (\w+)\)")


@dataclass
class Soak:
    """Paces and counts the calls of all threads."""

    rate: float = RATE
    calls: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _next: float = field(default_factory=monotonic)

    def turn(self, kind: str) -> float:
        """Seconds until this call may start. What was late is not made up for."""
        with self._lock:
            now = monotonic()
            self._next = max(now, self._next + 1 / self.rate)
            self.calls[kind] += 1
            return self._next - now

    def work(self, desk: "Desk", until: float) -> None:
        from .errands import ERRANDS

        while monotonic() < until:
            errand = desk.random.choices([*ERRANDS], [*ERRANDS.values()])[0]
            started = perf_counter()
            try:
                errand(desk)
            # A soak counts whatever goes wrong, and goes on.
            except Exception as error:  # noqa: BLE001
                self.errors.append(f"{errand.__name__}: {error!r}"[:400])
            self.seconds.append(perf_counter() - started)


@dataclass(frozen=True)
class Soaked:
    """What a soak found; ``held`` has one entry per minute, the first at the start."""

    calls: int
    errors: Sequence[str]
    held: Sequence[Held]
    rate: float

    @property
    def warm(self) -> Held:
        return self.held[min(WARM_UP, len(self.held) - 1)]

    @property
    def growth(self) -> float:
        """MB of RSS between the end of the warm-up and the end."""
        return self.held[-1].rss - self.warm.rss

    def __str__(self) -> str:
        minutes, end = len(self.held) - 1, self.held[-1]
        return (
            f"{self.calls:,} calls in {minutes} min, {len(self.errors)} errors, "
            f"RSS {self.warm.rss:.0f} MB after {min(WARM_UP, minutes)} min, {end.rss:.0f} MB at "
            f"the end: {self.growth:+.1f} MB (aim < {AIM:.0f}); threads {self.warm.threads} → "
            f"{end.threads}, sockets {self.warm.sockets} → {end.sockets}, files "
            f"{self.warm.files} → {end.files}"
        )


def soak(site: "LiveSite", minutes: int, rate: float = RATE) -> Soaked:
    """Work on the site for so many minutes, and say what its process held in each."""
    from .errands import Desk

    counted = Soak(rate)
    desks = [Desk(site, counted.turn, seed) for seed in range(WORKERS)]
    started, held = monotonic(), [held_by(_pid(site))]
    say(f"{'minute':>6} {HEAD} {'calls':>7} {'errors':>6}")
    with ThreadPoolExecutor(WORKERS) as pool:
        until = started + minutes * 60
        done = [pool.submit(counted.work, desk, until) for desk in desks]
        for minute in range(1, minutes + 1):
            sleep(max(0.0, started + minute * 60 - monotonic()))
            held.append(held_by(_pid(site)))
            calls = counted.calls.total()
            say(f"{minute:>6} {held[-1]} {calls:>7,} {len(counted.errors):>6}")
    for work in done:
        work.result()
    _kinds(counted)
    _references(counted.errors, site.log.read_text())
    return Soaked(counted.calls.total(), counted.errors, held, rate)


def _pid(site: "LiveSite") -> int:
    assert site.server is not None
    return site.server.pid


def _kinds(counted: Soak) -> None:
    say("\n" + ", ".join(f"{kind} {number:,}" for kind, number in counted.calls.most_common()))
    percentiles = quantiles(counted.seconds, n=100)
    say(f"an errand, waiting for its turns included: p50 {percentiles[49]:.2f} s")
    for error, number in Counter(counted.errors).most_common(10):
        say(f"  {number} × {error}")


def _references(errors: Sequence[str], log: str) -> None:
    """What the server's log holds of errors that a client only got a number of."""
    for reference in sorted({found for error in errors for found in REFERENCE.findall(error)})[:5]:
        _, _, after = log.partition(reference)
        traceback, _, _ = after.partition("\n20")
        say(f"\nreference {reference}{traceback[-3000:]}")


def main() -> None:
    options = _options()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")
    import django

    django.setup()
    from tests.live.site import live_site

    with (
        tempfile.TemporaryDirectory(prefix="editorial-soak-") as name,
        live_site(Path(name)) as site,
    ):
        say(f"{django.db.connection.vendor}, one server process, {options.rate:g} calls/s\n")
        found = soak(site, options.minutes, options.rate)
    say(f"\n{found}")
    raise SystemExit(1 if found.errors or found.growth >= AIM else 0)


def run(scene: "Scene") -> Outcome:
    if scene.database != "SQLite":
        raise NotRun("it is about the process, which is the same")
    with scene.site() as site:
        found = soak(site, scene.rounds(60, 1))
    return Outcome(str(found), not found.errors and found.growth < AIM)


FAULTS = (
    Fault(
        "soak",
        "one hour of steady work with all kinds of calls",
        f"< {AIM:.0f} MB growth, 0 errors",
        run,
    ),
)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soaking", description=__doc__)
    parser.add_argument("--minutes", type=int, default=60, help="default 60")
    parser.add_argument("--rate", type=float, default=RATE, help=f"calls/s, default {RATE:g}")
    return parser.parse_args()


if __name__ == "__main__":
    main()
