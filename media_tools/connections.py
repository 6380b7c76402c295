"""Connections to checked addresses only, with one deadline for all that happens on them."""

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NoAnswer
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from typing import Any

import httpcore
import httpx

from .addresses import is_public

Resolve = Callable[[str, int], list[str]]
# Name servers can be silent for longer than a caller waits; the look-up then ends by itself.
_lookups = ThreadPoolExecutor(max_workers=4, thread_name_prefix="media-tools-dns")


class NotPublic(Exception):  # noqa: N818 - an answer, not a fault
    """The host does not exist, or one of its addresses is not on the public internet."""


def resolve(host: str, port: int) -> list[str]:
    """Every address of ``host``, as the system's resolver knows it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class Network:
    """How the outside is reached. The default is the only one outside of tests."""

    resolve: Resolve = resolve
    allowed: Callable[[str], bool] = is_public
    ports: frozenset[int] | None = None
    tls: ssl.SSLContext | None = None


class Deadline:
    """A point in time that no wait goes beyond."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left; raises httpcore.ReadTimeout when there are none."""
        left = self._end - monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("deadline")
        return left


class CheckedBackend(httpcore.NetworkBackend):
    """Resolves a name once, checks every address, and connects to one of those addresses.

    The name server is not asked a second time, so its second answer cannot differ. TLS and the
    Host header keep the name: the pool above knows nothing of the address.
    """

    def __init__(self, network: Network, deadline: Deadline) -> None:
        self._network = network
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = NotPublic()
        for address in self._checked(host, port):
            try:
                stream = self._sockets.connect_tcp(
                    address, port, timeout=self._deadline.remaining()
                )
            except httpcore.ConnectError as error:
                failure = error
            else:
                return TimedStream(stream, self._deadline)
        raise failure

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        raise NotPublic

    def _checked(self, host: str, port: int) -> list[str]:
        lookup = _lookups.submit(self._network.resolve, host, port)
        try:
            addresses = lookup.result(timeout=self._deadline.remaining())
        except NoAnswer:
            lookup.cancel()
            raise httpcore.ConnectTimeout("name server") from None
        except (OSError, UnicodeError):
            raise NotPublic from None
        # All of them: a name with a public and a private address is no mistake.
        if not addresses or not all(self._network.allowed(address) for address in addresses):
            raise NotPublic
        return addresses


class TimedStream(httpcore.NetworkStream):
    """A stream on which one byte every few seconds does not go on for ever."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.remaining())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.remaining()
        return TimedStream(
            self._stream.start_tls(ssl_context, server_hostname, left), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


@lru_cache(maxsize=1)
def _authorities() -> ssl.SSLContext:
    """Whom certificates are trusted from; reading the list takes longer than a request."""
    return httpx.create_ssl_context(trust_env=False)


class CheckedTransport(httpx.BaseTransport):
    """httpx's requests over a CheckedBackend; proxies of the environment are not asked."""

    def __init__(self, network: Network, deadline: Deadline) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=network.tls or _authorities(),
            max_connections=1,
            network_backend=CheckedBackend(network, deadline),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
