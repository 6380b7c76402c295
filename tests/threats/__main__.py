"""`python -m tests.threats`: attacks the demo, counts what comes of it, writes docs/threats.md."""

import argparse
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from tests.faults.table import DATABASES, cell
from tests.live.asking import say

from . import nodes, page

if TYPE_CHECKING:
    from tests.faults.scene import Scene
    from tests.live.site import LiveSite

    from .threat import Figure, Threat

LOCAL = "postgres://postgres@127.0.0.1:5432/postgres"
NOT_RUN = "not run: no PostgreSQL answers"


@dataclass(frozen=True)
class Database:
    """A kind of database; ``server`` names an existing one on its server, "" for SQLite."""

    name: str
    server: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """For pytest, which makes a database of its own beside the one that is named."""
        address, _, _ = self.server.rpartition("/")
        return {"DATABASE_URL": f"{address}/editorial_threats" if self.server else ""}


def main() -> None:
    server = os.environ.pop("DATABASE_URL", "") or LOCAL
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")
    import django

    django.setup()
    from .table import THREATS

    options = _options([threat.attack for threat in THREATS])
    chosen = [threat for threat in THREATS if options.only in ("", threat.attack)]
    databases = {database.name: database for database in _databases(server)}
    cells, missed = page.written(), 0
    for name in options.on:
        found = _run(chosen, databases[name], options) if name in databases else {}
        for threat in chosen:
            text, met = found.get(threat.attack, (NOT_RUN, True))
            cells[threat.attack, name] = cell(text if met else f"**{text}**")
            missed += not met
    say("\n".join([page.head(), *(page.row(threat, cells) for threat in chosen)]))
    if not (options.only or options.tests_only or options.figures_only):
        page.write(THREATS, cells, _version(databases))
    sys.exit(1 if missed else 0)


def _run(
    threats: "list[Threat]", database: Database, options: argparse.Namespace
) -> dict[str, tuple[str, bool]]:
    """Attack → its cell, and whether all is well."""
    say(f"\n{database.name}")
    wanted = dict.fromkeys(node for threat in threats for node in threat.tests)
    cases = {} if options.figures_only else nodes.run(wanted, database.environment)
    figures = {} if options.tests_only else _figures(threats, database)
    found = {}
    for threat in threats:
        of_tests = sum((cases.get(node, nodes.Cases()) for node in threat.tests), nodes.Cases())
        missing = [node for node in threat.tests if cases and node not in cases]
        figure = figures.get(threat.attack)
        parts = [str(of_tests)] if cases else []
        parts += [figure.text] if figure else []
        met = not of_tests.failed and not missing and (figure is None or figure.met)
        found[threat.attack] = "; ".join(parts), met
    return found


def _figures(threats: "list[Threat]", database: Database) -> "dict[str, Figure]":
    """What is measured on one served demo."""
    from .measures import guesses

    # Guesses come last: they shut this address out for whoever has no good token.
    ordered = sorted(threats, key=lambda threat: threat.measure is guesses)
    found: dict[str, Figure] = {}
    if not any(threat.measure for threat in threats):
        return found
    with _scene(database) as scene, scene.site() as site:
        for threat in ordered:
            if threat.measure is not None:
                found[threat.attack] = _figure(threat, scene, site)
                say(f"{threat.attack}: {found[threat.attack].text}")
    return found


def _figure(threat: "Threat", scene: "Scene", site: "LiveSite") -> "Figure":
    from .threat import Figure

    assert threat.measure is not None
    try:
        return threat.measure(scene, site)
    except Exception as error:  # noqa: BLE001 - the other rows are still to be measured
        traceback.print_exc()
        return Figure(f"failed: {type(error).__name__}", False)


@contextmanager
def _scene(database: Database) -> "Iterator[Scene]":
    from tests.faults.scene import scenes

    with (
        tempfile.TemporaryDirectory(prefix="editorial-threats-") as name,
        scenes(Path(name), database.name, database.server, quick=False) as at,
    ):
        yield at("threats")


def _databases(server: str) -> list[Database]:
    """SQLite, and PostgreSQL where it answers."""
    try:
        psycopg.connect(server, connect_timeout=5).close()
    except psycopg.OperationalError:
        return [Database("SQLite")]
    return [Database("SQLite"), Database("PostgreSQL", server)]


def _version(databases: dict[str, Database]) -> str:
    from tests.faults.table import server_version

    return next((server_version(one.server) for one in databases.values() if one.server), "")


def _options(attacks: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.threats", description=__doc__)
    parser.add_argument("--only", choices=attacks, default="", metavar="ATTACK", help="one row")
    parser.add_argument(
        "--on", choices=DATABASES, nargs="*", default=DATABASES, help="default: both"
    )
    parser.add_argument("--tests-only", action="store_true", help="no running server")
    parser.add_argument("--figures-only", action="store_true", help="no pytest")
    return parser.parse_args()


if __name__ == "__main__":
    main()
