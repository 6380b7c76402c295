"""Tool calls of one running site, over one connection per thread."""

import sys
import threading
from typing import TYPE_CHECKING, Any

import httpx

from . import rpc

if TYPE_CHECKING:
    from .site import LiveSite

_threads = threading.local()


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def send(site: "LiveSite", who: str, method: str, **params: Any) -> dict[str, Any]:
    if not hasattr(_threads, "client"):
        _threads.client = httpx.Client(trust_env=False, timeout=60)
    answer = rpc.post(site.mcp_url, site.token(who), method, params, client=_threads.client)
    return rpc.result(answer)


def call(site: "LiveSite", who: str, tool: str, /, **arguments: Any) -> dict[str, Any]:
    return send(site, who, "tools/call", name=tool, arguments=arguments)


def ask(site: "LiveSite", who: str, tool: str, /, **arguments: Any) -> dict[str, Any]:
    """The structured content of a call that has to work."""
    answer = call(site, who, tool, **arguments)
    if "structuredContent" not in answer:
        raise SystemExit(f"{tool}: {answer}")
    content: dict[str, Any] = answer["structuredContent"]
    return content


def edit(page_id: int, revision_id: int, intro: str) -> dict[str, Any]:
    """Arguments of update_page."""
    return {"page_id": page_id, "base_revision_id": revision_id, "fields": {"intro": intro}}
