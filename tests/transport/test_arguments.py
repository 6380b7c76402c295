"""What a caller is told when arguments do not fit."""

from typing import Any

import pytest

from mcp_server.registry import registry
from mcp_server.transport.arguments import Arguments, BadArguments
from mcp_server.transport.wording import either

from .test_schema import SORT_PLANTS

ARGUMENTS = Arguments(SORT_PLANTS)
GOOD: dict[str, Any] = {"name": "Fagus", "parts": [{"kind": "leaf"}], "body": "text"}
CANARY = "c4n4ry-value-of-the-caller"


def problems(**given: Any) -> list[str]:
    with pytest.raises(BadArguments) as caught:
        ARGUMENTS.read({**GOOD, **given})
    first, *lines = str(caught.value).splitlines()
    assert first == "sort_plants was not run. Correct this and call again:"
    return lines


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": ""}, "name: must not be empty"),
        ({"name": CANARY}, "name: at most 20 characters"),
        ({"name": 7}, "name: must be text"),
        ({"parts": CANARY}, "parts: must be a list"),
        ({"parts": [CANARY]}, "parts[0]: must be an object"),
        ({"parts": [{}]}, "parts[0].kind: required"),
        ({"parts": [{"kind": CANARY}]}, "parts[0].kind: not a choice (allowed: stem, leaf)"),
        (
            {"parts": [{"kind": "leaf", "size": CANARY}]},
            "parts[0].size: must be a whole number",
        ),
        ({"body": 3}, "body: must be text or a list"),
        ({"body": [CANARY]}, "body: must be text"),
        ({"version": CANARY}, "version: not a choice (allowed: draft, live)"),
        ({"seen": CANARY}, "seen: must be a date such as 2026-05-31"),
        ({"tags": [1]}, "tags[0]: must be text"),
        ({"copy": CANARY}, "copy: must be true or false"),
        (
            {"colour": CANARY},
            "colour: no such argument (allowed: name, parts, body, version, seen, tags, copy)",
        ),
    ],
)
def test_wording(given: dict[str, Any], said: str) -> None:
    lines = problems(**given)
    assert said in lines, lines
    assert not any(CANARY in line for line in lines)


def test_true_is_no_number() -> None:
    """pydantic takes it for 1, and a page with the id 1 there is."""
    spec = registry.get("get_page_content")
    assert spec is not None
    with pytest.raises(BadArguments, match="page_id: must be a whole number"):
        Arguments(spec).read({"page_id": True})
    assert Arguments(spec).read({"page_id": 1}) == {"page_id": 1}


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        (["not a choice (allowed: a, b)"], "not a choice (allowed: a, b)"),
        (
            ["not a choice (allowed: live)", "must be a whole number"],
            "must be one of (live) or a whole number",
        ),
        (["at least 2 items", "must be text"], "must be text or at least 2 items"),
    ],
)
def test_messages_about_one_value_are_one_sentence(messages: list[str], said: str) -> None:
    assert either(messages) == said


def test_every_problem_is_told_at_once() -> None:
    assert len(problems(name=1, version=2, copy="x")) == 3


def test_the_list_of_problems_has_an_end() -> None:
    lines = problems(tags=list(range(100)))
    assert len(lines) == 13
    assert lines[-1] == "and 88 more"


def test_an_invented_name_is_cut() -> None:
    assert len(problems(**{"x" * 10_000: 1})[0]) < 200


def test_what_is_left_out_stays_out() -> None:
    assert ARGUMENTS.read(GOOD).keys() == GOOD.keys()


def test_null_for_an_optional_argument_means_left_out() -> None:
    read = ARGUMENTS.read({**GOOD, "version": None, "tags": None, "seen": None})
    assert "version" not in read
    assert "tags" not in read
    assert read["seen"] is None


def test_null_for_a_required_argument_is_refused() -> None:
    assert problems(name=None) == ["name: must be text"]
