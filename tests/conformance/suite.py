"""Runs the official suite against a server and reads what it found."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .install import FOLDER, program

# Protocol version → whether the suite has a set of requirements for it, frozen at its release.
VERSIONS = {"2025-03-26": False, "2025-06-18": False, "2025-11-25": True, "2026-07-28": True}
# The suite's word for what belongs to no version.
EXTENSION = "extension"
BAD = frozenset({"FAILURE", "WARNING"})
# What it checks of every message, whether or not the scenario itself applies.
WIRE_SCHEMA = "wire-schema-valid"
RUN_SECONDS = 3600
# A scenario makes up to a hundred requests, which takes a busy machine longer than it allows.
SCENARIO = ("--timeout", "300000")  # milliseconds


@dataclass(frozen=True)
class Check:
    """One check of a scenario; ``status`` is the suite's word for how it ended."""

    name: str
    status: str
    said: str


@dataclass(frozen=True)
class Outcome:
    """What one scenario came to in one version of the protocol."""

    scenario: str
    version: str
    level: str
    checks: tuple[Check, ...]

    @property
    def bad(self) -> list[Check]:
        return [check for check in self.checks if check.status in BAD]

    @property
    def passed(self) -> int:
        return sum(check.status == "SUCCESS" for check in self.checks)

    @property
    def counted(self) -> int:
        """Checks that came to a verdict."""
        return self.passed + len(self.bad)

    @property
    def verdict(self) -> str:
        if any(check.status == "FAILURE" for check in self.checks):
            return "fail"
        if self.bad:
            return "warning"
        own = [check for check in self.checks if check.name != WIRE_SCHEMA]
        return "pass" if any(check.status == "SUCCESS" for check in own) else "skipped"


def run(url: str, name: str) -> list[Outcome]:
    """Every scenario for servers, in every version that the suite knows; ``name`` is the run's."""
    found: list[Outcome] = []
    for version, has_set in VERSIONS.items():
        levels = _levels(version) if has_set else {}
        chosen = ["--requirements", version] if has_set else ["--suite", "all"]
        chosen += [] if has_set else ["--spec-version", version]
        results = FOLDER / "results" / name / version
        _ask(["server", "--url", url, *chosen], results)
        found += _outcomes(results, version, levels)
    return found + list(_extensions(url, name, {outcome.scenario for outcome in found}))


def again(url: str, name: str, before: Outcome) -> Outcome:
    """One scenario once more, by itself."""
    results = FOLDER / "results" / name / "again" / before.version / before.scenario
    version = [] if before.version == EXTENSION else ["--spec-version", before.version]
    _ask(["server", "--url", url, "--scenario", before.scenario, *version], results)
    found = _outcomes(results, before.version, {before.scenario: before.level})
    return next(iter(found))


def _extensions(url: str, name: str, known: Iterable[str]) -> Iterator[Outcome]:
    """The scenarios of extensions that no set of requirements runs."""
    listed = _said(["list", "--server"])
    for scenario in re.findall(rf"- (\S+) \[{EXTENSION}\]", listed):
        if scenario not in known:
            results = FOLDER / "results" / name / scenario
            _ask(["server", "--url", url, "--scenario", scenario], results)
            yield from _outcomes(results, EXTENSION, {scenario: EXTENSION})


def _levels(version: str) -> dict[str, str]:
    """Scenario → why it is not counted; scenarios that are required are not in it."""
    levels: dict[str, str] = {}
    level = ""
    _, _, rest = _said(["list", "--server", "--requirements", version]).partition("never scored")
    for line in rest.splitlines():
        if heading := re.match(r"\s+(\S+) \(\d+\):", line):
            level = heading[1]
        elif scenario := re.match(r"\s+- (\S+) \[server\]", line):
            levels[scenario[1]] = level
    return levels


def _outcomes(results: Path, version: str, levels: dict[str, str]) -> Iterator[Outcome]:
    for file in sorted(results.glob("**/checks.json")):
        # The folder is called server-<scenario>-<time>.
        found = re.fullmatch(r"server-(.+?)-\d{4}-\d\d-\d\dT.*", file.parent.name)
        assert found, file
        checks = tuple(_check(item) for item in json.loads(file.read_text()))
        yield Outcome(found[1], version, levels.get(found[1], "required"), checks)


def _check(item: dict[str, Any]) -> Check:
    return Check(item["id"], item["status"], str(item.get("errorMessage", "")))


def _ask(arguments: list[str], results: Path) -> None:
    shutil.rmtree(results, ignore_errors=True)
    # It fails when a check does, so only what it left says whether it ran.
    said = _said([*arguments, *SCENARIO, "--output-dir", str(results)])
    if not any(results.glob("**/checks.json")):
        raise SystemExit(f"The conformance suite did not run: {said[-1000:]}")


def _said(arguments: list[str]) -> str:
    done = subprocess.run(
        [*program("suite", "conformance"), *arguments],
        cwd=FOLDER, capture_output=True, text=True, timeout=RUN_SECONDS,
    )  # fmt: skip
    return done.stdout + done.stderr
