"""Bad input gets a clear sentence with the next step, and the server answers the next call."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from . import rpc
from .site import LiveSite


@pytest.fixture(autouse=True)
def _still_answers(site: LiveSite) -> Iterator[None]:
    yield
    assert not rpc.call(site.mcp_url, site.token("editor"), "get_user_info").get("isError")


def _refusal(site: LiveSite, tool: str, who: str = "editor", **arguments: Any) -> str:
    answer = rpc.call(site.mcp_url, site.token(who), tool, **arguments)
    assert answer.get("isError"), answer
    text: str = answer["content"][0]["text"]
    assert "Traceback" not in text
    assert "site-packages" not in text
    return text


def _ids(site: LiveSite) -> dict[str, int]:
    tree = rpc.call(site.mcp_url, site.token("editor"), "get_page_tree", depth=1)
    found = {node["type"]: node["id"] for node in tree["structuredContent"]["root"]["children"]}
    return {"blog": found["blog.BlogIndexPage"], "events": found["blog.EventIndexPage"]}


def test_an_unknown_and_a_forbidden_page_answer_alike(site: LiveSite) -> None:
    found = rpc.call(site.mcp_url, site.token("admin"), "find_page", url="/visit/")
    forbidden = found["structuredContent"]["id"]
    texts = {
        _refusal(site, "get_page_content", page_id=page_id).replace(str(page_id), "N")
        for page_id in (forbidden, 999999)
    }
    assert texts == {"No page N here. Call search_pages or get_page_tree to find it."}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([{"type": "video", "value": "x"}], "body[0]: no block type 'video' here (allowed: head"),
        ([{"type": "quote", "value": {}}], "body[0].quote.text: required"),
        ([{"type": "heading", "value": {"text": "x", "level": "h9"}}], "(allowed: h2, h3, h4)"),
        ([{"type": "image", "value": "seven"}], "body[0].image: expected an object"),
        ([{"type": "image", "value": {"image": "x"}}], "body[0].image.image: expected the id of"),
        (["text"], "body[0]: must be an object"),
        (7, "body: must be text or a list"),
    ],
)
def test_wrong_blocks(site: LiveSite, body: Any, expected: str) -> None:
    text = _refusal(
        site, "create_blog_post", parent_id=_ids(site)["blog"], title="Wrong", body=body
    )
    assert expected in text


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"page_id": "many"}, "page_id: must be a whole number"),
        ({"page_id": None}, "page_id: must be a whole number"),
        ({"page_id": -1}, "page_id: must be at least 1"),
        ({"page_id": 10**400}, "No page with this id here."),
        ({"page_id": 2**63}, "No page"),
        ({}, "page_id: required"),
        ({"page_id": 3, "colour": 1}, "colour: no such argument (allowed: page_id, version)"),
        ({"page_id": 3, "version": "old"}, "version: not a choice (allowed: draft, live)"),
    ],
)
def test_wrong_arguments(site: LiveSite, arguments: dict[str, Any], expected: str) -> None:
    assert expected in _refusal(site, "get_page_content", **arguments)


def test_wrong_dates_and_places(site: LiveSite) -> None:
    ids = _ids(site)
    text = _refusal(site, "create_event", parent_id=ids["events"], title="x", start="soon")
    assert "start: Enter a valid date/time." in text
    text = _refusal(
        site, "create_event", parent_id=ids["events"], title="x",
        start="2031-01-02T10:00", end="2031-01-01T10:00",
    )  # fmt: skip
    assert "end: The end is before the start." in text
    text = _refusal(site, "create_event", parent_id=ids["blog"], title="x", start="2031-01-02")
    assert f"No blog.EventPage below page {ids['blog']} (allowed: blog.BlogPage)" in text


def test_a_picture_that_is_not_one(site: LiveSite) -> None:
    data = base64.b64encode(b"<svg onload='alert(1)'/>").decode()
    text = _refusal(site, "upload_image", title="x", data=data)
    assert text == "This is not a picture that can be used here (allowed: JPEG, PNG, GIF, WebP)."


def test_a_body_of_five_megabytes(site: LiveSite) -> None:
    answer = rpc.post_raw(site.mcp_url, site.token("editor"), b'{"x": "' + b"x" * 5_000_000 + b'"}')
    assert answer.status_code == 413
    assert "4" in answer.text


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ("{", 400),
        ("", 400),
        ("[]", 400),
        ('"text"', 400),
        ('{"jsonrpc": "1.0", "id": 1, "method": "tools/list"}', 400),
        ('{"jsonrpc": "2.0", "id": 1}', 400),
        (b"\xff\xfe\x00", 400),
        ('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": [1]}', 400),
        ("[" * 100_000, 400),
    ],
)
def test_malformed_messages(site: LiveSite, content: Any, status: int) -> None:
    answer = rpc.post_raw(site.mcp_url, site.token("editor"), content)
    assert answer.status_code == status
    assert "error" in answer.json()
    assert "Traceback" not in answer.text


def test_tokens_that_open_nothing(site: LiveSite) -> None:
    revoked = _token(site, "revoke-me")
    expired = _token(site, "expire-me")
    _change(site, "revoke-me", "is_active=False")
    _change(site, "expire-me", "expires_at=timezone.now()")
    unknown = site.token("editor")[:-1] + ("a" if site.token("editor")[-1] != "a" else "b")
    for secret in (None, "", "nonsense", unknown, revoked, expired):
        answer = rpc.post(site.mcp_url, secret, "tools/list")
        assert answer.status_code == 401, secret
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert not secret or secret not in answer.text


def test_a_token_counts_in_the_authorization_header_only(site: LiveSite) -> None:
    secret = site.token("editor")
    assert rpc.post(f"{site.mcp_url}?token={secret}", None, "tools/list").status_code == 401
    assert rpc.post(f"{site.mcp_url}?access_token={secret}", None, "x").status_code == 401


def _token(site: LiveSite, name: str) -> str:
    secret = site.manage("create_mcp_token", "--user", "editor", "--name", name).strip()
    assert rpc.post(site.mcp_url, secret, "tools/list").status_code == 200
    return secret


def _change(site: LiveSite, name: str, change: str) -> None:
    site.manage(
        "shell", "--command",
        "from django.utils import timezone; from mcp_server.models import MCPToken; "
        f"MCPToken.objects.filter(name='{name}').update({change})",
    )  # fmt: skip
