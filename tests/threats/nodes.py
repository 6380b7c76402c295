"""Running tests, and counting the cases of each."""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.live.site import ROOT


@dataclass(frozen=True)
class Cases:
    """The cases of one test, or of several."""

    passed: int = 0
    skipped: int = 0
    failed: int = 0

    def __add__(self, other: "Cases") -> "Cases":
        return Cases(
            self.passed + other.passed, self.skipped + other.skipped, self.failed + other.failed
        )

    def __str__(self) -> str:
        """N of M; what cannot run on this machine or database is in neither."""
        skipped = f" ({self.skipped} not run here)" if self.skipped else ""
        return f"{self.passed} of {self.passed + self.failed}{skipped}"


def run(nodes: Iterable[str], environment: Mapping[str, str]) -> dict[str, Cases]:
    """Node id → its cases. What pytest prints goes to the terminal."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider"),
                *(f"--junitxml={report}", "-o", "junit_family=xunit1", *nodes),
            ],
            cwd=ROOT, env={**os.environ, **environment}, check=False,
        )  # fmt: skip
        return read(report)


def read(report: Path) -> dict[str, Cases]:
    """A report that pytest wrote. Raises FileNotFoundError when it did not get that far."""
    counted: dict[str, Counter[str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - pytest's own
        node = f"{case.get('file')}::{str(case.get('name')).partition('[')[0]}"
        found = {child.tag for child in case} & {"failure", "error", "skipped"}
        outcome = "skipped" if found == {"skipped"} else "failed" if found else "passed"
        counted.setdefault(node, Counter())[outcome] += 1
    return {node: Cases(**outcomes) for node, outcomes in counted.items()}
