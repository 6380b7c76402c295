"""docs/performance.md from what a run has found."""

from collections.abc import Iterator
from typing import Any

from .aims import aims
from .cases import ALONE, CASES
from .comparing import ROUNDS
from .findings import Stage, alone_of, growth, official_of, ours_of, queries, ratio, stages
from .official.environment import version

COMMAND = "make bench"
READING = """\
*whoami* is our `get_user_info` beside the official `whoami`. *no-op tool* returns at once: what \
HTTP, FastMCP, the look-up of the token and the records of a call cost by themselves. *FastMCP \
alone* is such a tool of a server without a token, a log or a database. *v3 GET* is Wagtail's own \
API without MCP. *Function CPU* is the tool's work called as a Python function. “–”: \
there is nothing to measure, or one answer takes more than 5 s and was not asked for by several \
clients."""


def render(found: dict[str, Any]) -> str:
    """The whole page, Markdown."""
    measured = stages(found)
    parts = [_head(found), READING, aims(found), *_floors(measured)]
    parts += [_ratios(stage, found["options"]["clients"]) for stage in measured]
    parts += [_growth(found), _memory(measured)]
    if wrong := list(_wrong(measured)):
        parts.append(
            "## Wrong answers\n\nThey are no part of the figures above.\n\n" + "\n".join(wrong)
        )
    return "\n\n".join(parts) + "\n"


def _head(found: dict[str, Any]) -> str:
    made = found["machine"]
    options = found["options"]
    engines = ", ".join(found["engines"].values())
    top = max(found["ceiling"].values(), key=lambda figures: float(figures["rate"]))
    busiest = max(
        figures["busy"]
        for stage in found["stages"]
        for server in stage["servers"].values()
        for case in server["cases"].values()
        for figures in case.values()
    )
    lines = [
        "# Performance",
        "",
        f"Written by `{COMMAND}`; `{COMMAND} ARGS=--render` writes it again from the last run.",
        "",
        f"{found['date']}, {made['processor']}, {made['memory']} of memory, load at the start "
        f"{made['load']}. Python {made['python']}, Django {made['django']}, Wagtail "
        f"{made['wagtail']}, FastMCP {made['fastmcp']}, uvicorn {made['uvicorn']}, {engines}; "
        f"{found['minutes']:.0f} minutes in all, {options['seconds']:g} s per figure.",
        "",
        f"Beside ours runs the official server, `wagtail-mcp` {version()}, in its own virtual "
        "environment with Wagtail's v3 API as its documentation says. Both serve copies of one "
        "database, each in one uvicorn process with httptools, uvloop and the same options, "
        "settings and requests of protocol 2026-07-28. They are asked in turn, each case in "
        f"{ROUNDS} rounds, of which the one in the middle is told. Every answer is checked; wrong "
        "ones do not count. The "
        f"load generator is a process of its own: against an application that does nothing it "
        f"reaches {top['rate']:.0f} requests/s, and it was busy at most {busiest:.0%} of a "
        "processor while it measured.",
    ]
    lines += [f"\n{engine} was not reachable and is left out." for engine in found["skipped"]]
    if found["official_missing"]:
        lines.append("\nThe official server could not be installed, so ours stands alone.")
    return "\n".join(lines)


def _floors(measured: list[Stage]) -> Iterator[str]:
    """What stands between the aims and any tool on this stack."""
    for stage in measured[:1]:
        nothing, alone = ours_of(stage, "no-op tool", 1), alone_of(stage, "whoami", 1)
        theirs = official_of(stage, "whoami", 1)
        create = stage["functions"].get("create draft")
        if nothing and alone and theirs and create:
            yield (
                f"The floor, on {stage['engine']} with {stage['pages']:,} pages: FastMCP alone "
                f"takes {alone['cpu']:.1f} ms of CPU for a call that does nothing, ours "
                f"{nothing['cpu']:.1f} ms, and the official server's whoami {theirs['cpu']:.1f} "
                f"ms, so that no server on FastMCP can be more than "
                f"{theirs['cpu'] / alone['cpu']:.1f} times as fast as that one, and no call of "
                f"ours more than {theirs['cpu'] / nothing['cpu']:.1f} times. A create takes "
                f"{create['cpu']:.0f} ms without any server: Wagtail's action, and looking over "
                "what the draft lacks."
            )


def _ratios(stage: Stage, clients: list[int]) -> str:
    head = ["case"]
    for number in clients:
        who = "1 client" if number == 1 else f"{number} clients"
        head += [f"{who}: ours /s", "official /s", "ratio", "p50 ms", "p95 ms"]
    head += ["CPU ms", "function CPU ms", "queries", "reply bytes"]
    rows = [_row(stage, case.name, clients) for case in CASES]
    title = f"## {stage['engine']}, {stage['pages']:,} pages"
    note = "Where two figures stand together, ours is the first. CPU and bytes: one client."
    return f"{title}\n\n{note}\n\n{table(head, rows)}"


def _row(stage: Stage, name: str, clients: list[int]) -> list[str]:
    cells = [name]
    for number in clients:
        ours, official = _ours(stage, name, number), official_of(stage, name, number)
        cells += [_cell(ours, "rate", 1), _cell(official, "rate", 1)]
        share = ratio(stage, name, number)
        cells.append(f"**{share:.1f}**" if share is not None else "–")
        cells += [_pair(ours, official, key, 1) for key in ("p50", "p95")]
    ours, official = _ours(stage, name, clients[0]), official_of(stage, name, clients[0])
    function = stage["functions"].get(name, {})
    cells += [_pair(ours, official, "cpu", 1), _cell(function, "cpu", 1)]
    return [*cells, _cell(function, "queries", 0), _pair(ours, official, "bytes", 0)]


def _ours(stage: Stage, name: str, clients: int) -> dict[str, Any] | None:
    """Ours, and in the row of FastMCP alone that."""
    return alone_of(stage, name, clients) if name == ALONE else ours_of(stage, name, clients)


def _growth(found: dict[str, Any]) -> str:
    """How the time of a call grows from the smallest to the largest site."""
    sizes = found["options"]["pages"]
    rows = list(_growth_rows(found, min(sizes), max(sizes)))
    head = ["database", "case", "ours", "official", "queries of ours"]
    return (
        f"## Growth from {min(sizes):,} to {max(sizes):,} pages\n\n"
        "Median time of a call with one client, the largest site against the smallest.\n\n"
        + table(head, rows)
    )


def _growth_rows(found: dict[str, Any], least: int, most: int) -> Iterator[list[str]]:
    for engine in found["engines"]:
        # FastMCP alone has no site.
        for case in (case for case in CASES if case.name != ALONE):
            shown = [growth(found, engine, case.name, who) for who in ("ours", "official")]
            counts = queries(found, engine, case.name)
            yield [
                engine,
                case.name,
                *("–" if value is None else f"{value:.2f}" for value in shown),
                " → ".join(f"{value:.0f}" for value in counts) or "–",
            ]


def _memory(measured: list[Stage]) -> str:
    rows = [
        [
            f"{stage['engine']}, {stage['pages']:,}",
            *(
                _cell(stage["servers"].get(who, {}), key, 0)
                for who in ("ours", "official")
                for key in ("memory_first", "memory")
            ),
        ]
        for stage in measured
    ]
    head = [
        "site",
        "ours, first case",
        "ours, at the end",
        "official, first",
        "official, at the end",
    ]
    return f"## Resident memory, MB\n\n{table(head, rows)}"


def _wrong(measured: list[Stage]) -> Iterator[str]:
    for stage in measured:
        for who, server in stage["servers"].items():
            for case, by_clients in server["cases"].items():
                for clients, figures in by_clients.items():
                    if figures["failed"]:
                        total = figures["failed"] + figures["good"]
                        yield (
                            f"- {who}, {case}, {stage['engine']}, {stage['pages']:,} pages, "
                            f"{clients} at once: {figures['failed']} of {total}"
                        )


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(figures: dict[str, Any] | None, key: str, digits: int) -> str:
    value = (figures or {}).get(key)
    return "–" if value is None else f"{value:.{digits}f}"


def _pair(ours: Any, official: Any, key: str, digits: int) -> str:
    return " / ".join(_cell(figures, key, digits) for figures in (ours, official))
