"""Clients that write all the time, and keep a ledger of what was acknowledged."""

import base64
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from random import Random
from threading import Event
from typing import Any

import httpx
from PIL import Image

from tests.live.asking import ask, call
from tests.live.site import LiveSite

WHO = "admin"
# Calls that were cut: the server is gone, or what it sent is not whole.
CUT = (httpx.TransportError, ValueError, KeyError)


class Refusal(Exception):  # noqa: N818 - counted, not raised further
    """An answer that says no, such as SQLite's when many writers wait too long for each other."""


@dataclass(frozen=True)
class Write:
    """One call; ``mark`` is a word that only this write leaves. No answer: not acknowledged."""

    tool: str
    mark: str
    arguments: dict[str, Any]
    answer: dict[str, Any] | None = None

    def sent(self, site: LiveSite) -> "Write":
        """The write with its answer. Raises Refusal, and what the connection raises."""
        answer = call(site, WHO, self.tool, **self.arguments)
        if answer.get("isError"):
            raise Refusal(f"{self.tool}: {answer['content'][0]['text']}")
        return Write(self.tool, self.mark, self.arguments, answer["structuredContent"])


@dataclass
class Ledger:
    """What one client did until it was cut off, or refused: that write is the pending one."""

    done: list[Write]
    pending: Write | None = None
    refused: str = ""


@dataclass
class Client:
    """Makes posts, each with an edit, a block, a picture and a publication."""

    site: LiveSite
    name: str
    blog: int
    count: int = 0

    def work(self, until: Event, first: Event) -> Ledger:
        """Write until told to stop or cut off; ``first`` is set with the first answer."""
        ledger = Ledger([])
        try:
            while not until.is_set():
                for write in self._post():
                    ledger.pending = write
                    ledger.done.append(self._post_sent(write))
                    ledger.pending = None
                    first.set()
        except CUT:
            pass
        except Refusal as error:
            ledger.refused = str(error)
        return ledger

    def _post_sent(self, write: Write) -> Write:
        self._last = write.sent(self.site)
        return self._last

    def _post(self) -> Iterator[Write]:
        """The writes of one post; each is made when the one before it was answered."""
        title = self._mark()
        yield Write("create_blog_post", title, {
            "parent_id": self.blog, "title": title, "body": "Text.", "idempotency_key": title,
        })  # fmt: skip
        page = self._answer()
        intro = self._mark()
        yield Write("update_page", intro, {**page, "fields": {"intro": intro}})
        page = self._answer()
        text = self._mark()
        block = {"type": "paragraph", "value": text}
        operation = {"op": "insert", "after": None, "block": block}
        yield Write("edit_page_blocks", text, {**page, "operations": [operation]})
        page = self._answer()
        yield self._picture()
        revision = page.pop("base_revision_id")
        yield Write("publish_page", title, {**page, "revision_id": revision})

    def _picture(self) -> Write:
        title = self._mark()
        data = base64.b64encode(picture(title)).decode()
        given = {"title": title, "data": data, "idempotency_key": title}
        return Write("upload_image", title, given)

    def _answer(self) -> dict[str, Any]:
        answer = self._last.answer or {}
        return {"page_id": answer["id"], "base_revision_id": answer["revision_id"]}

    def _mark(self) -> str:
        self.count += 1
        return f"{self.name}x{self.count}x"


def clients(site: LiveSite, number: int) -> list[Client]:
    blog = ask(site, WHO, "find_page", url="/blog/")["id"]
    return [Client(site, f"client{n}", blog) for n in range(number)]


def all_at_work(
    pool: ThreadPoolExecutor, writing: list[Client], interrupt: Callable[[Event], None]
) -> list[Ledger]:
    """Let all clients write, interrupt them, and return what each did.

    ``interrupt`` is called with the event of the first answer, and returns when it is over.
    """
    stop, first = Event(), Event()
    running = [pool.submit(client.work, stop, first) for client in writing]
    try:
        interrupt(first)
    finally:
        stop.set()
    return [future.result() for future in running]


def picture(seed: str) -> bytes:
    """A PNG that no other seed gives, large enough to take a moment."""
    target = BytesIO()
    colours = sha256(seed.encode()).digest() * 3
    Image.frombytes("RGB", (8, 4), colours).resize((400, 300)).save(target, "PNG")
    return target.getvalue()


def noise(seed: int) -> bytes:
    """A PNG of some 120 kB, which nothing makes smaller."""
    target = BytesIO()
    Image.frombytes("RGB", (200, 200), Random(seed).randbytes(200 * 200 * 3)).save(target, "PNG")
    return target.getvalue()
