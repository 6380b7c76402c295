"""Which hosts and origins a request may name: the defence against DNS rebinding."""

from urllib.parse import urlsplit

from django.conf import settings

from mcp_server.conf import mcp_settings, site_url


def allowed_hosts() -> list[str]:
    """Patterns for the Host header; loopback names are always accepted besides."""
    configured = mcp_settings().ALLOWED_HOSTS or [*settings.ALLOWED_HOSTS, _own_host()]
    return [pattern for host in configured if host for pattern in _patterns(host)]


def allowed_origins() -> list[str]:
    """Origins of web pages that may call; clients that are no browser send none."""
    address = urlsplit(site_url())
    own = [f"{address.scheme}://{address.netloc}"] if address.netloc else []
    return [*own, *mcp_settings().ALLOWED_ORIGINS]


def _own_host() -> str:
    return urlsplit(site_url()).hostname or ""


def _patterns(host: str) -> list[str]:
    """Django's ``.example.com`` means the domain and everything below it."""
    return [host[1:], f"*{host}"] if host.startswith(".") else [host]
