"""Why each check of the suite that fails does. A failure without a row fails the command."""

from dataclasses import dataclass
from typing import Literal

Whose = Literal["by design", "FastMCP", "the suite"]
DEMO, FIXTURES = "the demo site", "with the suite's fixtures"


@dataclass(frozen=True)
class Explanation:
    """One sentence for the checks of these scenarios that fail with these words.

    ``checks`` empty: every check of the scenarios. ``said`` is a part of the suite's message.
    """

    run: str
    scenarios: tuple[str, ...]
    whose: Whose
    why: str
    checks: tuple[str, ...] = ()
    said: str = ""


TASKS = (
    "tasks-capability-negotiation",
    "tasks-dispatch-and-envelope",
    "tasks-lifecycle",
    "tasks-mrtr-composition",
    "tasks-mrtr-input",
    "tasks-request-headers",
    "tasks-request-state-removal",
    "tasks-required-task-error",
    "tasks-wire-fields",
)
ASKING = (
    "elicitation-sep1034-defaults",
    "elicitation-sep1330-enums",
    "tools-call-elicitation",
    "tools-call-sampling",
)
# Of both runs, because no fixture makes a difference to them.
NOT_SERVED: tuple[tuple[tuple[str, ...], Whose, str], ...] = (
    (
        ("resources-subscribe", "resources-unsubscribe"),
        "by design",
        "a stateless server has no stream to send updates on to clients of the handshake era, so "
        "it neither promises nor accepts subscriptions; clients of 2026-07-28 listen instead.",
    ),
    (
        ("server-sse-multiple-streams", "server-sse-polling"),
        "by design",
        "the server is stateless: it gives out no session to come back to and keeps no events, so "
        "that any process can answer any request.",
    ),
    (
        TASKS,
        "by design",
        "the tasks extension is not served; every call answers within its own request.",
    ),
    (
        ("http-custom-header-server-validation",),
        "by design",
        "no tool takes a parameter from a header, and without one the suite has nothing to check.",
    ),
)

# The suite's own tools, resources and prompts; where they are there, all of these pass.
FIXTURES_ONLY = (
    "completion-complete",
    "input-required-result-basic-elicitation",
    "input-required-result-basic-list-roots",
    "input-required-result-basic-sampling",
    "input-required-result-capability-check",
    "input-required-result-missing-input-response",
    "input-required-result-multi-round",
    "input-required-result-multiple-input-requests",
    "input-required-result-non-tool-request",
    "input-required-result-request-state",
    "input-required-result-result-type",
    "input-required-result-tampered-state",
    "input-required-result-validate-input",
    "prompts-get-embedded-resource",
    "prompts-get-simple",
    "prompts-get-with-args",
    "prompts-get-with-image",
    "resources-read-binary",
    "resources-read-text",
    "resources-templates-read",
    "tools-call-audio",
    "tools-call-embedded-resource",
    "tools-call-image",
    "tools-call-mixed-content",
    "tools-call-with-logging",
    "tools-call-with-progress",
)

LIST_CHANGES = (
    "sep-2575-server-sends-prompts-list-changed-on-subscription",
    "sep-2575-server-sends-tools-list-changed-on-subscription",
)

EXPLANATIONS: tuple[Explanation, ...] = (
    *(Explanation(run, *rest) for run in (DEMO, FIXTURES) for rest in NOT_SERVED),
    *(
        Explanation(
            run,
            ("server-stateless",),
            "by design",
            "nothing that the suite calls changes a list here, and a stream looks for changes "
            "every three seconds while the suite waits for less than one.",
            checks=LIST_CHANGES,
            said="list_changed arrived",
        )
        for run in (DEMO, FIXTURES)
    ),
    Explanation(
        DEMO,
        FIXTURES_ONLY,
        "the suite",
        "it wants a tool, resource or prompt of its own that no real site has; with the fixtures "
        "it passes.",
    ),
    Explanation(
        DEMO,
        ("server-stateless",),
        "the suite",
        "it calls a tool of its own that the demo does not have; with the fixtures it passes.",
        checks=(
            "sep-2575-missing-capability-http-400",
            "sep-2575-server-rejects-undeclared-capability",
        ),
    ),
    Explanation(
        DEMO,
        (*ASKING, "json-schema-2020-12"),
        "the suite",
        "it wants a tool of its own that no real site has; the run with the fixtures shows what "
        "becomes of it.",
    ),
    Explanation(
        FIXTURES,
        ASKING,
        "by design",
        "a stateless server cannot ask a client of the handshake era while a call runs; in "
        "2026-07-28 it asks in its answer, and those scenarios pass.",
    ),
    Explanation(
        FIXTURES,
        ("json-schema-2020-12",),
        "FastMCP",
        "it writes references out in every schema that it lists, so that clients need not resolve "
        "them, and `$defs` and `$anchor` go with them.",
        checks=("json-schema-2020-12-$defs", "sep-2106-anchor-keyword-preserved"),
    ),
)
