"""System checks of ``check --deploy``: what would go wrong on a public server only."""

import os
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connections

from .conf import mcp_settings, site_url
from .counters import MEMORY
from .rates import LIMITS, storage_address

# What psycopg_pool makes of `"pool": True`.
POOL_DEFAULT = 4
# Caches that live in one process, or nowhere.
UNSHARED = ("locmem.LocMemCache", "dummy.DummyCache")


@register("mcp_server", deploy=True)
def check_public_address(**_: Any) -> list[CheckMessage]:
    """W008: clients would send their tokens in clear, or to their own machine."""
    address = urlsplit(site_url())
    if not address.hostname or (address.scheme == "https" and not _is_loopback(address.hostname)):
        return []
    return [
        Warning(
            f"The site's public address is {site_url()}: tokens travel in clear, or clients look "
            "for the site on their own machine.",
            hint="Set WAGTAILADMIN_BASE_URL to the https address that people and clients use.",
            id="mcp_server.W008",
        )
    ]


@register("mcp_server", deploy=True)
def check_hosts(**_: Any) -> list[CheckMessage]:
    """W009: a web page could reach the server through a name of its own (DNS rebinding)."""
    if "*" not in (mcp_settings().ALLOWED_HOSTS or settings.ALLOWED_HOSTS):
        return []
    return [
        Warning(
            "Requests may name any host.",
            hint='Set ALLOWED_HOSTS, or MCP_SERVER["ALLOWED_HOSTS"], to the names of the site.',
            id="mcp_server.W009",
        )
    ]


@register("mcp_server", deploy=True)
def check_limits(**_: Any) -> list[CheckMessage]:
    """W010: a limit is off."""
    return [
        Warning(
            f"MCP_SERVER[{name!r}] is off: nothing slows down a client that went wrong, or one "
            "that guesses tokens.",
            hint='Remove it, or write a limit such as "1200/minute".',
            id="mcp_server.W010",
        )
        for name in LIMITS
        if not getattr(mcp_settings(), name)
    ]


@register("mcp_server", deploy=True)
def check_shared_state(**_: Any) -> list[CheckMessage]:
    """W011 a cache and W012 rate limits that each process has for itself; W013 its figures."""
    if _processes() < 2:
        return []
    return [*_cache(), *_figures()]


@register("mcp_server", deploy=True)
def check_metrics(**_: Any) -> list[CheckMessage]:
    """W014: behind a proxy nobody counts as local, so nobody may read the figures."""
    if mcp_settings().METRICS_TOKEN or not settings.SECURE_PROXY_SSL_HEADER:
        return []
    return [
        Warning(
            "Nobody can read /mcp/metrics through the proxy.",
            hint='Set MCP_SERVER["METRICS_TOKEN"] for the monitor, or silence this check.',
            id="mcp_server.W014",
        )
    ]


@register(Tags.database, deploy=True)
def check_connections(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """W015 to W017: databases that the server's threads would exhaust or wait for.

    Like all checks of databases, they are made with ``--database`` and by ``migrate`` only.
    """
    return [message for alias in databases or [] for message in _connections(alias)]


def _cache() -> Iterator[CheckMessage]:
    if str(settings.CACHES["default"].get("BACKEND", "")).endswith(UNSHARED):
        yield Warning(
            "Each process has a cache of its own: rate limits are counted per process, and what "
            "Wagtail caches of its sites stays old in the others.",
            hint="Use django.core.cache.backends.redis.RedisCache for the default cache.",
            id="mcp_server.W011",
        )
    elif storage_address() == MEMORY:
        yield Warning(
            "Each process counts rate limits by itself.",
            hint='Set MCP_SERVER["RATE_LIMIT_STORAGE"] to a Redis address.',
            id="mcp_server.W012",
        )


def _figures() -> Iterator[CheckMessage]:
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        yield Warning(
            "/mcp/metrics answers with the figures of whichever process is asked.",
            hint="Set PROMETHEUS_MULTIPROC_DIR to a folder that is emptied before each start.",
            id="mcp_server.W013",
        )


def _connections(alias: str) -> Iterator[CheckMessage]:
    connection = connections[alias]
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        yield Warning(
            f"The database {alias!r} is SQLite: one host, and writers wait for each other.",
            hint="Use PostgreSQL, or silence this check for a site on one host.",
            id="mcp_server.W015",
        )
    elif given.get("CONN_MAX_AGE") != 0:
        yield Warning(
            f"Threads keep connections to the database {alias!r}: under ASGI each request may "
            "be served by another thread, until the server has no connection left.",
            hint='Set CONN_MAX_AGE = 0 and, on PostgreSQL, OPTIONS = {"pool": {"max_size": 16}}.',
            id="mcp_server.W016",
        )
    size = _pool_size(given.get("OPTIONS", {}).get("pool"))
    if size is not None and size <= mcp_settings().THREADS:
        yield Warning(
            f"The pool of the database {alias!r} has {size} connections for "
            f"{mcp_settings().THREADS} threads and the visitors: some wait for one, and fail.",
            hint='Raise "max_size" of the pool to THREADS and as many as visitors need, or lower '
            'MCP_SERVER["THREADS"].',
            id="mcp_server.W017",
        )


def _pool_size(pool: Any) -> int | None:
    """Connections that a pool opens at most; None without a pool."""
    if not pool:
        return None
    options = pool if isinstance(pool, dict) else {}
    return int(options.get("max_size") or options.get("min_size", POOL_DEFAULT))


def _processes() -> int:
    """How many processes serve the site, in the variable that uvicorn and gunicorn read."""
    given = os.environ.get("WEB_CONCURRENCY", "")
    return int(given) if given.isdecimal() else 1


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
