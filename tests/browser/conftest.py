"""Chromium beside a running demo site."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.live.conftest import site
from tests.live.site import LiveSite

__all__ = ["site"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser of the machine; nothing is downloaded for it."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        # Its own sandbox does not start in a container that runs as root.
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()


def logged_in(browser: Browser, site: LiveSite, name: str) -> Page:
    """A tab of somebody who is logged in to the admin."""
    tab = browser.new_context().new_page()
    tab.goto(f"{site.url}/admin/login/")
    login = site.demo["logins"][name]
    tab.fill("input[name=username]", login["username"])
    tab.fill("input[name=password]", login["password"])
    tab.click("button[type=submit]")
    tab.wait_for_url(f"{site.url}/admin/")
    return tab
