"""Two hosts of one site that share PostgreSQL, Redis and a bucket, and nothing else.

    python -m tests.live.hosts

Every errand begins on one host and goes on upon the other. Needs PostgreSQL (DATABASE_URL names
one) and a Redis database of its own (REDIS_URL; it is emptied first). The bucket is moto's.
"""

import os
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import httpx
import redis
from PIL import Image

from mcp_server.digests import generate
from tests.media.buckets import KEYS, Bucket, s3_server

from . import rpc
from .asking import ask, edit, say
from .databases import new_database
from .site import LiveSite

POSTGRES = os.environ.get("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/12")
# The default of AUTH_FAILURE_LIMIT, per minute.
GUESSES = 20
HANDSHAKE = "2025-06-18"


@dataclass
class Hosts:
    """The two hosts, and what lies between them."""

    one: LiveSite
    two: LiveSite
    bucket: Bucket


@contextmanager
def two_hosts() -> Iterator[Hosts]:
    """The demo with the production settings, served twice; all of it is gone afterwards."""
    redis.Redis.from_url(REDIS).flushdb()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="hosts-")))
        url = stack.enter_context(new_database(POSTGRES))
        bucket = stack.enter_context(s3_server())
        shared = {
            "DJANGO_SETTINGS_MODULE": "cms.settings.production",
            "SECRET_KEY": uuid4().hex + uuid4().hex,
            "ALLOWED_HOSTS": "127.0.0.1",
            # What a load balancer would be called; nobody answers there.
            "SITE_URL": "http://127.0.0.1:1",
            "REDIS_URL": REDIS,
            # Static files come with the code, the same on every host.
            "STATIC_ROOT": str(folder / "static"),
            **KEYS,
            **bucket.environment,
        }
        one, two = (_host(folder / name, url, shared) for name in ("one", "two"))
        one.manage("collectstatic", "--noinput", "--verbosity", "0")
        one.load()
        two.demo = one.demo
        stack.enter_context(one.serving())
        stack.enter_context(two.serving())
        yield Hosts(one, two, bucket)


def _host(folder: Path, database_url: str, shared: dict[str, str]) -> LiveSite:
    folder.mkdir()
    host = LiveSite.at(folder, database_url)
    host.environment |= shared
    return host


def a_ticket(hosts: Hosts) -> dict[str, bool]:
    """Made on one host, used on the other, and what came in shown by both."""
    ticket = ask(hosts.one, "editor", "upload_image", title="Leaf", filename="leaf.png")
    path = httpx.URL(ticket["upload_url"]).path
    stored = httpx.put(hosts.two.url + path, content=_png(), trust_env=False, timeout=60)
    again = httpx.put(hosts.one.url + path, content=_png(), trust_env=False, timeout=60)
    shown = [
        ask(host, "editor", "get_image", image_id=stored.json()["id"], renditions=["width-400"])
        for host in (hosts.one, hosts.two)
    ]
    addresses = {found["renditions"]["width-400"]["url"] for found in shown}
    pictures = [httpx.get(address, trust_env=False, timeout=60) for address in addresses]
    return {
        "a ticket of one host takes a file on the other": stored.status_code == 201,
        "used there, it is used here": again.status_code == 404,
        "both name the same rendition": len(addresses) == 1,
        "which is served": [answer.headers["content-type"] for answer in pictures] == ["image/png"],
    }


def a_document(hosts: Hosts) -> dict[str, bool]:
    """Stored through one host, served through the other."""
    data = b64encode(b"Moss.").decode()
    stored = ask(
        hosts.one, "editor", "upload_document", title="Notes", data=data, filename="notes.txt"
    )
    path = httpx.URL(stored["url"]).path
    answer = httpx.get(hosts.two.url + path, follow_redirects=True, trust_env=False, timeout=60)
    return {"a document of one host is served by the other": answer.content == b"Moss."}


def an_edit(hosts: Hosts) -> dict[str, bool]:
    """A session whose requests go to the hosts in turn."""
    blog = ask(hosts.one, "editor", "find_page", url="/blog/")["id"]
    given = {"parent_id": blog, "title": "Two hosts", "body": "Moss.", "idempotency_key": "hosts"}
    page = ask(hosts.two, "editor", "create_blog_post", **given)
    retried = ask(hosts.one, "editor", "create_blog_post", **given)
    for number in range(10):
        host = (hosts.one, hosts.two)[number % 2]
        base = page["revision_id"]
        page = ask(host, "editor", "update_page", **edit(page["id"], base, f"Edit {number}"))
    preview = ask(hosts.one, "editor", "preview_page", page_id=page["id"])["url"]
    seen = httpx.get(hosts.two.url + httpx.URL(preview).path, trust_env=False, timeout=60)
    change = ask(hosts.one, "editor", "list_my_changes", limit=1)["items"][0]["id"]
    undone = ask(hosts.two, "editor", "undo_change", change_id=change)
    return {
        "a create sent again to the other host is the same page": retried["id"] == page["id"],
        "ten edits, on the hosts in turn": True,
        "a preview of one host opens on the other": "Edit 9" in seen.text,
        "a change made on one host is undone on the other": bool(undone),
    }


def a_handshake(hosts: Hosts) -> dict[str, bool]:
    """A client of before 2026: greets one host, and calls the other."""
    headers = {
        "Authorization": f"Bearer {hosts.one.token('editor')}",
        "Accept": "application/json, text/event-stream",
    }
    client = {"name": "tests", "version": "1"}
    hello = {"protocolVersion": HANDSHAKE, "capabilities": {}, "clientInfo": client}
    with httpx.Client(headers=headers, trust_env=False, timeout=60) as http:
        greeted = rpc.result(http.post(hosts.one.mcp_url, json=_message("initialize", hello)))
        http.headers["MCP-Protocol-Version"] = HANDSHAKE
        tools = rpc.result(http.post(hosts.two.mcp_url, json=_message("tools/list", {})))
    return {
        "a handshake with one host": greeted["protocolVersion"] == HANDSHAKE,
        "is followed by a call of the other": len(tools["tools"]) > 20,
    }


def guesses(hosts: Hosts) -> dict[str, bool]:
    """Unknown tokens, half of them on each host; comes last, because the address is out then."""
    found = [
        rpc.post((hosts.one, hosts.two)[number % 2].mcp_url, generate(), "tools/list").status_code
        for number in range(GUESSES)
    ]
    more = [
        rpc.post(host.mcp_url, generate(), "tools/list").status_code
        for host in (hosts.one, hosts.two)
    ]
    return {
        f"{GUESSES} unknown tokens on two hosts are refused": set(found) == {401},
        "the next one is too many, on either": more == [429, 429],
    }


def own_files(hosts: Hosts) -> dict[str, bool]:
    """Whatever a host wrote into its own folder is a log, or what load_demo says it writes."""
    folders = (hosts.one.folder, hosts.two.folder)
    kept = {path.name for folder in folders for path in folder.rglob("*") if path.is_file()}
    return {
        "no media on either host": kept <= {"server.log", "demo.json"},
        "the demo's pictures are in the bucket": len(hosts.bucket.names()) > 24,
    }


ERRANDS: tuple[Callable[[Hosts], dict[str, bool]], ...] = (
    a_ticket, a_document, an_edit, a_handshake, own_files, guesses,
)  # fmt: skip


def _message(method: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def _png() -> bytes:
    target = BytesIO()
    Image.new("RGB", (900, 600), "green").save(target, "PNG")
    return target.getvalue()


def main() -> None:
    with two_hosts() as hosts:
        held = {what: holds for errand in ERRANDS for what, holds in errand(hosts).items()}
        for what, holds in held.items():
            say(f"{what:60} {'yes' if holds else 'NO'}")
        if not all(held.values()):
            raise SystemExit(1)


if __name__ == "__main__":
    main()
