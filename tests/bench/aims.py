"""The aims, each with the figure that comes nearest to missing it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .cases import CASES
from .findings import Found, growth, out_of_reach, overhead, queries, ratio, stages

READS, WRITES, OVERHEAD_MS, GROWTH = 4.0, 1.5, 1.5, 1.3


@dataclass(frozen=True)
class Value:
    """One figure that an aim is held to, and where it was measured."""

    figure: float
    where: str
    # FastMCP alone would miss the aim there.
    out_of_reach: bool = False


def aims(found: Found) -> str:
    """A list: the aim, met or not met, and the worst figures."""
    lines = [
        _least(f"Every read at least {READS:g} times the official throughput", READS,
               list(_ratios(found, "read", READS))),
        _least(f"Every write at least {WRITES:g} times", WRITES,
               list(_ratios(found, "write", WRITES))),
        _most(f"Overhead of a call over the bare function at most {OVERHEAD_MS:g} ms of CPU",
              OVERHEAD_MS, list(_overheads(found)), " ms"),
        _most(f"Time grows at most {GROWTH:g} times with the site, broad search aside", GROWTH,
              list(_growths(found))),
        _most("Queries are constant in the number of pages", 0, list(_queries(found)), " more"),
        _most("Resident memory below the official server's", 0, list(_memory(found)), " MB more"),
    ]  # fmt: skip
    return "## Aims\n\n" + "\n".join(f"- {line}" for line in lines)


def _least(text: str, limit: float, values: list[Value]) -> str:
    missed = sorted((v for v in values if v.figure < limit), key=lambda v: v.figure)
    return _said(text, values, missed, min, "")


def _most(text: str, limit: float, values: list[Value], unit: str = "") -> str:
    missed = sorted((v for v in values if v.figure > limit), key=lambda v: -v.figure)
    return _said(text, values, missed, max, unit)


def _said(text: str, values: list[Value], missed: list[Value], worst: Any, unit: str) -> str:
    if not values:
        return f"{text}: **not measured**"
    if not missed:
        nearest = worst(values, key=lambda v: v.figure)
        return f"{text}: **met**, nearest {nearest.figure:.2f}{unit} ({nearest.where})"
    shown = "; ".join(f"{v.figure:.2f}{unit} ({v.where})" for v in missed[:5])
    said = f"{text}: **not met** in {len(missed)} of {len(values)} figures: {shown}"
    beyond = sum(v.out_of_reach for v in missed)
    return f"{said}. FastMCP alone does not reach {beyond} of them either" if beyond else said


def _ratios(found: Found, kind: str, times: float) -> Iterator[Value]:
    for stage in stages(found):
        for case in CASES:
            for clients in found["options"]["clients"]:
                value = ratio(stage, case.name, clients)
                if case.kind == kind and value is not None:
                    where = f"{case.name}, {_place(stage)}, {clients} at once"
                    yield Value(value, where, out_of_reach(stage, case.name, clients, times))


def _overheads(found: Found) -> Iterator[Value]:
    clients = min(found["options"]["clients"])
    for stage in stages(found):
        for case in CASES:
            value = overhead(stage, case.name, clients)
            if value is not None:
                yield Value(value, f"{case.name}, {_place(stage)}")


def _growths(found: Found) -> Iterator[Value]:
    for engine in found["engines"]:
        for case in CASES:
            value = growth(found, engine, case.name, "ours")
            if value is not None and not case.grows:
                yield Value(value, f"{case.name}, {engine}")


def _queries(found: Found) -> Iterator[Value]:
    for engine in found["engines"]:
        for case in CASES:
            counted = [round(number) for number in queries(found, engine, case.name)]
            if len(counted) > 1:
                yield Value(max(counted) - min(counted), f"{case.name}, {engine}")


def _memory(found: Found) -> Iterator[Value]:
    for stage in stages(found):
        servers = stage["servers"]
        if "official" in servers:
            more = servers["ours"]["memory"] - servers["official"]["memory"]
            yield Value(more, _place(stage))


def _place(stage: dict[str, Any]) -> str:
    return f"{stage['engine']}, {stage['pages']:,} pages"
