"""Holds what failed to the declared explanations, both ways."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .explanations import EXPLANATIONS, Explanation
from .suite import Check, Outcome


@dataclass(frozen=True)
class Failure:
    """One check that failed, in one version, in one of the two runs."""

    run: str
    outcome: Outcome
    check: Check

    def __str__(self) -> str:
        where = f"{self.run}, {self.outcome.version}, {self.outcome.scenario}"
        return f"{where}: {self.check.name} {self.check.status}: {self.check.said[:600]}"

    def fits(self, explanation: Explanation) -> bool:
        return (
            explanation.run == self.run
            and self.outcome.scenario in explanation.scenarios
            and (not explanation.checks or self.check.name in explanation.checks)
            and explanation.said in self.check.said
        )

    @property
    def explanation(self) -> Explanation | None:
        return next((one for one in EXPLANATIONS if self.fits(one)), None)


def is_explained(run: str, outcome: Outcome) -> bool:
    return all(Failure(run, outcome, check).explanation for check in outcome.bad)


def failures(runs: dict[str, list[Outcome]]) -> list[Failure]:
    return [
        Failure(run, outcome, check)
        for run, outcomes in runs.items()
        for outcome in outcomes
        for check in outcome.bad
    ]


def complaints(found: Iterable[Failure]) -> Iterator[str]:
    """What the table does not explain, and what of it explains nothing any longer."""
    used = set()
    for failure in found:
        explanation = failure.explanation
        if explanation is None:
            yield f"not explained: {failure}"
        else:
            used.add((explanation, failure.outcome.scenario))
    for explanation in EXPLANATIONS:
        for scenario in explanation.scenarios:
            if (explanation, scenario) not in used:
                where = f"{explanation.run}, {scenario}"
                yield f"does not fail as explained: {where}: {explanation.why}"
