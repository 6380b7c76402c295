"""Local servers that stand for the outside, and the network that reaches them."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from media_tools.connections import Network

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers with what the test asked for, and remembers what came in."""

    protocol_version = "HTTP/1.1"
    server: "Outside"

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers.items())))
        self.server.answer(self)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests look at the requests."""

    def send(self, content: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Outside(ThreadingHTTPServer):
    """A web server on a free port of loopback."""

    daemon_threads = True

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.names: list[str | None] = []
        if tls is not None:
            tls.sni_callback = lambda _socket, name, _context: self.names.append(name)
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what some tests are about."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@contextmanager
def outside(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Outside]:
    """A running server that answers every GET with ``answer``."""
    server = Outside(answer, tls)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Names:
    """A name server for tests: what it answers, and how often it was asked for what."""

    answers: list[list[str]] = field(default_factory=lambda: [["127.0.0.1"]])
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


def reaching(
    *servers: Outside, names: Names | None = None, tls: ssl.SSLContext | None = None
) -> Network:
    """A network in which loopback counts as public; only a test's argument can say so."""
    return Network(
        resolve=names or Names(),
        allowed=lambda address: address == "127.0.0.1",
        ports=frozenset(server.port for server in servers),
        tls=tls,
    )


@contextmanager
def listener() -> Iterator[socket.socket]:
    """A socket on which any attempt to connect would show."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(64)
        sock.settimeout(0.05)
        yield sock


def was_touched(sock: socket.socket) -> bool:
    try:
        sock.accept()[0].close()
    except TimeoutError:
        return False
    return True
