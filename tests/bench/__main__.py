"""`python -m tests.bench`: our server beside the official one, on the same content.

`python -m tests.bench.tools` times each of our tools by itself.
"""

import argparse
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg

from .comparing import Generator, Stage, ceiling, generator
from .content import LONG_PAGES
from .databases import ENGINES, databases
from .machine import machine
from .official.environment import NotInstalledError, interpreter
from .rendering import render
from .servers import OURS, ROOT, Site

FOLDER = ROOT / "var" / "bench"
DOCUMENT = ROOT / "docs" / "performance.md"
# The smallest site: a whole section besides what every size has.
LEAST_PAGES = 60
WHOLE: dict[str, Any] = {
    "pages": [100, 1_000, 10_000],
    "databases": list(ENGINES),
    "clients": [1, LONG_PAGES],
    "seconds": 2.0,
}
QUICK: dict[str, Any] = {"pages": [100], "databases": ["sqlite"], "seconds": 0.5}


def main() -> None:
    options = _options()
    whole = options.render or all(getattr(options, name) == WHOLE[name] for name in WHOLE)
    results = FOLDER / ("results.json" if whole else "part.json")
    if not options.render:
        FOLDER.mkdir(parents=True, exist_ok=True)
        results.write_text(json.dumps(_run(options), indent=1))
    elif not results.exists():
        raise SystemExit("There is nothing to render yet: run the whole benchmark first.")
    document = DOCUMENT if whole else FOLDER / "part.md"
    document.write_text(render(json.loads(results.read_text())))
    print(f"\nWritten: {document.relative_to(ROOT)} from {results.relative_to(ROOT)}")


def _run(options: argparse.Namespace) -> dict[str, Any]:
    started = perf_counter()
    official, problem = _official()
    found: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "options": {name: getattr(options, name) for name in WHOLE},
        "official_missing": problem,
        "engines": {},
        "skipped": [],
        "stages": [],
    }
    with tempfile.TemporaryDirectory(dir=FOLDER) as name, generator() as load:
        folder = Path(name)
        found["ceiling"] = {
            clients: ceiling(folder, load, clients, options.seconds) for clients in options.clients
        }
        for engine in options.databases:
            try:
                _engine(engine, options, folder, load, official, found)
            except psycopg.OperationalError as error:
                found["skipped"].append(engine)
                print(f"{engine} is left out: {error}")
    found["minutes"] = (perf_counter() - started) / 60
    return found


def _engine(
    engine: str, options: argparse.Namespace, folder: Path, load: Generator,
    official: Site | None, found: dict[str, Any],
) -> None:  # fmt: skip
    with databases(engine, folder, options.postgresql) as made:
        OURS.run(folder, made.create("empty"), "manage.py", "migrate", "--verbosity", "0")
        found["engines"][engine] = made.version()
        for pages in options.pages:
            stage = Stage(made, folder, pages, options.clients, options.seconds, load)
            found["stages"].append(stage.measure(official))


def _official() -> tuple[Site | None, str]:
    try:
        python = interpreter(FOLDER / "official")
    except NotInstalledError as error:
        print(f"The official server cannot be installed here, so ours runs alone: {error}")
        return None, str(error)
    package = "tests.bench.official"
    return Site(python, f"{package}.settings", f"{package}.asgi:application", "/api/v3/pages/"), ""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    add = parser.add_argument
    add("--pages", type=_numbers, help="sizes of the site, default 100,1000,10000")
    add("--databases", type=_engines, help=f"default {','.join(ENGINES)}")
    add("--clients", type=_numbers, help=f"at once, default 1,{LONG_PAGES}, at most {LONG_PAGES}")
    add("--seconds", type=float, help="per case and number of clients, default 2")
    add("--quick", action="store_true", help="100 pages, SQLite, half a second")
    add("--render", action="store_true", help="write docs/performance.md from the last whole run")
    add(
        "--postgresql",
        default="postgres://postgres@127.0.0.1:5432/postgres",
        help="a server on which databases may be made and dropped, default %(default)s",
    )
    options = parser.parse_args()
    for name, value in {**WHOLE, **(QUICK if options.quick else {})}.items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    if min(options.pages) < LEAST_PAGES or max(options.clients) > LONG_PAGES:
        parser.error(f"at least {LEAST_PAGES} pages, at most {LONG_PAGES} clients")
    return options


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _engines(text: str) -> list[str]:
    if wrong := set(text.split(",")) - set(ENGINES):
        raise argparse.ArgumentTypeError(f"not a database of this benchmark: {wrong.pop()}")
    return text.split(",")


if __name__ == "__main__":
    main()
