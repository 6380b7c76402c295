"""Figures about what comes in: addresses, pictures, large bodies, foreign hosts, random names."""

import base64
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex
from time import perf_counter
from typing import Any

import httpx

from mcp_server.transport.gate import NO_SUCH_TOOL
from tests.content.hostile_texts import TEXTS
from tests.faults.scene import Scene
from tests.live import rpc
from tests.live.asking import call
from tests.live.site import LiveSite
from tests.media.addresses import ANSWERS, HOSTS, URLS
from tests.media.hostile import bomb as png_bomb

from .threat import Figure

WHO = "editor"
NAMES, CLIENTS = 10_000, 8
MIB = 1024 * 1024
FOREIGN = (
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil.example:80",
    "169.254.169.254",
    "rebind.127.0.0.1.evil.example",
)
# Name → body, each larger or deeper than any call.
LARGE = {
    "5 MiB": b'{"jsonrpc": "2.0", "id": 1, "method": "' + b"a" * (5 * MIB) + b'"}',
    "lists in lists, 100,000 deep": b"[" * 100_000 + b"]" * 100_000,
    "objects in objects, 100,000 deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
}
DEEP_TEXT = "<b>" * 3_000 + "x" + "</b>" * 3_000


def hostile_texts(scene: Scene, site: LiveSite) -> Figure:
    """How large the corpus of the tests is."""
    texts = sum(map(len, TEXTS.values()))
    return Figure(f"{texts} texts in the corpus", texts > 100)


def addresses(scene: Scene, site: LiveSite) -> Figure:
    """Every address of the corpus, through the tool of a running server."""
    # Without an address the tool answers with one to send the file to.
    urls = [*(f"http://{host}/a.png" for host in HOSTS), *filter(None, URLS)]
    answers = [call(site, WHO, "upload_image", title="Inside", url=url) for url in urls]
    refused = sum(bool(answer.get("isError")) for answer in answers)
    return Figure(
        f"{refused} of {len(urls)} addresses refused, {len(ANSWERS)} answers of name servers in "
        "the tests",
        refused == len(urls),
    )


def bomb(scene: Scene, site: LiveSite) -> Figure:
    """121 million pixels in one small PNG."""
    content = png_bomb()
    data = base64.b64encode(content).decode()
    started = perf_counter()
    answer = call(site, WHO, "upload_image", title="Large", data=data)
    seconds = perf_counter() - started
    refused = "too large" in str(answer.get("content")) and bool(answer.get("isError"))
    verdict = "refused" if refused else "stored"
    return Figure(f"{len(content) / 1000:.0f} kB: {verdict} in {seconds:.3f} s", refused)


def large(scene: Scene, site: LiveSite) -> Figure:
    """Bodies and texts that are too much; each is followed by a call that has to work."""
    refused = answered = 0
    for body in LARGE.values():
        refused += 400 <= rpc.post_raw(site.mcp_url, site.token(WHO), body).status_code < 500
        answered += _works(site)
    blog = call(site, WHO, "find_page", url="/blog/")["structuredContent"]["id"]
    for value in (DEEP_TEXT, _nested(40)):
        given: dict[str, Any] = {"parent_id": blog, "title": "Deep", "body": value}
        answer = call(site, WHO, "create_blog_post", **given)
        # Text without its tags may be kept; an internal error may not be the answer.
        refused += "Something went wrong" not in json.dumps(answer)
        answered += _works(site)
    total = len(LARGE) + 2
    return Figure(
        f"{refused} of {total} refused or made harmless, {answered} of {total} calls after them "
        "answered",
        refused == answered == total,
    )


def strangers(scene: Scene, site: LiveSite) -> Figure:
    """Foreign hosts and origins with a good token."""
    hosts = Counter(_with(site, Host=host) for host in FOREIGN)
    origins = Counter(_with(site, Origin=f"http://{host}") for host in FOREIGN)
    origins[_with(site, Origin="null")] += 1
    own = _with(site, Origin=site.url)
    return Figure(
        f"{hosts[421]} of {len(FOREIGN)} hosts: 421, {origins[403]} of {len(FOREIGN) + 1} "
        f"origins: 403, the site's own: {own}",
        hosts[421] == len(FOREIGN) and origins[403] == len(FOREIGN) + 1 and own == 200,
    )


def series(scene: Scene, site: LiveSite) -> Figure:
    """Names of tools that nobody registered, and what an anonymous client reads."""
    # The label that unknown names share has its series from the first of them on.
    _is_unknown(site, 0)
    before = _series(site)
    with ThreadPoolExecutor(CLIENTS) as pool:
        unknown = sum(pool.map(lambda n: _is_unknown(site, n), range(NAMES)))
    after = _series(site)
    anonymous = _metrics(site, {"X-Forwarded-For": "203.0.113.9"}).status_code
    return Figure(
        f"{unknown:,} of {NAMES:,} random names unknown: {before} series before, {after} after; "
        f"anonymous: {anonymous}",
        before == after and anonymous == 401 and unknown == NAMES,
    )


def _nested(depth: int) -> list[dict[str, Any]]:
    """Blocks in blocks."""
    value: list[dict[str, Any]] = [{"type": "paragraph", "value": "x"}]
    for _ in range(depth):
        value = [{"type": "columns", "value": value}]
    return value


def _works(site: LiveSite) -> bool:
    return "structuredContent" in call(site, WHO, "get_user_info")


def _is_unknown(site: LiveSite, number: int) -> bool:
    answer = call(site, WHO, f"tool_{number}_{token_hex(8)}")
    return "structuredContent" not in answer and NO_SUCH_TOOL in str(answer)


def _series(site: LiveSite) -> int:
    """Time series that the server tells a monitor of."""
    lines = _metrics(site).text.splitlines()
    return sum(bool(line) and not line.startswith("#") for line in lines)


def _metrics(site: LiveSite, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.get(f"{site.mcp_url}metrics", headers=headers, trust_env=False, timeout=60)


def _with(site: LiveSite, **headers: str) -> int:
    """The status of a request that would be in order without these headers."""
    with httpx.Client(headers=headers, trust_env=False, timeout=60) as client:
        return rpc.post(site.mcp_url, site.token(WHO), "tools/list", client=client).status_code
