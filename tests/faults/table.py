"""`docs/faults.md`: the rows of a run, and those of earlier runs that it did not repeat."""

import os
import platform
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import psycopg

from .fault import Fault

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "faults.md"
HEAD = ("Fault", "Aim", "SQLite", "PostgreSQL")
DATABASES = HEAD[2:]
PACKAGES = ("Django", "Wagtail", "FastMCP", "uvicorn", "psycopg")
NOT_RUN = "not run"
INTRODUCTION = """\
# Faults

What was done to running servers, and what became of the writes. Each row is a program in
`tests/faults/` that starts the demo site with uvicorn, hurts it, and counts.

    {command}

makes this page. `make faults ARGS="--only {name}"` runs one row, `ARGS="--help"` lists the rows.
PostgreSQL is a cluster of the run's own where its server programs are installed, and else a
database on the server that `DATABASE_URL` names. Seconds depend on the machine and on what else
it does. “Aim missed” stands where a figure is beyond the aim. “Files without a row” are uploads
that were on the disk when the process was killed, before their row was committed: nothing leads to
them, and nothing removes them.
"""

Cells = dict[tuple[str, str], str]


def row(fault: Fault, cells: Cells) -> str:
    """One fault's line of the table."""
    figures = [cells.get((fault.title, database), NOT_RUN) for database in DATABASES]
    return f"| {' | '.join([fault.title, fault.aim, *figures])} |"


def head(columns: Sequence[str] = HEAD) -> str:
    return f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}"


def cell(text: str) -> str:
    """Text that cannot end its cell."""
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")


def written(page: Path = PAGE, columns: Sequence[str] = HEAD) -> Cells:
    """What the page says now, by its first column and the databases, which are the last ones."""
    cells: Cells = {}
    for line in page.read_text().splitlines() if page.exists() else []:
        parts = [part.strip() for part in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(parts) == len(columns):
            figures = parts[-len(DATABASES) :]
            cells |= {(parts[0], name): text for name, text in zip(DATABASES, figures, strict=True)}
    return cells


def write(faults: Iterable[Fault], cells: Mapping[tuple[str, str], str], server: str) -> None:
    """The page afresh, with ``cells`` in the place of what it said of them."""
    known = written() | dict(cells)
    rows = "\n".join(row(fault, known) for fault in faults)
    text = INTRODUCTION.format(command="make faults", name="kill")
    PAGE.write_text(f"{text}\n{machine(server)}\n\n{head()}\n{rows}\n")


def server_version(url: str) -> str:
    """PostgreSQL's own version, as in 15.4."""
    with psycopg.connect(url) as connection:
        return str(connection.info.parameter_status("server_version")).split()[0]


def machine(server: str) -> str:
    """Where it ran: what bears on the figures, and nothing that names the machine."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"Machine: {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, {versions}, "
        f"SQLite {sqlite3.sqlite_version}, PostgreSQL {server or NOT_RUN}."
    )
