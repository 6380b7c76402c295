"""Several worker processes behind one address: any of them answers any request."""

import asyncio
import os
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import redis
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.live import rpc
from tests.live.asking import ask, say
from tests.live.session import MODERN
from tests.live.site import LiveSite

from .fault import Fault, Outcome
from .scene import Scene, with_settings

WORKERS, SESSIONS, QUICK = 3, 10, 3
LIMIT, FLOOD = 150, 450
# A worker that is silent for 5 seconds is killed by default: on a busy machine, while it starts.
OPTIONS = ("--workers", str(WORKERS), "--timeout-worker-healthcheck", "60")
ERAS = {MODERN: "admin", "legacy": "moderator"}
REDIS = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/14")
SETTINGS = f"""\
MCP_SERVER["RATE_LIMIT"] = "{LIMIT}/10minute"
LOGGING["formatters"]["line"]["format"] = "worker={{process}} {{name}} {{message}}"
"""


def run(scene: Scene) -> Outcome:
    sessions = scene.rounds(SESSIONS, QUICK)
    has_redis = _has_redis()
    environment = {"REDIS_URL": REDIS} if has_redis else {}
    with scene.unserved_site(*OPTIONS, **environment) as site:
        site.environment = with_settings(site, "several", SETTINGS)
        with site.serving():
            blog = int(ask(site, "editor", "find_page", url="/blog/")["id"])
            passed = {
                era: sum(asyncio.run(_session(site, who, era, blog, n)) for n in range(sessions))
                for era, who in ERAS.items()
            }
            admitted = _flood(site) + 1
        seen = len(set(re.findall(r"worker=(\d+) mcp_server", site.log.read_text())))
    shared = f"{admitted} of {FLOOD + 1} calls admitted at a limit of {LIMIT}"
    if not has_redis:
        shared = "rate limits across workers not run: Redis does not answer"
    return Outcome(
        f"{WORKERS} workers, {seen} of which answered; sessions with a new connection per "
        f"request: {passed[MODERN]} of {sessions} modern, {passed['legacy']} of {sessions} with a "
        f"handshake; {shared}",
        met=set(passed.values()) == {sessions}
        and seen == WORKERS
        and (admitted == LIMIT or not has_redis),
    )


async def _session(site: LiveSite, who: str, era: str, blog: int, number: int) -> bool:
    """Create, edit and read by the official client; the worker may be another at each step."""
    headers = {"Authorization": f"Bearer {site.token(who)}"}
    limits = httpx2.Limits(max_keepalive_connections=0)
    try:
        async with (
            httpx2.AsyncClient(headers=headers, limits=limits, trust_env=False, timeout=60) as http,
            Client(streamable_http_client(site.mcp_url, http_client=http), mode=era) as client,
        ):
            tools = (await client.list_tools()).tools
            title = f"{era} {number}"
            made = await _ask(client, "create_blog_post", parent_id=blog, title=title, body="A.")
            base = {"page_id": made["id"], "base_revision_id": made["revision_id"]}
            await _ask(client, "update_page", **base, fields={"intro": title})
            read = await _ask(client, "get_page_content", page_id=made["id"])
            return bool(tools) and read["fields"]["intro"] == title
    except Exception as error:  # noqa: BLE001 - a session that fails is counted
        say(f"{era}: {error!r}")
        return False


async def _ask(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    answer = await client.call_tool(tool, arguments)
    if answer.is_error or answer.structured_content is None:
        raise ValueError(f"{tool}: {answer.content}")
    return dict(answer.structured_content)


def _flood(site: LiveSite) -> int:
    """How many calls of one token get through, each on a connection of its own."""

    def send(_: int) -> bool:
        return rpc.post(site.mcp_url, site.token("editor"), "tools/list").status_code == 200

    with ThreadPoolExecutor(6) as pool:
        return sum(pool.map(send, range(FLOOD)))


def _has_redis() -> bool:
    try:
        return bool(redis.Redis.from_url(REDIS, socket_connect_timeout=2).ping())
    except redis.RedisError:
        return False


FAULTS = (
    Fault(
        "workers",
        "workers ≥ 2 behind one address",
        "any worker answers any request of a modern or stateless client",
        run,
    ),
)
