"""Somebody who sits in front of the Wagtail admin."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.live.site import LiveSite

TOKENS = "/admin/snippets/mcp_server/mcptoken/"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Wagtail ships axe for its accessibility checker, so nothing has to be downloaded. Draftail's
# text box, which has no name, and the small button of the outline on a phone are Wagtail's own.
AXE = """async (rules) => {
  const exclude = ['.Draftail-Editor', '#w-minimap-toggle'];
  const found = await window.axe.run({ exclude }, { runOnly: rules });
  return found.violations.map((rule) => (
    `${rule.id}: ${rule.nodes.map((node) => node.target.join(' ')).join(' | ')}`));
}"""
# Wagtail's own account page on a machine without a zone name; nothing of ours.
WAGTAILS_OWN = ("Invalid time zone specified",)


@dataclass
class Person:
    """A logged-in browser page that remembers what went wrong in it."""

    site: LiveSite
    page: Page
    errors: list[str] = field(default_factory=list)

    @classmethod
    @contextmanager
    def logged_in(
        cls, site: LiveSite, browser: Browser, name: str, **options: Any
    ) -> "Iterator[Person]":
        context = browser.new_context(
            base_url=site.url,
            permissions=["clipboard-read", "clipboard-write"],
            **{"viewport": {"width": 1280, "height": 900}, **options},
        )
        person = cls(site, context.new_page())
        person.page.on("console", person.heard)
        person.page.on("pageerror", lambda error: person.errors.append(str(error)))
        person.log_in(name)
        try:
            yield person
            assert person.errors == []
        finally:
            context.close()

    def heard(self, message: ConsoleMessage) -> None:
        known = any(words in message.text for words in WAGTAILS_OWN)
        if message.type == "error" and not known:
            self.errors.append(message.text)

    def log_in(self, name: str) -> None:
        login = self.site.demo["logins"][name]
        self.page.goto("/admin/login/")
        self.page.fill("[name=username]", login["username"])
        self.page.fill("[name=password]", login["password"])
        self.page.click("button[type=submit]")
        self.page.wait_for_url("**/admin/")

    def go(self, address: str) -> None:
        self.page.goto(address)
        self.page.wait_for_load_state("networkidle")

    def issue(self, name: str, preset: str = "Drafting") -> str:
        """Create a token and copy its secret with the button."""
        self.go(f"{TOKENS}add/")
        self.page.fill("[name=name]", name)
        self.page.click(f"button:text-is('{preset}')")
        self.save()
        return self.copied("Copy token")

    def save(self) -> None:
        self.page.click("footer button[type=submit]")
        self.page.wait_for_selector("#mcp-token-value")

    def copied(self, button: str) -> str:
        """What a copy button puts into the clipboard."""
        self.page.click(f"button:text-is('{button}')")
        self.page.wait_for_selector("text=Copied to clipboard")
        text: str = self.page.evaluate("navigator.clipboard.readText()")
        return text

    def open_token(self, name: str, screen: str) -> None:
        """Go to a screen of the token with this name."""
        self.go(TOKENS)
        self.page.click(f".title-wrapper a:has-text('{name}')")
        self.page.wait_for_load_state("networkidle")
        address = self.page.url.replace("/edit/", f"/{screen}/").replace("/inspect/", f"/{screen}/")
        self.go(address)

    def violations(self) -> list[str]:
        """What axe-core finds on the page as it is now."""
        self.page.wait_for_load_state("networkidle")
        found: list[str] = self.page.evaluate(AXE, RULES)
        return found
