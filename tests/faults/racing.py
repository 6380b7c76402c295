"""Two agents, of two people, edit one page from what both have read."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from tests.live.asking import ask, call, edit
from tests.live.races import REFUSED, answers, worked
from tests.live.site import LiveSite

from .fault import Fault, Outcome
from .scene import Scene

AGENTS = ("editor", "moderator")


def run(scene: Scene) -> Outcome:
    rounds = scene.rounds(100, 5)
    with scene.site() as site, ThreadPoolExecutor(len(AGENTS)) as pool:
        names = {who: ask(site, who, "get_user_info")["user"] for who in AGENTS}
        blog = ask(site, AGENTS[0], "find_page", url="/blog/")["id"]
        page = ask(site, AGENTS[0], "create_blog_post", parent_id=blog, title="Raced", body="0")
        before, base, counted = _revisions(site, page["id"]), page["revision_id"], Counter[str]()
        for number in range(rounds):
            found = _round(site, pool, page["id"], base, number)
            counted.update(_verdicts(found, names, number))
            base = ask(site, AGENTS[0], "get_page_content", page_id=page["id"])["revision_id"]
        counted["revisions"] = _revisions(site, page["id"]) - before
    return _outcome(rounds, counted)


def _round(
    site: LiveSite, pool: ThreadPoolExecutor, page: int, base: int, number: int
) -> dict[str, dict[str, Any]]:
    """Who → what they were answered."""
    start = Barrier(len(AGENTS))

    def write(who: str) -> dict[str, Any]:
        start.wait()
        return call(site, who, "update_page", **edit(page, base, _intro(who, number)))

    return dict(zip(AGENTS, answers(pool, write, AGENTS), strict=True))


def _intro(who: str, number: int) -> str:
    return f"Round {number} by {who}"


def _verdicts(found: dict[str, dict[str, Any]], names: dict[str, str], number: int) -> Counter[str]:
    counted = Counter[str]()
    winners = [who for who in AGENTS if worked(found[who])]
    counted["one winner"] = len(winners) == 1
    for who in set(AGENTS) - set(winners):
        text = found[who]["content"][0]["text"]
        counted["conflicts"] += text.startswith(REFUSED)
        counted["named"] += any(
            names[winner] in text and _intro(winner, number) in text for winner in winners
        )
    return counted


def _revisions(site: LiveSite, page: int) -> int:
    return int(ask(site, AGENTS[0], "list_revisions", page_id=page)["total"])


def _outcome(rounds: int, counted: Counter[str]) -> Outcome:
    overwrites = counted["revisions"] - counted["one winner"]
    figures = (
        f"{rounds} rounds: one winner in {counted['one winner']}, {counted['conflicts']} "
        f"conflicts, {counted['named']} of them with the other's name and text, "
        f"{overwrites} silent overwrites"
    )
    met = counted["one winner"] == counted["conflicts"] == counted["named"] == rounds
    return Outcome(figures, met and not overwrites)


FAULTS = (
    Fault(
        "races",
        "two agents edit the same page",
        "one wins, one gets a conflict that names the other's change",
        run,
    ),
)
