"""A create whose answer was lost is sent again, by many at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.live.asking import ask, call
from tests.live.races import answers, worked
from tests.live.site import LiveSite

from .dropping import drop
from .fault import Fault, Outcome
from .scene import Scene
from .tally import pages_titled

WHO = "editor"
RETRIES = 50
CLIENTS = 16
AT_ONCE = 0.001  # seconds


def run(scene: Scene) -> Outcome:
    with scene.site() as site:
        blog = ask(site, WHO, "find_page", url="/blog/")["id"]
        titles = [f"Sent again {number}" for number in range(scene.rounds(10, 2))]
        found = [_again(site, blog, title) for title in titles]
        made = scene.inspect(site, pages_titled, titles)
    errors = sum(not worked(answer) for round_ in found for answer in round_)
    alike = sum(_is_one_answer(round_) for round_ in found)
    once = sum(number == 1 for number in made.values())
    calls = len(titles) * (RETRIES + 1)
    figures = (
        f"{calls:,} calls, {len(titles)} distinct: one page for {once} of {len(titles)}, "
        f"the same answer for {alike} of {len(titles)}, {errors} errors"
    )
    return Outcome(figures, once == alike == len(titles) and not errors)


def _again(site: LiveSite, blog: int, title: str) -> list[dict[str, Any]]:
    """One call whose answer nobody reads, then all the others."""
    given = {"parent_id": blog, "title": title, "body": "Once only."}
    drop(site, WHO, "create_blog_post", AT_ONCE, **given)
    with ThreadPoolExecutor(CLIENTS) as pool:
        return answers(pool, lambda _: call(site, WHO, "create_blog_post", **given), range(RETRIES))


def _is_one_answer(found: list[dict[str, Any]]) -> bool:
    """All say the same but for the mark of a replay."""
    said = [{**answer.get("structuredContent", {}), "replayed": None} for answer in found]
    return all(one == said[0] for one in said)


FAULTS = (
    Fault(
        "retries",
        "the same create sent again after a lost reply, 50 in parallel",
        "1 page; the same answer each time",
        run,
    ),
)
