"""How often a token may call, and how many tokens that are no good an address may present.

The library ``limits`` counts: in Redis where the site has one, so that all workers count
together, else in the memory of each process. A window begins with the first call and ends at a
known time, which is what a refusal names.
"""

import logging
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from ipaddress import ip_address
from math import ceil
from re import split
from threading import Lock
from typing import Any, Literal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from limits import parse_many

from .conf import mcp_settings
from .counters import MEMORY, Counter

logger = logging.getLogger("mcp_server")

Reason = Literal["token_limited", "address_limited"]

LIMITS = ("RATE_LIMIT", "AUTH_FAILURE_LIMIT")
REDIS = ("redis://", "rediss://", "redis+unix://")
# Addresses and secrets that a process remembers; the oldest go first.
REMEMBERED = 4096

_lock = Lock()


class TooOften(Exception):  # noqa: N818 - an answer, not a fault
    """A limit is used up; ``seconds`` is when to come back."""

    def __init__(self, reason: Reason, seconds: int) -> None:
        self.reason = reason
        self.seconds = seconds
        super().__init__(reason)


class Rates:
    """The two limits of a site. Every method that counts raises TooOften."""

    def __init__(self, calls: str, failures: str, storage: str) -> None:
        self._calls = parse_many(calls) if calls else []
        self._failures = parse_many(failures) if failures else []
        self._counter = Counter(storage)
        self._blocked: dict[str, float] = {}
        self._proven: dict[str, None] = {}

    def admit(self, host: str, secret: str) -> None:
        """Stop what comes from an address that has guessed too often; costs no look-up.

        A secret that was good a moment ago passes: one bad client must not shut out everybody
        behind the same address. It is still checked like any other.
        """
        until = self._blocked.get(network_of(host), 0.0)
        suspected = until > time.time() and _mark(secret) not in self._proven
        if suspected and not self._counter.has_noted(_mark(secret)):
            raise TooOften("address_limited", _seconds(until))

    def count_call(self, secret: str) -> None:
        """Count a call with this secret, whether it is one of ours or not."""
        until = self._counter.used_up(self._calls, "token", _mark(secret))
        if until:
            raise TooOften("token_limited", _seconds(until))

    def count_failure(self, host: str) -> None:
        """Count a secret that nobody issued. Where the address is not known, nothing counts."""
        network = network_of(host)
        until = self._counter.used_up(self._failures, "address", network) if network else 0.0
        if until:
            if self._blocked.get(network, 0.0) <= time.time():
                logger.warning("too many unknown MCP tokens from %s: refused for now", host)
            _remember(self._blocked, network, until)
            raise TooOften("address_limited", _seconds(until))

    def prove(self, secret: str) -> None:
        """Note that this secret was good."""
        mark = _mark(secret)
        if mark not in self._proven:
            _remember(self._proven, mark, None)
            self._counter.note(mark)


@lru_cache(maxsize=1)
def current_rates() -> Rates:
    """The limits in force. Raises ImproperlyConfigured with what is wrong with the settings."""
    for sentence, hint in problems():
        raise ImproperlyConfigured(f"{sentence} {hint}")
    own = mcp_settings()
    return Rates(own.RATE_LIMIT, own.AUTH_FAILURE_LIMIT, storage_address())


def storage_address() -> str:
    """``RATE_LIMIT_STORAGE``, or the Redis of the default cache, or this process' memory."""
    return mcp_settings().RATE_LIMIT_STORAGE or _cache_address(settings.CACHES["default"])


def problems() -> Iterator[tuple[str, str]]:
    """What is wrong with the settings: ``(sentence, hint)`` each."""
    for name in LIMITS:
        if not _is_limit(getattr(mcp_settings(), name)):
            yield (
                f"MCP_SERVER[{name!r}] is not a limit.",
                'Write it as in "300/minute" or "20/second; 1000/hour"; "" switches it off.',
            )
    storage = storage_address()
    if storage != MEMORY and not (isinstance(storage, str) and storage.startswith(REDIS)):
        yield (
            'MCP_SERVER["RATE_LIMIT_STORAGE"] is neither Redis nor memory.',
            f"Write {MEMORY} or an address that starts with {', '.join(REDIS)}.",
        )
    elif storage != MEMORY and find_spec("redis") is None:
        yield (
            "Rate limits in Redis need the package redis.",
            f'Install it, or set MCP_SERVER["RATE_LIMIT_STORAGE"] = "{MEMORY}".',
        )


def network_of(host: str) -> str:
    """What one client holds: an IPv4 address or an IPv6 /64; "" for what is no address."""
    try:
        address = ip_address(host)
    except ValueError:
        return ""
    if address.version == 6:
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else f"{int(address) >> 64:x}/64"
    return str(address)


def _cache_address(cache: Mapping[str, Any]) -> str:
    if not str(cache.get("BACKEND", "")).endswith("RedisCache"):
        return MEMORY
    location = cache.get("LOCATION") or ""
    first = location if isinstance(location, str) else next(iter(location), "")
    # Only the first takes writes; the others are its replicas.
    address = split("[;,]", first)[0]
    return f"redis+{address}" if address.startswith("unix://") else address


def _is_limit(value: Any) -> bool:
    if value == "":
        return True
    try:
        return all(limit.amount > 0 for limit in parse_many(value))
    except ValueError:
        return False


def _mark(secret: str) -> str:
    # Counters and memory never hold a secret.
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _seconds(until: float) -> int:
    return max(1, ceil(until - time.time()))


def _remember(known: dict[str, Any], key: str, value: Any) -> None:
    with _lock:
        known[key] = value
        while len(known) > REMEMBERED:
            del known[next(iter(known))]


def _reset(*, setting: str, **_: Any) -> None:
    if setting in ("MCP_SERVER", "CACHES"):
        current_rates.cache_clear()


setting_changed.connect(_reset)
