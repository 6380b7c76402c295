"""The table of threats names tests that exist, and its page has every row."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.faults.table import cell
from tests.live.site import ROOT
from tests.threats import page
from tests.threats.nodes import Cases, read
from tests.threats.table import THREATS
from tests.threats.threat import Threat

REPORT = """\
<testsuites><testsuite>
<testcase file="tests/test_a.py" name="test_one[x-y]"/>
<testcase file="tests/test_a.py" name="test_one[z]"><failure>no</failure></testcase>
<testcase file="tests/test_a.py" name="test_two"><skipped>no Redis</skipped></testcase>
</testsuite></testsuites>
"""


@cache
def defined_in(file: str) -> frozenset[str]:
    """The tests that a file defines."""
    module = ast.parse((ROOT / file).read_text())
    return frozenset(node.name for node in module.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("threat", THREATS, ids=lambda threat: threat.attack)
def test_every_row_has_tests_that_exist(threat: Threat) -> None:
    assert threat.tests
    assert len(set(threat.tests)) == len(threat.tests)
    for node in threat.tests:
        file, _, name = node.partition("::")
        assert (ROOT / file).exists(), node
        assert name in defined_in(file), node


def test_the_page_has_every_row() -> None:
    lines = page.PAGE.read_text().splitlines()
    rows = [re.split(r" (?<!\\)\| ", line.strip("| ")) for line in lines if line.startswith("| ")]
    assert rows[0] == list(page.HEAD)
    assert [row[:3] for row in rows[2:]] == [
        [cell(text) for text in (threat.attack, threat.defence, threat.expected)]
        for threat in THREATS
    ]
    for row in rows[2:]:
        assert len(row) == len(page.HEAD), row[0]
        assert re.match(r"\*{0,2}\d+ of \d+|not run: ", row[3]), row[0]


def test_the_page_names_every_test() -> None:
    text = page.PAGE.read_text()
    missing = [node for threat in THREATS for node in threat.tests if f"`{node}`" not in text]
    assert not missing


def test_cases_are_counted_by_test(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    found = read(report)
    assert found["tests/test_a.py::test_one"] == Cases(passed=1, failed=1)
    total = sum(found.values(), Cases())
    assert str(total) == "1 of 2 (1 not run here)"
