"""Questions to what a run has found; None or nothing where it was not measured."""

from typing import Any

Found = dict[str, Any]
Stage = dict[str, Any]
Figures = dict[str, Any]


def stages(found: Found) -> list[Stage]:
    return list(found["stages"])


def ours_of(stage: Stage, case: str, clients: int) -> Figures | None:
    return _figures(stage, "ours", case, clients)


def official_of(stage: Stage, case: str, clients: int) -> Figures | None:
    return _figures(stage, "official", case, clients)


def alone_of(stage: Stage, case: str, clients: int) -> Figures | None:
    """What FastMCP reached without anything of ours while the case was measured."""
    return _figures(stage, "alone", case, clients)


def out_of_reach(stage: Stage, case: str, clients: int, times: float) -> bool:
    """Whether so many times the official throughput is more than FastMCP alone reaches."""
    alone, official = alone_of(stage, case, clients), official_of(stage, case, clients)
    return bool(alone and official and official["rate"] * times > alone["rate"])


def ratio(stage: Stage, case: str, clients: int) -> float | None:
    """Our answers per second against the official server's."""
    ours, official = ours_of(stage, case, clients), official_of(stage, case, clients)
    if not ours or not official or not official["rate"]:
        return None
    return float(ours["rate"] / official["rate"])


def overhead(stage: Stage, case: str, clients: int) -> float | None:
    """Milliseconds of processor time of a call that are not the function's own."""
    ours, function = ours_of(stage, case, clients), stage["functions"].get(case)
    return ours["cpu"] - function["cpu"] if ours and function else None


def growth(found: Found, engine: str, case: str, server: str) -> float | None:
    """The median time of a call on the largest site against the smallest, with one client."""
    of_engine = _by_size(found, engine)
    if len(of_engine) < 2:
        return None
    clients = min(found["options"]["clients"])
    ends = [_figures(stage, server, case, clients) for stage in (of_engine[0], of_engine[-1])]
    times = [figures and figures["p50"] for figures in ends]
    return float(times[1] / times[0]) if all(times) else None  # type: ignore[operator]  # no None


def queries(found: Found, engine: str, case: str) -> list[float]:
    """Queries of our function's call, from the smallest site to the largest."""
    counted = [stage["functions"].get(case) for stage in _by_size(found, engine)]
    return [figures["queries"] for figures in counted if figures]


def _by_size(found: Found, engine: str) -> list[Stage]:
    chosen = [stage for stage in found["stages"] if stage["engine"] == engine]
    return sorted(chosen, key=lambda stage: int(stage["pages"]))


def _figures(stage: Stage, server: str, case: str, clients: int) -> Figures | None:
    measured = stage["servers"].get(server, {}).get("cases", {}).get(case, {})
    figures: Figures | None = measured.get(str(clients))
    return figures
