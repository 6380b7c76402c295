"""Read, draft, update, be refused, publish: over every transport, with the official client."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from .site import ROOT, LiveSite

PROGRAM = Path(__file__).with_name("session.py")
TRANSPORTS = ("modern", "handshake", "sse", "stdio")


def _session(site: LiveSite, kind: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), kind],
        capture_output=True,
        text=True,
        timeout=180,
        env={
            **site.environment,
            "MCP_URL": site.mcp_url,
            "PROJECT": str(ROOT),
            "TOKEN_EDITOR": site.token("editor"),
            "TOKEN_MODERATOR": site.token("moderator"),
        },
    )
    assert done.returncode == 0, done.stderr[-4000:]
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.mark.parametrize("kind", TRANSPORTS)
def test_an_editorial_session(site: LiveSite, kind: str) -> None:
    report = _session(site, kind)
    _check_reading(report)
    _check_drafts(report)
    page = httpx.get(f"{site.url}{report['published']['path']}", trust_env=False, timeout=60)
    assert page.status_code == 200
    assert "It needs shade." in page.text
    assert "Evergreen ferns" in page.text
    event = httpx.get(f"{site.url}{report['event']['path']}", trust_env=False, timeout=60)
    assert event.status_code == 404
    _check_history(site, report)


def _check_reading(report: dict[str, Any]) -> None:
    assert {"design://tokens", "design://templates", "design://renditions", "content://types"} <= (
        set(report["resources"])
    )
    assert ":root" in report["tokens"]["stylesheets"]["css/site.css"]
    assert "moss" in report["prompt"]
    assert {"title", "body", "tags"} <= set(report["described"])


def _check_drafts(report: dict[str, Any]) -> None:
    body = report["content"]["fields"]["body"]
    assert [block["type"] for block in body] == ["heading", "paragraph", "image", "quote"]
    assert body[0]["value"] == {"text": "Evergreen ferns", "level": "h2"}
    assert body[2]["value"]["image"] == report["image"]["id"]
    assert body[3]["value"]["attribution"] == "The gardeners"
    assert report["post"]["status"] == "draft"
    assert "Nothing was saved: " in report["stale"]
    assert "Changed there only: body" in report["stale"]
    assert "Unchanged there (yours can be applied again): intro." in report["stale"]
    assert "may not publish page" in report["no_publish"]
    assert report["published"]["status"] == "live"
    assert report["event"]["status"] == report["flex"]["status"] == "draft"


def _check_history(site: LiveSite, report: dict[str, Any]) -> None:
    assert [item["through"].split(" (")[0] for item in report["post_revisions"]["items"]] == [
        "update_page",
        "create_blog_post",
    ]
    for name, tool, user in (
        ("post", "create_blog_post", "editor"),
        ("event", "create_event", "editor"),
        ("flex", "create_flex_page", "moderator"),
    ):
        newest = report[f"{name}_revisions"]["items"][0]
        assert newest["by"].lower() == user
        history = site.admin().get(f"/admin/pages/{report[name]['id']}/history/").text
        assert tool.replace("_", " ").capitalize() in history
        assert newest["through"].split("(")[1].rstrip(")") in history
