"""The one place that opens a connection to an address that a client named.

``fetch(url, max_bytes)`` answers the file's bytes, or raises Refused. What holds: http or https,
no user name in the address, ports of ``FETCH_PORTS``; every address of the host is on the public
internet, on each of at most three redirects; ten seconds in all, name look-up included; at most
``max_bytes`` after decompression; no proxy, cookie or credential is sent. What the bytes are is
for the caller to find out by looking at them: the server's word for it is not passed on.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from threading import BoundedSemaphore
from urllib.parse import unquote

import httpcore
import httpx

from mcp_server.api import Refused, mcp_settings

from .connections import CheckedTransport, Deadline, Network, NotPublic

SECONDS = 10.0
MAX_REDIRECTS = 3
MAX_ADDRESS = 2048
CHUNK = 64 * 1024
# Each waits in a thread that could run tools; the others stay free for them.
AT_ONCE = 3
PUBLIC = Network()
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HEADERS = {"User-Agent": "wagtail-editorial-mcp", "Accept": "*/*", "Accept-Encoding": "identity"}
# A name of labels, or an address of IPv4 or IPv6 without a zone.
_HOST = re.compile(
    r"(?=.{1,253}$)[\w-]{1,63}(?:\.[\w-]{1,63})*\.?|[0-9a-f:.]*:[0-9a-f:.]*", re.ASCII
)
_slots = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Fetched:
    """The bytes, and the last part of the path that they came from."""

    content: bytes
    filename: str


def fetch(
    url: str, max_bytes: int, *, network: Network = PUBLIC, seconds: float = SECONDS
) -> Fetched:
    """The file at ``url``; Refused says why there is none."""
    if not _slots.acquire(blocking=False):
        raise Refused("Several files are being fetched at the moment. Call again in ten seconds.")
    try:
        return _fetch(url, max_bytes, network, Deadline(seconds))
    except NotPublic:
        # One sentence for both, or it would tell which names exist inside the network.
        raise Refused(
            "url: its host does not exist or is not on the public internet. "
            "Send the file in `data` instead."
        ) from None
    except (httpcore.TimeoutException, httpx.TimeoutException):
        raise Refused(
            f"url: the server took longer than {seconds:g} seconds. "
            "Send the file in `data` instead."
        ) from None
    except (httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError, zlib.error, OSError):
        raise Refused(
            "url: the server could not be reached or broke off. Send the file in `data` instead."
        ) from None
    finally:
        _slots.release()


def _fetch(url: str, max_bytes: int, network: Network, deadline: Deadline) -> Fetched:
    address = _address(url, network)
    with httpx.Client(
        transport=CheckedTransport(network, deadline), trust_env=False, headers=_HEADERS
    ) as client:
        for _ in range(MAX_REDIRECTS + 1):
            with client.stream("GET", address, follow_redirects=False) as answer:
                if answer.status_code not in _REDIRECTS:
                    return Fetched(_read(answer, max_bytes, deadline), _filename(address))
                target = answer.headers.get("Location", "")
            # A server must not be able to hand on a session.
            client.cookies.clear()
            address = _address(str(_joined(address, target)), network)
    raise Refused(f"url: more than {MAX_REDIRECTS} redirects. Send the last address.")


def _address(text: str, network: Network) -> httpx.URL:
    """The address as it will be used; it is not parsed a second time in another way."""
    try:
        if len(text) > MAX_ADDRESS or not text.isprintable() or " " in text or "\\" in text:
            raise ValueError
        address = httpx.URL(text).copy_with(fragment=None)
        # The readable form too, because httpx itself fails on it later.
        host = address.host and address.raw_host.decode("ascii")
    except (httpx.InvalidURL, ValueError):
        raise Refused("url: not an address. Send one like https://example.org/leaf.jpg.") from None
    if address.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        raise Refused("url: only http and https addresses of a host can be fetched.")
    if address.userinfo:
        raise Refused("url: an address with a user name or password is not fetched.")
    _check_port(address, network)
    return address


def _check_port(address: httpx.URL, network: Network) -> None:
    ports = network.ports or frozenset(mcp_settings().FETCH_PORTS)
    standard = 443 if address.scheme == "https" else 80
    port = standard if address.port is None else address.port
    if port not in ports:
        allowed = ", ".join(str(item) for item in sorted(ports))
        raise Refused(f"url: port {port} is not fetched from (allowed: {allowed}).")


def _joined(address: httpx.URL, target: str) -> httpx.URL:
    try:
        return address.join(target)
    except (httpx.InvalidURL, ValueError):
        raise Refused("url: it redirects to something that is not an address.") from None


def _read(answer: httpx.Response, max_bytes: int, deadline: Deadline) -> bytes:
    if answer.status_code != httpx.codes.OK:
        raise Refused(f"url: the server answered {answer.status_code}. Send another address.")
    content = bytearray()
    for chunk in _decoded(answer, max_bytes + 1):
        deadline.remaining()
        content += chunk
        if len(content) > max_bytes:
            raise Refused(f"url: the file is larger than {max_bytes:,} bytes. Send a smaller one.")
    return bytes(content)


def _decoded(answer: httpx.Response, most: int) -> Iterator[bytes]:
    """The body without its compression, never more than ``most`` bytes at a time."""
    coding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if coding == "identity":
        yield from answer.iter_raw(CHUNK)
        return
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise Refused("url: the server sends a compression that was not asked for.")
    # httpx would unpack a whole chunk at once, a thousand times its size.
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)
    for chunk in answer.iter_raw(CHUNK):
        yield unpack.decompress(chunk, most)
    if not unpack.eof:
        raise zlib.error("cut off")


def _filename(address: httpx.URL) -> str:
    return unquote(address.path).rpartition("/")[2][:200]
