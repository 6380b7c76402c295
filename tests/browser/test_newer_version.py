"""People at work: what Wagtail's editor tells them when an assistant has saved."""

from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.live.rpc import call
from tests.live.site import LiveSite

from .conftest import logged_in

pytestmark = pytest.mark.browser

# Wagtail's editor asks every ten seconds whether there is anything new.
NOTICED = 25_000
IDLE = (
    "from datetime import timedelta; from wagtail.admin.models import EditingSession as E; "
    "[E.objects.filter(pk=s.pk).update(last_seen_at=s.last_seen_at - timedelta(minutes=11)) "
    "for s in E.objects.all()]"
)


@pytest.fixture
def post(site: LiveSite) -> dict[str, Any]:
    """A draft of the demo's blog, made by the editor."""
    found = call(site.mcp_url, site.token("editor"), "find_page", url="/blog/")
    made = call(
        site.mcp_url, site.token("editor"), "create_blog_post",
        parent_id=found["structuredContent"]["id"], title="Ferns", body="Ferns are old.",
        # Or the second test would get the post of the first one, as a retry does.
        idempotency_key=uuid4().hex,
    )  # fmt: skip
    summary: dict[str, Any] = made["structuredContent"]
    return summary


def write(site: LiveSite, who: str, post: dict[str, Any], intro: str) -> dict[str, Any]:
    return call(
        site.mcp_url, site.token(who), "update_page", page_id=post["id"],
        base_revision_id=post["revision_id"], fields={"intro": intro},
    )  # fmt: skip


def notice(tab: Page, text: str) -> Locator:
    return tab.get_by_role("button", name=text)


def opened(browser: Browser, site: LiveSite, post: dict[str, Any]) -> Page:
    """The editor's tab, with the post open and known to the site to be open."""
    tab = logged_in(browser, site, "editor")
    with tab.expect_response(lambda answer: "/editing-sessions/" in answer.url):
        tab.goto(f"{site.url}/admin/pages/{post['id']}/edit/")
    expect(notice(tab, "saved a new version")).to_have_count(0)
    return tab


def test_a_persons_own_assistant_saves_and_the_editor_says_so(
    browser: Browser, site: LiveSite, post: dict[str, Any]
) -> None:
    tab = opened(browser, site, post)
    assert not write(site, "editor", post, "Older than flowers.").get("isError")
    expect(notice(tab, "You saved a new version in another window")).to_be_visible(timeout=NOTICED)


def test_a_page_that_somebody_has_open_is_not_written_to_until_they_are_idle(
    browser: Browser, site: LiveSite, post: dict[str, Any]
) -> None:
    tab = opened(browser, site, post)
    refused = write(site, "moderator", post, "Older than flowers.")
    assert refused["isError"]
    assert f"Editor has page {post['id']} open in the editor" in refused["content"][0]["text"]
    # A laptop that sleeps for a while: nothing is heard of the tab.
    tab.context.set_offline(True)
    site.manage("shell", "-c", IDLE)
    assert not write(site, "moderator", post, "Older than flowers.").get("isError")
    tab.context.set_offline(False)
    expect(notice(tab, "Moderator saved a new version")).to_be_visible(timeout=NOTICED)
