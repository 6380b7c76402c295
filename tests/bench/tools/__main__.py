"""`python -m tests.bench.tools`: what each tool costs as a function, in memory and over HTTP."""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from .measure import Figures, Limits, QueryCounter
from .site import CLIENTS, build, environment, served

if TYPE_CHECKING:
    from .cases import Case
    from .site import Site

MAX_PAGES, MAX_CALLS, MAX_SECONDS, MAX_TOTAL = 5_000, 10_000, 10.0, 3_600.0
WIDTH = 24
HEADS = ("function", "in memory", "HTTP, 1 client", f"HTTP, {CLIENTS} clients")


def main() -> None:
    options = _options()
    # A measurement must not depend on what a shell happens to have set.
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "REDIS_URL"):
        os.environ.pop(name, None)
    started = perf_counter()
    with tempfile.TemporaryDirectory(prefix="editorial-bench-") as name:
        folder = Path(name)
        os.environ.update(environment(folder))
        limits = Limits(options.calls, options.seconds)
        _run(folder, options.pages, limits, started + options.total)
    print(f"\n{perf_counter() - started:.0f} s in all, SQLite, one server process.")


def _run(folder: Path, pages: int, limits: Limits, deadline: float) -> None:
    import django

    django.setup()
    counter = QueryCounter()
    counter.watch()
    site = build(pages)
    # Connections that were open before the counter watched have to be opened anew.
    django.db.connections.close_all()
    print(
        f"{site.pages} pages; per tool and way at most {limits.calls} calls or "
        f"{limits.seconds:g} s. Milliseconds; q: queries per call.\n"
    )
    print(_head())
    with served(folder) as url:
        from .cases import CASES

        for case in CASES:
            if perf_counter() > deadline:
                print(f"{case.name:{WIDTH}} | not measured: the time is up (--total)")
                continue
            print(_row(case.name, _measure(site, url, case, limits, counter)), flush=True)


def _measure(
    site: "Site", url: str, case: "Case", limits: Limits, counter: QueryCounter
) -> list[Figures]:
    from .ways import as_function, in_memory, over_http

    return [
        as_function(site, case, limits, counter),
        asyncio.run(in_memory(site, case, limits, counter)),
        asyncio.run(over_http(site, url, 1, case, limits)),
        asyncio.run(over_http(site, url, CLIENTS, case, limits)),
    ]


def _head() -> str:
    groups = " | ".join(f"{head:<20}" for head in HEADS)
    columns = " | ".join(
        [f"{'q':>4} {'p50':>7} {'p95':>7}"] * 2 + [f"{'p50':>6} {'p95':>6} {'/s':>6}"] * 2
    )
    return f"{'':{WIDTH}} | {groups}\n{'tool':{WIDTH}} | {columns}"


def _row(name: str, figures: list[Figures]) -> str:
    near = [f"{item.queries:4.0f} {item.p50:7.2f} {item.p95:7.2f}" for item in figures[:2]]
    far = [f"{item.p50:6.1f} {item.p95:6.1f} {item.rate:6.0f}" for item in figures[2:]]
    return f"{name:{WIDTH}} | {' | '.join([*near, *far])}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.tools", description=__doc__)
    parser.add_argument("--pages", type=_within(int, MAX_PAGES), default=100, help="default 100")
    parser.add_argument(
        "--calls", type=_within(int, MAX_CALLS), default=200, help="at most, default 200"
    )
    parser.add_argument(
        "--seconds",
        type=_within(float, MAX_SECONDS),
        default=0.25,
        help="at most per tool and way, default 0.25",
    )
    parser.add_argument(
        "--total",
        type=_within(float, MAX_TOTAL),
        default=55,
        help="no tool is begun after so many seconds, default 55",
    )
    return parser.parse_args()


def _within(kind: type[int] | type[float], limit: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = kind(text)
        if not 0 < value <= limit:
            raise argparse.ArgumentTypeError(f"must be above 0 and at most {limit:g}")
        return value

    return read


if __name__ == "__main__":
    main()
