"""Comments of an assistant are seen by people: in the editor, beside what they are about."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.live.rpc import call
from tests.live.site import LiveSite

from .conftest import logged_in

pytestmark = pytest.mark.browser


def ask(site: LiveSite, tool: str, **arguments: Any) -> dict[str, Any]:
    answer = call(site.mcp_url, site.token("editor"), tool, **arguments)
    assert not answer.get("isError"), answer["content"][0]["text"]
    data: dict[str, Any] = answer["structuredContent"]
    return data


def body(site: LiveSite) -> list[dict[str, Any]]:
    image = ask(site, "search_images")["items"][0]["id"]
    quote = {"type": "quote", "value": {"text": "Green is a decision."}}
    return [
        {"type": "heading", "value": {"text": "Ferns", "level": "h2"}},
        {"type": "paragraph", "value": "Ferns are old.\n\nMoss is older."},
        {"type": "two_columns", "value": {"left": [quote], "right": [quote]}},
        {"type": "image", "value": {"image": image, "alt_text": "A fern", "decorative": False}},
    ]


def test_every_comment_is_shown_where_it_belongs(browser: Browser, site: LiveSite) -> None:
    parent = ask(site, "find_page", url="/blog/")["id"]
    post = ask(
        site, "create_blog_post", parent_id=parent, title="Ferns", intro="Old.", body=body(site)
    )
    blocks = ask(site, "get_page_content", page_id=post["id"])["fields"]["body"]
    paths = ["title", "intro", *(f"body.{block['id']}" for block in blocks)]
    texts = []
    for number, path in enumerate(paths):
        texts.append(f"Question {number}")
        ask(site, "add_comment", page_id=post["id"], text=texts[-1], contentpath=path)
    tab = logged_in(browser, site, "editor")
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    tab.goto(f"{site.url}/admin/pages/{post['id']}/edit/")
    tab.click("button[aria-label*='omments']")
    for text in texts:
        expect(tab.get_by_text(text, exact=True)).to_be_visible()
    assert complaints == []


def test_what_was_commented_meanwhile_survives_a_save(browser: Browser, site: LiveSite) -> None:
    parent = ask(site, "find_page", url="/blog/")["id"]
    post = ask(site, "create_blog_post", parent_id=parent, title="Mosses", body="Old.")
    ask(site, "add_comment", page_id=post["id"], text="Before", contentpath="title")
    tab = logged_in(browser, site, "moderator")
    tab.goto(f"{site.url}/admin/pages/{post['id']}/edit/")
    ask(site, "add_comment", page_id=post["id"], text="Meanwhile", contentpath="intro")
    tab.fill("[name=intro]", "Small and soft.")
    with tab.expect_response(
        lambda answer: answer.request.method == "POST" and "/edit/" in answer.url
    ):
        tab.get_by_role("button", name="Save draft").click()
    comments = ask(site, "list_comments", page_id=post["id"])["items"]
    assert [comment["text"] for comment in comments] == ["Before", "Meanwhile"]
    fields = ask(site, "get_page_content", page_id=post["id"])["fields"]
    assert fields["intro"] == "Small and soft."
