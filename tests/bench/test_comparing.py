"""The benchmark counts right answers only, and says honestly what it found."""

import json
from typing import Any

import pytest

from mcp_server.registry import registry

from .aims import aims
from .cases import ALONE, CASES
from .load import REVISION, UNIQUE, Request, _wrong
from .official.environment import CONSTRAINTS, _constraints
from .rendering import render

FACTS = {"section_id": 5, "drafts_id": 6, "long_ids": list(range(8)), "editor": "editor"}


def test_the_tools_that_are_measured_exist() -> None:
    tools = {case.ours.tool for case in CASES if case.ours and case.ours.tool}
    # The benchmark's own settings add the one that does nothing.
    assert {name for name in tools if registry.get(name) is None} == {"do_nothing"}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"right right"),
        (200, b"right"),
        (200, b'{"result": {"isError": true, "content": "right right"}}'),
        (200, b'{"error": {"message": "right right"}}'),
    ],
)
def test_a_wrong_answer_is_told(status: int, body: bytes) -> None:
    assert _wrong(Request("", "", "right", 2), status, body)


def test_a_right_answer_is_none() -> None:
    body = b'{"result": {"isError": false, "content": "right right"}}'
    assert not _wrong(Request("", "", "right", 2), 200, body)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_requests_are_what_a_server_can_read(case: Any) -> None:
    for ask in (case.ours, case.official, case.alone):
        if ask is None:
            continue
        first, second = (ask.request(FACTS, "token", 1).encoded("17") for _ in range(2))
        head, _, body = first.partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body)}".encode() in head
        assert UNIQUE.encode() not in first
        assert REVISION.encode() not in first
        if ask.path:
            continue
        params = json.loads(body)["params"]
        if "base_revision_id" in params.get("arguments", {}):
            assert params["arguments"]["base_revision_id"] == 17
        if case.kind == "write":
            assert first != second


def test_the_official_server_gets_our_versions_of_the_rest() -> None:
    ours = set(CONSTRAINTS.read_text().splitlines())
    theirs = set(_constraints().splitlines())
    assert {line.partition("==")[0] for line in ours - theirs} == {"mcp", "mcp-types"}
    assert theirs < ours


@pytest.mark.parametrize(
    ("ours", "cpu", "memory", "said"),
    [
        (400.0, 3.4, 99.0, "**met**"),
        (399.0, 3.4, 99.0, "throughput: **not met** in"),
        (400.0, 3.6, 99.0, "CPU: **not met** in"),
        (400.0, 3.4, 101.0, "server's: **not met** in"),
    ],
)
def test_an_aim_is_met_or_it_is_not(ours: float, cpu: float, memory: float, said: str) -> None:
    found = _found(ours, cpu, memory)
    lines = aims(found).splitlines()
    assert any(said in line for line in lines)
    if said == "**met**":
        assert not any("not met" in line for line in lines)
    assert "| tools/list |" in render(found)


def test_an_aim_that_fastmcp_alone_misses_is_said_to_be() -> None:
    found = _found(399.0, 3.4, 99.0)
    reads = sum(case.kind == "read" for case in CASES)
    said = f"FastMCP alone does not reach {2 * reads} of them either"
    assert [said in line for line in aims(found).splitlines()].count(True) == 1
    assert f"| {ALONE} | 399.5 | – | – |" in render(found)
    for stage in found["stages"]:
        for figures in stage["servers"]["alone"]["cases"].values():
            figures["1"]["rate"] = 401.0
    assert "FastMCP alone does not" not in aims(found)


def test_answers_that_were_wrong_are_in_the_document() -> None:
    found = _found(400.0, 3.4, 99.0)
    found["stages"][0]["servers"]["official"]["cases"]["whoami"]["1"]["failed"] = 3
    assert "official, whoami, sqlite, 100 pages, 1 at once: 3 of 13" in render(found)


def _found(ours: float, cpu: float, memory: float) -> dict[str, Any]:
    def server(name: str, rate: float, memory: float) -> dict[str, Any]:
        figures = {"rate": rate, "p50": 5.0, "p95": 9.0, "bytes": 99.0, "good": 10, "failed": 0,
                   "busy": 0.2, "cpu": cpu}  # fmt: skip
        cases = {case.name: {"1": dict(figures)} for case in CASES if getattr(case, name)}
        return {"memory": memory, "memory_first": memory, "cases": cases}

    tools = [case.name for case in CASES if case.ours and case.ours.tool]
    stages = [
        {
            "engine": "sqlite",
            "pages": pages,
            "functions": {name: {"cpu": 2.0, "queries": 7.0} for name in tools},
            "servers": {
                "ours": server("ours", ours, memory),
                "official": server("official", 100.0, 100.0),
                "alone": server("alone", 399.5, 50.0),
            },
        }
        for pages in (100, 10_000)
    ]
    machine = dict.fromkeys(
        ("processor", "memory", "load", "python", "django", "wagtail", "fastmcp", "uvicorn"), "1"
    )
    return {
        "date": "2026-01-01", "machine": machine, "official_missing": "", "skipped": [],
        "options": {"pages": [100, 10_000], "clients": [1], "seconds": 2.0},
        "engines": {"sqlite": "SQLite 3"}, "minutes": 1.0, "stages": stages,
        "ceiling": {"1": {"rate": 5000.0}},
    }  # fmt: skip
