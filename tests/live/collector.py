"""A collector of traces on loopback, which keeps what OTLP over HTTP brings."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Collector:
    """What has arrived: every span, and the name of the service that sent it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.spans: list[Any] = []
        self.services: set[str] = set()
        self.arrived = threading.Condition()

    def take(self, path: str, body: bytes) -> None:
        assert path == "/v1/traces"
        message: Any = ExportTraceServiceRequest.FromString(body)
        with self.arrived:
            for resource in message.resource_spans:
                self.services.add(attributes(resource.resource)["service.name"])
                self.spans += [span for scope in resource.scope_spans for span in scope.spans]
            self.arrived.notify_all()

    def span(self, name: str, seconds: float = 60) -> Any:
        """The first span of that name; waits for it."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: self._named(name), seconds), f"no span {name}"
            return self._named(name)[0]

    def _named(self, name: str) -> list[Any]:
        return [span for span in self.spans if span.name == name]


def attributes(holder: Any) -> dict[str, Any]:
    """The attributes of a span or a resource as Python's own values."""
    return {
        pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in holder.attributes
    }


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that listens until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            collector.take(self.path, body)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Nothing: the test's output is pytest's."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = Collector(server.server_port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
