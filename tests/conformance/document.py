"""Writes docs/conformance.md from what the runs found."""

from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version as version_of
from pathlib import Path

from tests.live.site import ROOT

from .clients import METHODS, STEPS, Session, Step
from .explaining import Failure
from .explanations import EXPLANATIONS
from .suite import VERSIONS, Outcome

DOCUMENT = ROOT / "docs" / "conformance.md"
INTRO = """# Conformance

What programs of others found on the running server. `make conformance` installs them into an
ignored folder, runs them and writes this page; it fails where a check fails that is not explained
below, and where an explanation has nothing left to explain. The explanations stand in
`tests/conformance/explanations.py`.

The server is the demo site on SQLite, one process, with a real token. The suite has no option for
a token, so a forwarder on loopback adds the header; everything else reaches the server as it was
sent.
"""
SUITE = """## The official suite

Two runs. The first is the demo site as it is. Most scenarios call tools, resources and prompts that
the suite prescribes and that no real site has, so in the second run `tests/conformance/fixtures/`
adds them; they pass the same mount, authentication, gate and refusals.

A scenario passes when all of its checks do. “Required” are the scenarios that the suite's frozen
set of requirements names for that version; for 2025-03-26 and 2025-06-18 it has no set. A scenario
is skipped when the suite finds that it does not apply. On the demo site as it is, a few pass that
only look for a text or an error in the answer: the refusal of an unknown tool is one.

The suite has time limits of its own, down to half a second, which a busy machine misses. So a
scenario with a failure that is not explained is run again, up to five times; the last run counts.
"""
SCENARIOS = """In the table: checks that passed, of those that came to a verdict. *Failed* and
*warning* are explained further down; an empty cell means that the scenario does not belong to that
version.
"""
EXPLAINED = """### Failures explained

Warnings are in the table too. “By design” is a decision of this project, “FastMCP” a limit of the
library that serves the protocol, “the suite” a check that cannot pass here.
"""
UNEXPLAINED = """### Failures not explained

The command that wrote this page has failed because of these.
"""
CLIENTS = """## Clients

Each connects with the editor's token, lists the tools, calls `get_user_info`, creates a draft,
reads it, asks for a page that is not there, and reads `content://style-guide`. A tick means that
the answer was the expected one. *http* is Streamable HTTP; *negotiated* is the same, with the
client told to ask for the protocol of 2026-07-28, which it does not by itself.
"""
INSPECTOR = """## The Inspector's command line

One process per request, over each transport; *stdio* starts `manage.py run_mcp`.
"""


def write(
    versions: dict[str, str],
    runs: dict[str, list[Outcome]],
    failures: Sequence[Failure],
    sdks: Sequence[Session],
    inspector: Sequence[Session],
    path: Path = DOCUMENT,
) -> None:
    parts = [INTRO, _versions(versions), SUITE]
    parts += [_summary(runs), SCENARIOS]
    for name, outcomes in runs.items():
        parts.append(f"### Scenarios: {name}\n\n{_scenarios(outcomes)}")
    parts += [EXPLAINED, _explained(failures)]
    if unexplained := [failure for failure in failures if failure.explanation is None]:
        parts += [UNEXPLAINED, _unexplained(unexplained)]
    parts += [CLIENTS, _sessions(sdks, STEPS), INSPECTOR]
    parts.append(_sessions(inspector, [method for method, _, _ in METHODS]))
    path.write_text("\n".join(parts))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines
    )


def _versions(versions: dict[str, str]) -> str:
    ours = {"FastMCP": version_of("fastmcp"), "mcp": version_of("mcp")}
    return table(["Program", "Version"], list({**versions, **ours}.items()))


def _summary(runs: dict[str, list[Outcome]]) -> str:
    head = ["Run", "Version", "Required passed", "Passed", "Warning", "Failed", "Skipped", "Checks"]
    return table(head, _totals(runs))


def _totals(runs: dict[str, list[Outcome]]) -> Iterator[list[str]]:
    for name, outcomes in runs.items():
        for version in dict.fromkeys(outcome.version for outcome in outcomes):
            of_it = [outcome for outcome in outcomes if outcome.version == version]
            required = (
                [one for one in of_it if one.level == "required"] if VERSIONS.get(version) else []
            )
            met = sum(one.verdict in ("pass", "warning") for one in required)
            counts = [
                str(sum(one.verdict == word for one in of_it))
                for word in ("pass", "warning", "fail", "skipped")
            ]
            checks = f"{sum(one.passed for one in of_it)} of {sum(one.counted for one in of_it)}"
            share = f"{met} of {len(required)}" if required else "–"
            yield [name, version, share, *counts, checks]


def _scenarios(outcomes: list[Outcome]) -> str:
    versions = list(dict.fromkeys(outcome.version for outcome in outcomes))
    found = {(one.scenario, one.version): one for one in outcomes}
    names = sorted({outcome.scenario for outcome in outcomes})
    rows = []
    for name in names:
        cells = [_cell(found.get((name, version))) for version in versions]
        rows.append([f"`{name}`", *cells])
    return table(["Scenario", *versions], rows)


def _cell(outcome: Outcome | None) -> str:
    if outcome is None:
        return ""
    if outcome.verdict == "skipped":
        return "skipped"
    word = {"pass": "passed", "warning": "*warning*", "fail": "*failed*"}[outcome.verdict]
    level = "" if outcome.level == "required" else f" ({outcome.level})"
    return f"{word} {outcome.passed}/{outcome.counted}{level}"


def _explained(failures: Sequence[Failure]) -> str:
    rows = []
    for explanation in EXPLANATIONS:
        fitting = [failure for failure in failures if failure.explanation == explanation]
        names = sorted({failure.outcome.scenario for failure in fitting})
        checks = sorted({failure.check.name for failure in fitting})
        versions = sorted({failure.outcome.version for failure in fitting})
        shown = (
            ", ".join(f"`{check}`" for check in checks) if explanation.checks else "all that fail"
        )
        rows.append(
            [
                explanation.run,
                ", ".join(f"`{name}`" for name in names),
                shown,
                ", ".join(versions),
                f"{explanation.whose[0].upper()}{explanation.whose[1:]}: {explanation.why}",
            ]
        )
    return table(["Run", "Scenarios", "Checks", "Versions", "Why"], rows)


def _unexplained(failures: Sequence[Failure]) -> str:
    head = ["Run", "Version", "Scenario", "Check", "What the suite says"]
    return table(
        head,
        [
            [
                one.run,
                one.outcome.version,
                f"`{one.outcome.scenario}`",
                f"`{one.check.name}`",
                one.check.said,
            ]
            for one in failures
        ],
    )


def _sessions(sessions: Sequence[Session], names: Sequence[str]) -> str:
    rows = []
    for session in sessions:
        steps = {step.name: step for step in session.steps}
        cells = [_step(steps.get(name)) for name in names]
        rows.append([session.client, session.transport, *cells])
    return table(["Client", "Transport", *names], rows)


def _step(step: Step | None) -> str:
    if step is None:
        return "not reached"
    return f"{'✓' if step.ok else '**no**:'} {step.said}"
