"""Figures about tokens: where their secrets end up, guesses, and revocations."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex
from threading import local
from time import perf_counter, time

import httpx
import psycopg
from psycopg import sql

from mcp_server import digests
from tests.faults.scene import Scene
from tests.faults.tally import more_tokens
from tests.live import rpc
from tests.live.site import LiveSite
from tests.live.test_secrets import NAMES, searched, use_every_path

from .threat import Figure

GUESSES, CLIENTS = 10_000, 8
PER_MINUTE = 20  # AUTH_FAILURE_LIMIT as it is delivered
REVOCATIONS = 50
WITHIN = 0.1  # seconds
MB = 1024 * 1024

_threads = local()


def canary(scene: Scene, site: LiveSite) -> Figure:
    """Three tokens go every way there is; then all that the site wrote is searched for them."""
    use_every_path(site)
    texts = [*searched(site), *_rows(site.environment["DATABASE_URL"])]
    secrets = [site.token(name).encode() for name in NAMES]
    hits = sum(text.count(secret) for secret in secrets for text in texts)
    size = sum(map(len, texts)) / MB
    return Figure(
        f"{hits} hits of {len(secrets)} tokens in {len(texts):,} pages, files and tables "
        f"({size:.1f} MB)",
        hits == 0,
    )


def guesses(scene: Scene, site: LiveSite) -> Figure:
    """From one address, half of them malformed and half such as the site might have issued."""
    secrets = [digests.generate() if n % 2 else token_hex(20) for n in range(GUESSES)]
    started = perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        found = Counter(pool.map(lambda secret: _status(site, secret), secrets))
    seconds = perf_counter() - started
    # Whoever is being answered when the limit is reached gets through besides.
    windows = int(seconds // 60) + 2
    return Figure(
        f"{GUESSES:,} guesses in {seconds:.0f} s: {found[401]} × 401, {found[429]:,} × 429, "
        f"{GUESSES - found[401] - found[429]} other",
        found[401] + found[429] == GUESSES and found[401] <= windows * (PER_MINUTE + CLIENTS),
    )


def revocations(scene: Scene, site: LiveSite) -> Figure:
    """From the commit of a revocation to the end of the first answer after it."""
    tokens = scene.inspect(site, more_tokens, [f"revoked {n}" for n in range(REVOCATIONS)])
    before, after, waits = Counter[int](), Counter[int](), list[float]()
    for name, secret in tokens.items():
        before[_status(site, secret)] += 1
        revoked = scene.inspect(site, _revoke, name)
        after[_status(site, secret)] += 1
        waits.append(time() - revoked)
    late = sum(wait > WITHIN for wait in waits)
    return Figure(
        f"{REVOCATIONS} revocations: {before[200]} × 200 before, {after[401]} × 401 at the first "
        f"request after; answered at most {max(waits) * 1000:.0f} ms after the commit, {late} "
        f"later than {WITHIN * 1000:.0f} ms",
        before[200] == after[401] == REVOCATIONS,
    )


def _revoke(name: str) -> float:
    """Revoke, and say when that was done."""
    from mcp_server.models import MCPToken

    MCPToken.objects.get(name=name).revoke()
    return time()


def _status(site: LiveSite, secret: str) -> int:
    if not hasattr(_threads, "client"):
        _threads.client = httpx.Client(trust_env=False, timeout=60)
    return rpc.post(site.mcp_url, secret, "prompts/list", client=_threads.client).status_code


def _rows(url: str) -> Iterator[bytes]:
    """Every table of a PostgreSQL database as text; SQLite's are files of the site."""
    if not url.startswith("postgres"):
        return
    with psycopg.connect(url) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (name,) in names.fetchall():
            rows = connection.execute(
                sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name))
            )
            yield "\n".join(row for (row,) in rows).encode()
