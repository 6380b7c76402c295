"""Many clients at once on the site as ``deploy/`` sets it up.

    python -m tests.live.deployed [sessions of each kind]

Needs nginx, PostgreSQL and Redis on this machine (DATABASE_URL and REDIS_URL name others), and
takes a minute or two. The containers themselves are not built: their images need a Docker engine.
"""

import os
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from . import rpc
from .asking import say
from .deployment import Deployed, deployed
from .site import ROOT

SESSIONS = ("modern", "handshake", "sse")


def session(site: Deployed, kind: str, number: int) -> tuple[str, str]:
    """One editorial session by the official client: its kind and how it ended.

    The number is in its titles: an identical create would be answered as a retry.
    """
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("session.py")), kind, f"{kind} {number}"],
        capture_output=True, text=True, timeout=300,
        env={
            **os.environ,
            "SSL_CERT_FILE": str(site.certificate),
            "MCP_URL": f"{site.url}/mcp/",
            "PROJECT": str(ROOT),
            "TOKEN_EDITOR": site.demo["tokens"]["editor"],
            "TOKEN_MODERATOR": site.demo["tokens"]["moderator"],
        },
    )  # fmt: skip
    return kind, "passed" if done.returncode == 0 else done.stderr.strip()[-1000:]


def around_the_edges(site: Deployed) -> dict[str, bool]:
    """What nginx is there for, and what must not get through it."""
    editor = site.demo["tokens"]["editor"]
    mcp = f"{site.url}/mcp/"
    with site.client() as client:
        ticket = rpc.result(
            rpc.post(mcp, editor, "tools/call", _call("upload_document", filename="a.txt"), client)
        )["structuredContent"]
        address = ticket["upload_url"]
        image = rpc.result(rpc.post(mcp, editor, "tools/call", _call("search_images"), client))
        login = client.get("/admin/login/")
        style = next(part for part in login.text.split('"') if part.endswith(".css"))
        calls = client.get("/mcp/metrics").status_code
        return {
            "http is sent to https": httpx.get(
                f"http://127.0.0.1:{site.plain}/", trust_env=False
            ).headers["location"].startswith("https://"),
            "static files are served, for a year": "max-age=31536000"
            in client.get(style).headers.get("cache-control", ""),
            "a picture is listed": bool(image["structuredContent"]["items"]),
            "documents are not served past Wagtail": client.get(
                "/media/documents/a.pdf"
            ).status_code == 403,
            "metrics are closed to the outside": calls == 403,
            "no token: 401": rpc.post(mcp, None, "tools/list", client=client).status_code == 401,
            "a request of 4.5 MB: 413 in MCP's words": b"jsonrpc"
            in client.post(mcp, content=b"x" * 4_500_000, headers=_bearer(editor)).content,
            "a file of 3 MB through an upload address": client.put(
                address, content=b"Moss. " * 500_000
            ).status_code in (200, 201),
        }  # fmt: skip


def _call(tool: str, **arguments: Any) -> dict[str, Any]:
    if tool.startswith("upload"):
        arguments["title"] = "Notes"
    return {"name": tool, "arguments": arguments}


def _bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}


def main(each: int = 4) -> None:
    if not shutil.which("nginx"):
        raise SystemExit("nginx is not installed; on Debian: apt-get install nginx-light")
    with deployed() as site:
        kinds = [(kind, number) for number in range(each) for kind in SESSIONS]
        with ThreadPoolExecutor(6) as pool:
            ended = Counter(pool.map(lambda one: session(site, *one), kinds))
        for kind in SESSIONS:
            say(f"{kind:40} {ended[kind, 'passed']} of {each} sessions")
        failed = [f"{kind}: {how}" for kind, how in ended if how != "passed"]
        checks = around_the_edges(site)
        for what, holds in checks.items():
            say(f"{what:50} {'yes' if holds else 'NO'}")
        secrets = [*site.demo["tokens"].values()]
        logs = site.logs()
        say(f"{'tokens in logs':50} {sum(logs.count(secret) for secret in secrets)}")
        if failed or not all(checks.values()):
            raise SystemExit("\n".join([*failed, logs[-3000:]]))


if __name__ == "__main__":
    main(*(int(given) for given in sys.argv[1:]))
