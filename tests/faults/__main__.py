"""`python -m tests.faults`: hurts running servers, counts what is lost, writes docs/faults.md."""

import argparse
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from tests.live.asking import say

from . import table
from .catalogue import faults
from .cluster import Cluster, own_cluster
from .fault import Fault, NotRun
from .scene import Scene, scenes

NO_SERVER = "neither PostgreSQL's server programs nor a DATABASE_URL that names a server"


@dataclass(frozen=True)
class Place:
    """A kind of database, the server that has it, and why there is none."""

    database: str
    server: str = ""
    cluster: Cluster | None = None
    missing: str = ""


def main() -> None:
    # The sites have databases of their own; this process only needs the plugin's names.
    given = os.environ.pop("DATABASE_URL", "")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")
    import django

    django.setup()
    known = faults()
    options = _options([fault.name for fault in known])
    chosen = [fault for fault in known if fault.name in options.only]
    with ExitStack() as stack:
        places = _places(stack, options.on, given)
        cells, missed = _run(stack, chosen, places, options.quick)
        server = next((table.server_version(place.server) for place in places if place.server), "")
    say(f"\n{table.machine(server)}")
    if options.write:
        table.write(known, cells, server)
        say(f"Written to {table.PAGE.name}.")
    sys.exit(1 if missed else 0)


def _places(stack: ExitStack, wanted: list[str], given: str) -> list[Place]:
    places = [Place(name) for name in wanted if name == "SQLite"]
    if "PostgreSQL" not in wanted:
        return places
    cluster = stack.enter_context(own_cluster())
    server = cluster.url if cluster else given if given.startswith("postgres") else ""
    return [*places, Place("PostgreSQL", server, cluster, missing="" if server else NO_SERVER)]


def _run(
    stack: ExitStack, chosen: list[Fault], places: list[Place], quick: bool
) -> tuple[table.Cells, int]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="editorial-faults-")))
    stages = {
        place: stack.enter_context(
            scenes(folder, place.database, place.server, quick, place.cluster)
        )
        for place in places
        if not place.missing
    }
    cells: table.Cells = {}
    missed = 0
    say(table.head())
    for fault in chosen:
        for place in places:
            figures, met = _one(fault, stages.get(place), place.missing)
            cells[fault.title, place.database] = table.cell(figures)
            missed += not met
        say(table.row(fault, cells))
    return cells, missed


def _one(fault: Fault, scene: Callable[[str], Scene] | None, missing: str) -> tuple[str, bool]:
    """The figures of one fault on one database, and whether nothing is wrong with them."""
    if scene is None:
        return f"not run: {missing}", True
    started = perf_counter()
    try:
        outcome = fault.run(scene(fault.name))
    except NotRun as reason:
        return f"not run: {reason}", True
    except Exception as error:  # noqa: BLE001 - the other faults are still to be run
        traceback.print_exc()
        return f"**failed**: {type(error).__name__}", False
    verdict = "" if outcome.met else "**aim missed**: "
    return f"{verdict}{outcome.figures} ({perf_counter() - started:.0f} s in all)", outcome.met


def _options(names: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description=__doc__, epilog=f"Faults: {', '.join(names)}."
    )
    parser.add_argument("--only", type=_some_of(names), help="names, separated by commas")
    parser.add_argument(
        "--on", type=_some_of(list(table.DATABASES)), default=list(table.DATABASES),
        help="SQLite or PostgreSQL; default: both",
    )  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="few rounds; writes no page")
    parser.add_argument(
        "--write", action="store_true",
        help="write the page with these rows, the others as they are; without --only and --on, "
        "and without --quick, this is the default",
    )  # fmt: skip
    options = parser.parse_args()
    if options.quick and options.write:
        parser.error("figures of --quick are not for the page")
    is_complete = not options.only and len(options.on) == len(table.DATABASES)
    options.write = options.write or (is_complete and not options.quick)
    options.only = options.only or names
    return options


def _some_of(known: list[str]) -> Callable[[str], list[str]]:
    def read(text: str) -> list[str]:
        given = text.split(",")
        unknown = [name for name in given if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(known)}")
        return [name for name in known if name in given]

    return read


if __name__ == "__main__":
    main()
