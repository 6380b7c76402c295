"""`python -m tests.bench.functions FACTS SECONDS`: our tools' own work, without a server.

Prints JSON: per case the milliseconds of processor time, and the queries, of a call. A write
runs in a transaction, as the server has it; the user comes without cached permissions.
"""

import copy
import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import django

from tests.bench.tools.measure import QueryCounter

from .cases import CASES, READ_LONG, Case, Facts
from .load import REVISION, UNIQUE

WARM_UP = 3


def main() -> None:
    counter = QueryCounter()
    counter.watch()
    django.setup()
    facts, seconds = json.loads(Path(sys.argv[1]).read_text()), float(sys.argv[2])
    made = {case.name: measured(case, facts, seconds, counter) for case in CASES if _is_tool(case)}
    print(json.dumps(made))


def _is_tool(case: Case) -> bool:
    return case.ours is not None and bool(case.ours.tool)


def measured(case: Case, facts: Facts, seconds: float, counter: QueryCounter) -> dict[str, float]:
    call = _caller(case, facts)
    for _ in range(WARM_UP):
        call()
    calls, queries, cpu, start = 0, counter.count, process_time(), perf_counter()
    while not calls or perf_counter() - start < seconds:
        call()
        calls += 1
    cpu = process_time() - cpu
    return {"cpu": cpu / calls * 1000, "queries": (counter.count - queries) / calls}


def _caller(case: Case, facts: Facts) -> Callable[[], None]:
    from django.contrib.auth import get_user_model
    from django.db import transaction

    from mcp_server.actor import Actor
    from mcp_server.registry import registry
    from mcp_server.results import compact

    assert case.ours is not None
    spec = registry.get(case.ours.tool)
    assert spec is not None
    given = case.ours.arguments(facts, 0)
    user: Any = get_user_model().objects.get(username=facts["editor"])
    newest, calls = 0, 0

    def call() -> None:
        nonlocal newest, calls
        calls += 1
        # A request loads its user anew, so permissions are looked up in every call.
        actor = Actor(copy.copy(user), None)
        with transaction.atomic() if spec.writes else nullcontext():
            answer = compact(spec.func(actor, **_filled(given, calls, newest)))
        if isinstance(answer, dict):
            newest = answer.get("revision_id", newest)

    if case.before is not None:
        read = registry.get(READ_LONG.tool)
        assert read is not None
        arguments = READ_LONG.arguments(facts, 0)
        newest = compact(read.func(Actor(copy.copy(user), None), **arguments))["revision_id"]
    return call


def _filled(given: Any, number: int, revision: int) -> Any:
    """The arguments with what the load generator would replace in them."""
    if given == REVISION:
        return revision
    if isinstance(given, str):
        return given.replace(UNIQUE, str(number))
    if isinstance(given, dict):
        return {name: _filled(value, number, revision) for name, value in given.items()}
    return given


if __name__ == "__main__":
    main()
