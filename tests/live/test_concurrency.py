"""Many clients at once: no lost write, no silent overwrite, no page made twice."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from . import rpc
from .site import LiveSite


def _blog(site: LiveSite) -> int:
    found = rpc.call(site.mcp_url, site.token("editor"), "find_page", url="/blog/")
    number: int = found["structuredContent"]["id"]
    return number


def _create(site: LiveSite, **arguments: Any) -> dict[str, Any]:
    return rpc.call(site.mcp_url, site.token("editor"), "create_blog_post", **arguments)


def test_fifty_parallel_retries_make_one_page(site: LiveSite) -> None:
    blog = _blog(site)
    arguments = {"parent_id": blog, "title": "Once only", "body": "Text."}
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: _create(site, **arguments), range(50)))
    assert not [answer for answer in answers if answer.get("isError")]
    assert len({answer["structuredContent"]["id"] for answer in answers}) == 1
    replayed = [answer for answer in answers if answer["structuredContent"].get("replayed")]
    assert len(replayed) == 49


def test_twenty_agents_write_at_once(site: LiveSite) -> None:
    blog = _blog(site)
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(
                lambda n: _create(site, parent_id=blog, title=f"Agent {n % 5}", body=f"By {n}."),
                range(40),
            )
        )
    assert not [answer["content"] for answer in answers if answer.get("isError")]
    assert len({answer["structuredContent"]["id"] for answer in answers}) == 40


def test_racing_edits_of_one_page_have_one_winner_each(site: LiveSite) -> None:
    page = _create(site, parent_id=_blog(site), title="Raced", body="0")["structuredContent"]
    base, rounds = page["revision_id"], 10
    for number in range(rounds):

        def edit(agent: int, base: int = base, number: int = number) -> dict[str, Any]:
            return rpc.call(
                site.mcp_url, site.token("editor"), "update_page", page_id=page["id"],
                base_revision_id=base, fields={"intro": f"{number} by {agent}"},
            )  # fmt: skip

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(edit, range(8)))
        winners = [answer for answer in answers if not answer.get("isError")]
        assert len(winners) == 1
        losers = [answer["content"][0]["text"] for answer in answers if answer.get("isError")]
        assert all("Nothing was saved: " in text for text in losers)
        base = winners[0]["structuredContent"]["revision_id"]
    items = rpc.call(
        site.mcp_url, site.token("editor"), "list_revisions", page_id=page["id"], limit=50
    )["structuredContent"]
    assert items["total"] == rounds + 1
