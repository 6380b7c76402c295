"""Many clients at once, counted."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

import httpx

from .asking import ask, call, edit, say
from .site import LiveSite

CLIENTS, ROUNDS, DISTINCT, TIMES = 8, 20, 100, 10
REFUSED = "Nothing was saved: "


def race(site: LiveSite) -> None:
    """Edits of one page from what all have read: one may win per round."""
    blog = ask(site, "editor", "find_page", url="/blog/")["id"]
    page = ask(site, "editor", "create_blog_post", parent_id=blog, title="Raced", body="0")
    before, counted, base = _revisions(site, page["id"]), Counter[str](), page["revision_id"]
    started = perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        for number in range(ROUNDS):
            edits = [edit(page["id"], base, f"{number} by {n}") for n in range(CLIENTS)]
            found = answers(pool, lambda one: call(site, "editor", "update_page", **one), edits)
            counted.update(_outcome(answer) for answer in found)
            base = max([base, *(a["structuredContent"]["revision_id"] for a in found if worked(a))])
    seconds = perf_counter() - started
    overwrites = _revisions(site, page["id"]) - before - counted["winners"]
    say(f"\n{ROUNDS * CLIENTS} edits of one page, {CLIENTS} clients, {seconds:.1f} s")
    _counts(counted, ("winners", "refusals", "errors"), {"silent overwrites": overwrites})


def retries(site: LiveSite) -> None:
    """Creating calls that are sent again: each makes one page."""
    blog = ask(site, "editor", "find_page", url="/blog/")["id"]
    # Those of one kind follow each other, so that they meet.
    numbers = [n // TIMES for n in range(DISTINCT * TIMES)]
    before, started = _pages(site, blog), perf_counter()

    def create(number: int) -> dict[str, Any]:
        title = f"Sent again {number}"
        return call(
            site, "editor", "create_blog_post", parent_id=blog, title=title, body="Once only."
        )

    with ThreadPoolExecutor(CLIENTS) as pool:
        found = answers(pool, create, numbers)
    seconds, made = perf_counter() - started, _pages(site, blog) - before
    contents = [answer["structuredContent"] for answer in found if worked(answer)]
    counted = Counter(
        {
            "pages made": made,
            "replayed": sum(bool(answer.get("replayed")) for answer in contents),
            "errors": len(found) - len(contents),
        }
    )
    say(f"\n{len(numbers):,} creates, {DISTINCT} distinct, {CLIENTS} clients, {seconds:.1f} s")
    _counts(counted, ("pages made", "replayed", "errors"), {"duplicates": made - DISTINCT})


def answers(
    pool: ThreadPoolExecutor, send: Callable[[Any], dict[str, Any]], given: Iterable[Any]
) -> list[dict[str, Any]]:
    """Every answer; a broken connection counts as an error like any other."""

    def safely(item: Any) -> dict[str, Any]:
        try:
            return send(item)
        except (httpx.HTTPError, KeyError, ValueError) as error:
            return {"isError": True, "content": [{"text": repr(error)}]}

    return list(pool.map(safely, given))


def worked(answer: dict[str, Any]) -> bool:
    return "structuredContent" in answer and not answer.get("isError")


def _outcome(answer: dict[str, Any]) -> str:
    if worked(answer):
        return "winners"
    text = answer["content"][0]["text"] if answer.get("content") else ""
    return "refusals" if text.startswith(REFUSED) else "errors"


def _counts(counted: Counter[str], names: Iterable[str], more: dict[str, int]) -> None:
    pairs = [*((name, counted[name]) for name in names), *more.items()]
    say("  " + ", ".join(f"{name}: {number}" for name, number in pairs))


def _revisions(site: LiveSite, page_id: int) -> int:
    return int(ask(site, "editor", "list_revisions", page_id=page_id)["total"])


def _pages(site: LiveSite, blog: int) -> int:
    return int(ask(site, "editor", "search_pages", under_id=blog, limit=1)["total"])
