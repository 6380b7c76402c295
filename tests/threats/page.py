"""`docs/threats.md`: the table with the figures of the last complete run."""

from collections.abc import Iterable

from tests.faults import table
from tests.faults.table import DATABASES, NOT_RUN, Cells, cell, machine
from tests.live.site import ROOT

from .threat import Threat

PAGE = ROOT / "docs" / "threats.md"
HEAD = ("Attack", "Defence", "Expected", "SQLite", "PostgreSQL")
INTRODUCTION = """\
# Threats

What an attacker tries, and what came of it. `make threats` makes this page: it runs the tests of
each row on SQLite and, where it answers, PostgreSQL, and measures the rest on a demo that is
served by uvicorn. None of the figures is typed in. “N of M” are the cases of the tests that passed;
behind it stands what was measured; what is not as expected is **bold**. Seconds depend on the
machine. What each defence is, and what no server can solve, is in [security.md](security.md).
"""
TESTS = """\
## The tests of each row

`make test ARGS="{example}"` runs one of them.
"""


def row(threat: Threat, cells: Cells) -> str:
    texts = map(cell, (threat.attack, threat.defence, threat.expected))
    figures = [cells.get((threat.attack, database), NOT_RUN) for database in DATABASES]
    return f"| {' | '.join([*texts, *figures])} |"


def head() -> str:
    return table.head(HEAD)


def written() -> Cells:
    """What the page says now; a run of one database leaves the other's figures."""
    return table.written(PAGE, HEAD)


def write(threats: Iterable[Threat], cells: Cells, server: str) -> None:
    """The whole page."""
    listed = list(threats)
    rows = "\n".join(row(threat, cells) for threat in listed)
    tests = TESTS.format(example=listed[0].tests[0])
    PAGE.write_text(
        f"{INTRODUCTION}\n{machine(server)}\n\n{head()}\n{rows}\n\n{tests}\n"
        + "\n".join(map(_tests, listed))
    )


def _tests(threat: Threat) -> str:
    names = "\n".join(f"- `{node}`" for node in threat.tests)
    return f"{threat.attack}:\n\n{names}\n"
