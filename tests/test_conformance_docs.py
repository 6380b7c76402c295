"""docs/conformance.md, which a run of the suite has written, says what the declared table says."""

import re

import pytest

from tests.conformance.clients import METHODS, STEPS
from tests.conformance.document import DOCUMENT
from tests.conformance.explanations import EXPLANATIONS, Explanation
from tests.conformance.suite import VERSIONS


def rows() -> list[list[str]]:
    """The cells of every row of every table."""
    lines = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def explained() -> list[list[str]]:
    return [row for row in rows() if row[-1].startswith(("By design:", "FastMCP:", "The suite:"))]


@pytest.mark.parametrize("explanation", EXPLANATIONS, ids=lambda one: one.why[:50])
def test_each_explanation_names_its_failures(explanation: Explanation) -> None:
    of_the_run = [row for row in explained() if row[0] == explanation.run]
    fitting = [row for row in of_the_run if row[-1].endswith(explanation.why)]
    assert len(fitting) == 1
    named = set(re.findall(r"`([^`]+)`", fitting[0][1]))
    assert named == set(explanation.scenarios)
    assert set(re.findall(r"`([^`]+)`", fitting[0][2])) == set(explanation.checks)


def test_each_scenario_that_failed_is_explained() -> None:
    named = {name for row in explained() for name in re.findall(r"`([^`]+)`", row[1])}
    failed = {
        row[0].strip("`")
        for row in rows()
        if any(cell.startswith(("*failed*", "*warning*")) for cell in row[1:])
    }
    assert failed
    assert failed - named == set()


def test_every_version_and_step_has_a_column() -> None:
    columns = {cell for row in rows() for cell in row}
    assert {*VERSIONS, *STEPS, *(method for method, _, _ in METHODS)} <= columns
