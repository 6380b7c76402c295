"""`python -m tests.bench.load`: the load generator, a process of its own.

Reads a job per line of standard input and writes what it measured, one line of JSON each. Bodies
are made ahead; what changes per request is replaced in them, and every answer is checked, so that
no fast error counts.
"""

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from itertools import count
from time import perf_counter, process_time, time_ns
from typing import Any

# In bodies: a number that no other request has, and the revision of the newest answer.
UNIQUE, REVISION = "@@UNIQUE@@", "@@REVISION@@"
REVISION_ID = re.compile(rb'"revision_id":\s*(\d+)')
ERROR = re.compile(rb'"isError":\s*true|"error":\s*\{')
_numbers = count(time_ns())


@dataclass(frozen=True)
class Request:
    """What one client sends: the head without its length, and the body of the next request."""

    head: str
    body: str
    # Occurrences of this text that an answer must have.
    mark: str = ""
    marks: int = 0

    def encoded(self, revision: str) -> bytes:
        body = self.body.replace(UNIQUE, str(next(_numbers))).replace(REVISION, revision)
        content = body.encode()
        return f"{self.head}Content-Length: {len(content)}\r\n\r\n".encode() + content


@dataclass
class Job:
    """One request per client, again and again for so many seconds; ``first`` is sent once."""

    port: int
    seconds: float
    requests: list[Request]
    first: list[Request] = field(default_factory=list)

    @classmethod
    def read(cls, line: str) -> "Job":
        given = json.loads(line)
        for name in ("requests", "first"):
            given[name] = [Request(**request) for request in given[name]]
        return cls(**given)


@dataclass
class Loaded:
    """What was measured: good answers only, times in milliseconds."""

    times: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    received: int = 0
    seconds: float = 0
    busy: float = 0  # seconds of processor time of this process

    def summary(self) -> dict[str, Any]:
        ordered, good = sorted(self.times), len(self.times)
        return {
            "rate": good / self.seconds,
            "p50": ordered[good // 2] if good else None,
            "p95": ordered[min(int(good * 0.95), good - 1)] if good else None,
            "bytes": self.received / good if good else None,
            "good": good,
            "failed": len(self.failures),
            "failure": self.failures[0][:300] if self.failures else "",
            "busy": self.busy / self.seconds,
        }


class Client:
    """One connection that is kept, and the newest revision it has read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._revision = "0"

    async def send(self, request: Request, loaded: Loaded) -> None:
        begun = perf_counter()
        self._writer.write(request.encoded(self._revision))
        status, body = await self._answer()
        spent = (perf_counter() - begun) * 1000
        if wrong := _wrong(request, status, body):
            loaded.failures.append(wrong)
            return
        loaded.times.append(spent)
        loaded.received += len(body)
        if found := REVISION_ID.search(body):
            self._revision = found[1].decode()

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def _answer(self) -> tuple[int, bytes]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        status = int(head[9:12])
        if found := re.search(rb"content-length: (\d+)", head):
            return status, await self._reader.readexactly(int(found[1]))
        body = b""
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            body += (await self._reader.readexactly(size + 2))[:-2]
        await self._reader.readuntil(b"\r\n")
        return status, body


def _wrong(request: Request, status: int, body: bytes) -> str:
    found = body.count(request.mark.encode()) if request.mark else 0
    if 200 <= status < 300 and found >= request.marks and not ERROR.search(body):
        return ""
    text = body[:300].decode(errors="replace")
    return f"HTTP {status}, {request.mark!r} {found} of {request.marks} times: {text}"


async def work(job: Job) -> Loaded:
    clients = [
        Client(*await asyncio.open_connection("127.0.0.1", job.port, limit=2**22))
        for _ in job.requests
    ]
    before = Loaded()
    # At once, so that none of them waits until the server closes its connection.
    firsts = zip(clients, job.first, strict=False)
    await asyncio.gather(*(client.send(request, before) for client, request in firsts))
    if before.failures:
        raise SystemExit(f"before the case: {before.failures[0]}")
    loaded, busy, start = Loaded(), process_time(), perf_counter()

    async def again(send: Callable[[Request, Loaded], Awaitable[None]], request: Request) -> None:
        while True:
            await send(request, loaded)
            if perf_counter() - start >= job.seconds:
                return

    pairs = zip(clients, job.requests, strict=True)
    await asyncio.gather(*(again(client.send, request) for client, request in pairs))
    loaded.seconds, loaded.busy = perf_counter() - start, process_time() - busy
    for client in clients:
        await client.close()
    return loaded


def encoded(job: Job) -> str:
    """A job as the line that this process reads."""
    return json.dumps(asdict(job))


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(asyncio.run(work(Job.read(line))).summary()), flush=True)
