"""What limits are counted in: storages of the library ``limits``, shared or of one process."""

import logging
import time
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

from limits import RateLimitItem
from limits.errors import StorageError
from limits.storage import RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter

logger = logging.getLogger("mcp_server")

T = TypeVar("T")

MEMORY = "memory://"
# A request waits for Redis at most this long, and then nobody asks for it for a while.
REDIS_SECONDS = 0.25
AWAY_SECONDS = 30
NOTED_SECONDS = 3600
# A process looks for windows that have ended when it has so many, then when it has twice as many
# as were left, and once a minute.
SWEEP_AT = 1024
SWEEP_SECONDS = 60


class Counter:
    """Counts in the storage that all workers share; while that is away, in this process."""

    def __init__(self, storage: str) -> None:
        self._here = FixedWindowRateLimiter(ProcessStorage())
        self._shared = None if storage == MEMORY else FixedWindowRateLimiter(_redis(storage))
        self._away_until = 0.0

    def used_up(self, limits: list[RateLimitItem], *key: str) -> float:
        """Count one more; when a limit is used up, the time from which all let it in, else 0."""
        until = self._ask(lambda shared: _hit(shared, limits, key))
        return _hit(self._here, limits, key) if until is None else until

    def note(self, mark: str) -> None:
        """Tell the other processes of a mark, for an hour."""
        self._ask(lambda shared: shared.storage.incr(f"good/{mark}", NOTED_SECONDS))

    def has_noted(self, mark: str) -> bool:
        """Whether any process told of the mark."""
        return bool(self._ask(lambda shared: shared.storage.get(f"good/{mark}")))

    def _ask(self, question: Callable[[FixedWindowRateLimiter], T]) -> T | None:
        """What the shared storage says; None without one, and while it is away."""
        if self._shared is None or self._away_until > time.monotonic():
            return None
        try:
            return question(self._shared)
        except StorageError as error:
            # Rate limits protect the site; they must not take it down.
            self._away_until = time.monotonic() + AWAY_SECONDS
            logger.warning(
                "the storage of MCP rate limits does not answer (%s): "
                "each process counts by itself for %s seconds",
                type(error.storage_error).__name__,
                AWAY_SECONDS,
            )
            return None


class ProcessStorage(Storage):
    """Counts of this process, each with the time at which its window ends.

    The library's own ``MemoryStorage`` starts a thread every ten milliseconds of calls to look for
    windows that have ended. Here a call looks for them now and then.
    https://limits.readthedocs.io/en/stable/custom-storage.html
    """

    STORAGE_SCHEME = None

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()
        self._windows: dict[str, tuple[int, float]] = {}
        self._sweep_at = SWEEP_AT
        self._swept = time.time()

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What a storage that is away raises: this one is always here."""
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """The count with ``amount`` more; a new window is ``expiry`` seconds long."""
        now = time.time()
        with self._lock:
            count, end = self._windows.get(key, (0, 0.0))
            if end <= now:
                count, end = 0, now + expiry
            self._windows[key] = count + amount, end
            if len(self._windows) > self._sweep_at or now - self._swept >= SWEEP_SECONDS:
                self._sweep(now)
        return count + amount

    def get(self, key: str) -> int:
        """The count of the running window, else 0."""
        count, end = self._windows.get(key, (0, 0.0))
        return count if end > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since the epoch; of one that is over, now."""
        now = time.time()
        return max(now, self._windows.get(key, (0, now))[1])

    def check(self) -> bool:
        """Whether the storage answers."""
        return True

    def reset(self) -> int:
        """Forget all windows; gives how many there were."""
        with self._lock:
            had = len(self._windows)
            self._windows.clear()
        return had

    def clear(self, key: str) -> None:
        """Forget the window of one key."""
        with self._lock:
            self._windows.pop(key, None)

    def _sweep(self, now: float) -> None:
        for key in [key for key, (_, end) in self._windows.items() if end <= now]:
            del self._windows[key]
        self._sweep_at = max(SWEEP_AT, 2 * len(self._windows))
        self._swept = now


def _hit(
    limiter: FixedWindowRateLimiter, limits: list[RateLimitItem], key: tuple[str, ...]
) -> float:
    """Count one more; when a limit is used up, the time from which all let a call in, else 0."""
    for limit in limits:
        if not limiter.hit(limit, *key):
            windows = [limiter.get_window_stats(each, *key) for each in limits]
            return max(window.reset_time for window in windows if window.remaining <= 0)
    return 0.0


def _redis(address: str) -> RedisStorage:
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    # Without these, redis-py waits for minutes and tries again after seconds.
    options: Any = {
        "socket_timeout": REDIS_SECONDS,
        "socket_connect_timeout": REDIS_SECONDS,
        "retry": Retry(NoBackoff(), 0),
    }
    return RedisStorage(address, key_prefix="mcp_server", wrap_exceptions=True, **options)
