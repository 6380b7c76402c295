"""Clients that go away in the middle of a call: cut off, cancelled, or with their SSE stream."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import monotonic, sleep
from typing import Any

import anyio
import httpx

from tests.live.asking import ask, call
from tests.live.races import answers, worked
from tests.live.session import connected
from tests.live.site import LiveSite

from .dropping import drop
from .fault import Fault, Outcome
from .inspecting import torn
from .scene import Scene
from .tally import pages_titled
from .watching import Held, held_by

WHO = "editor"
CLIENTS = 8
# How long a client waits before it goes: from before the call is read to after it is done.
WAITS = tuple(number / 100 for number in range(0, 50, 2))
SETTLED = 30.0  # seconds in which everything is free again
KEEP_ALIVE = 6.0  # seconds; uvicorn closes an idle connection after 5
SESSIONS = "mcp_active_sessions"

Leave = Callable[[LiveSite, float, dict[str, Any]], bool]


def run(scene: Scene) -> Outcome:
    with scene.site() as site:
        os.environ |= {"MCP_URL": site.mcp_url, f"TOKEN_{WHO.upper()}": site.token(WHO)}
        blog = ask(site, WHO, "find_page", url="/blog/")["id"]
        _busy(site)
        before = _settled(site, None)
        waits = WAITS[:: scene.rounds(1, 6)]
        left, titles, errors = 0, list[str](), 0
        for way, leave in WAYS.items():
            given = [_create(blog, f"{way} {wait:.2f}") for wait in waits]
            left += _gone(site, leave, waits, given)
            titles += [one["title"] for one in given]
            errors += _retried(site, given)
        after = _settled(site, before)
        broken = scene.inspect(site, torn)
        made = scene.inspect(site, pages_titled, titles)
        answered = _busy(site)
    once = sum(number == 1 for number in made.values())
    figures = (
        f"{len(titles)} calls, {left} left before the answer: {len(broken)} half-written, retries "
        f"{len(titles) - errors} of {len(titles)} with one page each for {once}; then threads "
        f"{before.threads} → {after.threads}, sockets {before.sockets} → {after.sockets}, "
        f"{answered} of {CLIENTS} calls at once answered"
    )
    whole = not broken and not errors and once == len(titles)
    met = whole and _is_free(after, before) and answered == CLIENTS
    return Outcome(figures + (f" ({broken[0]})" if broken else ""), met)


def _create(blog: int, title: str) -> dict[str, Any]:
    return {"parent_id": blog, "title": title, "body": "Begun by a client that leaves.\n\n" * 20}


def _gone(
    site: LiveSite, leave: Leave, waits: tuple[float, ...], given: list[dict[str, Any]]
) -> int:
    """How many had no answer when they left."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(leave, [site] * len(given), waits, given))


def _cut(site: LiveSite, wait: float, given: dict[str, Any]) -> bool:
    """The connection is closed."""
    return drop(site, WHO, "create_blog_post", max(wait, 0.001), **given)


def _cancelled(kind: str) -> Leave:
    """The official client gives a call up, in its protocol's own way."""

    async def talk(wait: float, given: dict[str, Any]) -> bool:
        async with connected(kind, WHO) as client:
            with anyio.move_on_after(max(wait, 0.001)) as scope:
                await client.call_tool("create_blog_post", given)
            return scope.cancelled_caught

    def leave(_: LiveSite, wait: float, given: dict[str, Any]) -> bool:
        return asyncio.run(talk(wait, given))

    return leave


def _without_stream(site: LiveSite, wait: float, given: dict[str, Any]) -> bool:
    """An SSE client sends its call and closes the stream on which the answer would come."""
    headers = {"Authorization": f"Bearer {site.token(WHO)}"}
    with (
        httpx.Client(headers=headers, trust_env=False, timeout=30) as client,
        client.stream("GET", f"{site.mcp_url}sse/") as stream,
    ):
        lines = stream.iter_lines()
        address = next(line[5:].strip() for line in lines if line.startswith("data:"))
        for message in _messages(given):
            client.post(f"{site.url}{address}", json=message).raise_for_status()
        sleep(wait)
    return True


def _messages(given: dict[str, Any]) -> list[dict[str, Any]]:
    """A handshake and a call, as clients of before 2025 send them."""
    hello = {
        "protocolVersion": "2024-11-05",
        "capabilities": {},
        "clientInfo": {"name": "tests", "version": "1"},
    }
    params = {"name": "create_blog_post", "arguments": given}
    return [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params},
    ]


WAYS: dict[str, Leave] = {
    "cut off": _cut,
    "given up": _cancelled("modern"),
    "notifications/cancelled": _cancelled("sse"),
    "stream closed": _without_stream,
}


def _retried(site: LiveSite, given: list[dict[str, Any]]) -> int:
    """How many calls fail that are sent again."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        again = answers(pool, lambda one: call(site, WHO, "create_blog_post", **one), given)
    return sum(not worked(answer) for answer in again)


def _busy(site: LiveSite) -> int:
    """All threads at once; how many calls are answered."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        reads = answers(pool, lambda _: call(site, WHO, "get_page_tree"), range(CLIENTS))
    return sum(map(worked, reads))


def _settled(site: LiveSite, before: Held | None) -> Held:
    """What the server holds once no request is open and idle connections are closed.

    With ``before``, it is given time until it holds no more than that.
    """
    assert site.server is not None
    deadline = monotonic() + SETTLED
    sleep(KEEP_ALIVE)
    held = held_by(site.server.pid)
    while monotonic() < deadline and (_open_requests(site) or not _is_free(held, before)):
        sleep(0.5)
        held = held_by(site.server.pid)
    return held


def _is_free(held: Held, before: Held | None) -> bool:
    if before is None:
        return True
    return held.threads <= before.threads and held.sockets <= before.sockets


def _open_requests(site: LiveSite) -> float:
    figures = httpx.get(f"{site.mcp_url}metrics", trust_env=False, timeout=30)
    with suppress(StopIteration):
        found = next(line for line in figures.text.splitlines() if line.startswith(SESSIONS))
        return float(found.split()[-1])
    return 0.0


FAULTS = (
    Fault(
        "leaving",
        "client disconnects, cancels",
        "nothing half-written; a retry works; threads and connections are free again",
        run,
    ),
)
