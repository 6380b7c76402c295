"""How often a token may call, and how many unknown tokens an address may present."""

import logging
import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from mcp_server import counters, digests, rates
from mcp_server.counters import MEMORY, ProcessStorage
from mcp_server.rates import TooOften, current_rates, network_of, storage_address
from mcp_server.transport import auth, metrics
from mcp_server.transport.auth import Limited, MCPTokenVerifier
from mcp_server.transport.mount import get_asgi_application

from .conftest import ROOT, MakeToken
from .protocol import Server, bearer, conversation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("trial_tools")]

LIST = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
NOTHING_LISTENS = "redis://127.0.0.1:1/0"
REDIS_URL = os.environ.get("REDIS_URL", "")


class Clock:
    """Stands in for ``time.time``."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.time", clock)
    return clock


@pytest.fixture(autouse=True)
def _limited(settings: Settings) -> Iterator[None]:
    limit(settings)
    yield
    current_rates.cache_clear()


def limit(settings: Settings, **changed: Any) -> None:
    settings.MCP_SERVER = {
        "RATE_LIMIT": "5/minute",
        "AUTH_FAILURE_LIMIT": "3/minute",
        "RATE_LIMIT_STORAGE": "memory://",
        **changed,
    }


async def lists(server: Server, secret: str, **headers: str) -> httpx.Response:
    return await server.post(LIST, {**bearer(secret), **headers})


def answers(*secrets: str, client: str = "192.0.2.7", **headers: str) -> list[httpx.Response]:
    """One request with each secret, in one conversation."""

    async def talk(server: Server) -> list[httpx.Response]:
        return [await lists(server, secret, **headers) for secret in secrets]

    return conversation(talk, client=client)


def statuses(*secrets: str, client: str = "192.0.2.7", **headers: str) -> list[int]:
    return [response.status_code for response in answers(*secrets, client=client, **headers)]


@contextmanager
def guessing_from(host: str) -> Iterator[None]:
    before = auth._client_host.set(host)
    yield
    auth._client_host.reset(before)


@contextmanager
def counted(reason: str) -> Iterator[list[float]]:
    series = metrics.AUTH_FAILURES.labels(reason)._value
    before = series.get()
    seen: list[float] = []
    yield seen
    seen.append(series.get() - before)


def test_a_token_over_its_limit_is_told_when_to_come_back(secret: str, clock: Clock) -> None:
    with counted("token_limited") as seen:
        *good, first, later = answers(*[secret] * 5, *[secret] * 2)
    assert {response.status_code for response in good} == {200}
    assert (first.status_code, later.status_code) == (429, 429)
    assert first.headers["retry-after"] == "60"
    assert first.headers["content-type"] == "application/json"
    assert first.json() == {
        "jsonrpc": "2.0",
        "id": None,
        "error": {
            "code": -32600,
            "message": "This token has sent more requests than the site allows. "
            "Call again in 60 seconds.",
            "data": {"retry_after_seconds": 60},
        },
    }
    assert seen == [2]
    clock.now += 59
    assert answers(secret)[0].headers["retry-after"] == "1"
    clock.now += 1
    assert statuses(secret) == [200]


def test_with_two_limits_the_later_one_says_when_to_come_back(
    secret: str, settings: Settings, clock: Clock
) -> None:
    limit(settings, RATE_LIMIT="2/second; 3/hour")
    statuses(secret, secret)
    clock.now += 1
    assert statuses(secret) == [200]
    later = answers(secret, secret)
    assert [response.headers["retry-after"] for response in later] == ["3599", "3599"]


def test_each_token_has_a_limit_of_its_own(make_token: MakeToken) -> None:
    busy, calm = str(make_token().token), str(make_token().token)
    assert statuses(*[busy] * 6, calm) == [200] * 5 + [429, 200]


def test_both_secrets_of_a_rotated_token_share_its_limit(
    make_token: MakeToken, clock: Clock
) -> None:
    token = make_token()
    former = str(token.token)
    token.rotate(overlap=timedelta(hours=1))
    current = str(token.token)
    assert statuses(former, current, former, current, former) == [200] * 5
    assert statuses(former, current) == [429, 429]
    clock.now += 60
    assert statuses(current) == [200]


def test_a_limited_token_costs_no_query(secret: str) -> None:
    statuses(*[secret] * 5)
    with CaptureQueriesContext(connection) as queries:
        assert statuses(secret) == [429]
    assert not queries.captured_queries


def test_a_limited_token_is_logged(secret: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="mcp_server.auth"):
        statuses(*[secret] * 6)
    told = [record.getMessage() for record in caplog.records if record.name == "mcp_server.auth"]
    assert told == ["a request from 192.0.2.7 was refused: token_limited"]


def test_ten_thousand_guesses_are_limited(clock: Clock) -> None:
    guesses = [digests.generate() for _ in range(10_000)]

    async def talk(server: Server) -> Counter[str]:
        verifier, seen = MCPTokenVerifier(), Counter[str]()
        for guess in guesses:
            with guessing_from("192.0.2.7"):
                try:
                    seen[str(await verifier.verify_token(guess))] += 1
                except Limited:
                    seen["limited"] += 1
        return seen

    with CaptureQueriesContext(connection) as queries:
        assert conversation(talk) == {"None": 3, "limited": 9_997}
        assert statuses(digests.generate()) == [429]
    # The first one over the limit is looked up too: only then is the limit known to be used up.
    assert len(queries.captured_queries) == 4
    clock.now += 60
    assert statuses(digests.generate()) == [401]


def test_malformed_guesses_count_and_cost_no_query() -> None:
    with CaptureQueriesContext(connection) as queries:
        first, *_, last = answers(*["not-a-token"] * 5)
    assert (first.status_code, last.status_code) == (401, 429)
    assert last.json()["error"]["message"] == (
        "Too many unknown tokens came from this address. Check the token. "
        f"Call again in {last.headers['retry-after']} seconds."
    )
    assert not queries.captured_queries


def test_other_addresses_are_not_shut_out() -> None:
    assert statuses(*["x"] * 4) == [401] * 3 + [429]
    assert statuses("x", client="192.0.2.8") == [401]


def test_an_ipv6_network_is_one_client() -> None:
    for number in range(4):
        seen = statuses("x", client=f"2001:db8::{number}")
    assert seen == [429]
    assert statuses("x", client="2001:db8:0:1::1") == [401]


def test_a_good_token_behind_the_same_address_goes_on(make_token: MakeToken) -> None:
    known, new = str(make_token().token), str(make_token().token)
    assert statuses(known, *["x"] * 4, known, new) == [200, 401, 401, 401, 429, 200, 429]


def test_a_revoked_token_is_no_guess(make_token: MakeToken) -> None:
    revoked = str(make_token(is_active=False).token)
    assert statuses(*[revoked] * 6) == [401] * 5 + [429]
    assert statuses("x") == [401]


def test_a_forwarded_header_is_not_believed() -> None:
    """Else whoever guesses would send another address each time."""
    seen = [statuses("x", **{"X-Forwarded-For": f"192.0.2.{n}"})[0] for n in range(20, 24)]
    assert seen == [401, 401, 401, 429]


def test_where_the_address_is_not_known_nobody_is_shut_out() -> None:
    assert statuses(*["x"] * 9, client="unix") == [401] * 9


def test_an_empty_setting_switches_off(settings: Settings, secret: str) -> None:
    limit(settings, RATE_LIMIT="", AUTH_FAILURE_LIMIT="")
    assert statuses(*["x"] * 9, *[secret] * 9) == [401] * 9 + [200] * 9


def test_several_limits_hold_at_once(settings: Settings, secret: str, clock: Clock) -> None:
    limit(settings, RATE_LIMIT="2/second; 3/hour")
    assert statuses(*[secret] * 3) == [200, 200, 429]
    clock.now += 1
    refused = answers(*[secret] * 2)[1]
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3599")


def test_redis_that_does_not_answer_takes_nothing_down(
    settings: Settings, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    limit(settings, RATE_LIMIT_STORAGE=NOTHING_LISTENS)
    # Each process still counts by itself.
    assert statuses(*[secret] * 6, *["x"] * 4) == [200] * 5 + [429] + [401] * 3 + [429]
    assert [record.message for record in caplog.records if "storage" in record.message] == [
        "the storage of MCP rate limits does not answer (ConnectionError): "
        "each process counts by itself for 30 seconds"
    ]


def test_redis_that_accepts_and_says_nothing_holds_nobody_up(
    settings: Settings, secret: str
) -> None:
    """Without a timeout of our own this test would never end."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        limit(settings, RATE_LIMIT_STORAGE=f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        assert statuses(*[secret] * 6) == [200] * 5 + [429]


def test_neither_logs_nor_keys_hold_a_secret(secret: str, caplog: pytest.LogCaptureFixture) -> None:
    guess = digests.generate()
    statuses(secret, *[guess] * 5)
    own = current_rates()
    windows: Any = own._counter._here.storage
    held = [*windows._windows, *own._blocked, *own._proven]
    assert held
    for said in [*map(str, held), caplog.text]:
        assert secret not in said
        assert guess not in said
    assert "too many unknown MCP tokens from 192.0.2.7" in caplog.text


def test_what_a_process_remembers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "REMEMBERED", 2)
    own = rates.Rates("", "1/minute", MEMORY)
    for number in range(5):
        own.prove(str(number))
        own.count_failure(f"192.0.2.{number}")
        with pytest.raises(TooOften):
            own.count_failure(f"192.0.2.{number}")
    assert len(own._proven) == len(own._blocked) == 2


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "20010db800010002/64"),
        ("fe80::1%eth0", "fe80000000000000/64"),
        ("testclient", ""),
        ("", ""),
    ],
)
def test_what_counts_as_one_client(host: str, network: str) -> None:
    assert network_of(host) == network


REDIS_CACHE = "django.core.cache.backends.redis.RedisCache"


@pytest.mark.parametrize(
    ("cache", "expected"),
    [
        ({"BACKEND": REDIS_CACHE, "LOCATION": "redis://a/1"}, "redis://a/1"),
        ({"BACKEND": REDIS_CACHE, "LOCATION": ["redis://a/1", "redis://b/1"]}, "redis://a/1"),
        ({"BACKEND": REDIS_CACHE, "LOCATION": "redis://a/1;redis://b/1"}, "redis://a/1"),
        ({"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "unix:///r"}, "redis+unix:///r"),
        ({"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}, "memory://"),
    ],
)
def test_the_site_s_own_redis_counts(settings: Settings, cache: Any, expected: str) -> None:
    limit(settings, RATE_LIMIT_STORAGE="")
    settings.CACHES = {"default": cache}
    assert storage_address() == expected


def test_a_limit_that_cannot_be_read_stops_the_start(settings: Settings) -> None:
    limit(settings, RATE_LIMIT="often")
    with pytest.raises(ImproperlyConfigured, match=r"RATE_LIMIT.*300/minute"):
        get_asgi_application()


IN_A_WORKER = """
import sys
from django.conf import settings
settings.configure()
from mcp_server.rates import Rates, TooOften
rates, seen = Rates("5/minute", "5/minute", sys.argv[1]), []
for _ in range(3):
    for count in (rates.count_call, rates.count_failure):
        try:
            count(sys.argv[2])
            seen.append("in")
        except TooOften as refused:
            assert 0 < refused.seconds <= 60
            seen.append("out")
print(*seen)
"""


@pytest.mark.skipif(not REDIS_URL, reason="set REDIS_URL to count across processes")
def test_workers_count_together_in_redis() -> None:
    # An address that no other run counts against.
    host = f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"
    command = [sys.executable, "-c", IN_A_WORKER, REDIS_URL, host]
    seen = [
        subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
        for _ in range(2)
    ]
    assert seen == [["in"] * 6, ["in"] * 4 + ["out"] * 2]


def test_a_good_token_goes_on_in_a_process_that_has_not_seen_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shared = ProcessStorage()
    monkeypatch.setattr(counters, "_redis", lambda address: shared)
    here, there = (rates.Rates("", "1/minute", "redis://elsewhere") for _ in range(2))
    here.prove("good")
    there.count_failure("192.0.2.7")
    with pytest.raises(rates.TooOften):
        there.count_failure("192.0.2.7")
    there.admit("192.0.2.7", "good")
    with pytest.raises(rates.TooOften):
        there.admit("192.0.2.7", "another")


def test_a_window_begins_with_the_first_call_and_ends_at_a_known_time(clock: Clock) -> None:
    windows = ProcessStorage()
    assert (windows.get("a"), windows.get_expiry("a")) == (0, clock.now)
    began = clock.now
    assert [windows.incr("a", 60), windows.incr("a", 60, 2)] == [1, 3]
    clock.now += 59
    assert (windows.incr("a", 60), windows.get("a"), windows.get("b")) == (4, 4, 0)
    assert windows.get_expiry("a") == began + 60
    clock.now += 1
    assert (windows.get("a"), windows.get_expiry("a")) == (0, clock.now)
    assert windows.incr("a", 60) == 1
    windows.clear("a")
    assert windows.get("a") == 0
    windows.incr("b", 60)
    assert (windows.reset(), windows.get("b")) == (1, 0)


def test_windows_that_have_ended_are_forgotten_without_a_thread(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counters, "SWEEP_AT", 10)
    threads = threading.active_count()
    windows = ProcessStorage()
    for number in range(10_000):
        clock.now += 1
        windows.incr(str(number), 60)
    # 60 have not ended, and those since the last look are there too.
    assert 60 <= len(windows._windows) <= 180
    assert windows.get("9999") == 1
    assert threading.active_count() <= threads


def test_what_an_attack_left_is_forgotten_in_quiet_times(clock: Clock) -> None:
    windows = ProcessStorage()
    for number in range(20_000):
        windows.incr(str(number), 60)
    assert len(windows._windows) == 20_000
    clock.now += 61
    windows.incr("calm", 60)
    assert len(windows._windows) == 1


def test_calls_at_once_are_all_counted() -> None:
    windows = ProcessStorage()
    interval = sys.getswitchinterval()

    def count() -> None:
        for _ in range(2_000):
            windows.incr("a", 3600)

    workers = [threading.Thread(target=count) for _ in range(8)]
    # Threads that leave each other alone would count right without a lock.
    sys.setswitchinterval(1e-6)
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        sys.setswitchinterval(interval)
    assert windows.get("a") == 16_000
