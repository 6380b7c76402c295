"""A token's life in a real browser: issue, connect, watch, rotate, revoke."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, expect

from tests.live import rpc
from tests.live.site import ROOT, LiveSite

from .person import TOKENS, Person

pytestmark = pytest.mark.browser


@pytest.fixture
def admin(site: LiveSite, browser: Browser) -> Iterator[Person]:
    with Person.logged_in(site, browser, "admin") as person:
        yield person


@pytest.fixture
def editor(site: LiveSite, browser: Browser) -> Iterator[Person]:
    with Person.logged_in(site, browser, "editor") as person:
        yield person


def status(site: LiveSite, secret: str) -> int:
    return rpc.post(site.mcp_url, secret, "tools/list").status_code


def draft(site: LiveSite, secret: str, title: str) -> dict[str, Any]:
    """A real MCP call that writes."""
    blog = rpc.call(site.mcp_url, secret, "find_page", url="/blog/")["structuredContent"]["id"]
    answer = rpc.call(
        site.mcp_url, secret, "create_blog_post", parent_id=blog, title=title, body="Text"
    )
    assert not answer.get("isError"), answer
    made: dict[str, Any] = answer["structuredContent"]
    return made


def test_from_issuing_to_revoking(site: LiveSite, admin: Person) -> None:
    page = admin.page
    old = admin.issue("Whole life")
    made = draft(site, old, "Written by an assistant")
    admin.go("/admin/reports/mcp-activity/")
    row = page.locator("tbody tr", has_text="Written by an assistant")
    expect(row).to_contain_text("create_blog_post")
    expect(row).to_contain_text("Whole life")
    assert row.locator("a", has_text="History").get_attribute("href") == (
        f"/admin/pages/{made['id']}/history/"
    )
    admin.open_token("Whole life", "rotate")
    page.click("button:text-is('Make a new secret')")
    page.wait_for_selector("#mcp-token-value")
    new = admin.copied("Copy token")
    assert new != old
    assert (status(site, old), status(site, new)) == (401, 200)
    admin.open_token("Whole life", "revoke")
    page.click("button:text-is('Yes, revoke')")
    page.wait_for_url(f"**{TOKENS}")
    assert status(site, new) == 401
    expect(page.locator("tr", has_text="Whole life")).to_contain_text("Revoked")


def test_a_person_undoes_from_the_report(site: LiveSite, admin: Person) -> None:
    page = admin.page
    secret = admin.issue("To be undone")
    made = [draft(site, secret, f"Undone {number}") for number in (1, 2)]
    admin.go("/admin/reports/mcp-activity/?tool=create_blog_post")
    for number in (1, 2):
        page.locator("tbody tr", has_text=f"Undone {number}").get_by_role("checkbox").check()
    page.click("a:text-is('Undo these')")
    page.wait_for_load_state("networkidle")
    expect(page.locator("main li", has_text="is deleted")).to_have_count(2)
    assert admin.violations() == []
    page.click("button:text-is('Yes, undo')")
    page.wait_for_url("**/mcp-activity/?tool=create_blog_post")
    expect(page.locator("body")).to_contain_text("2 changes undone.")
    expect(page.locator("tbody tr", has_text="Undone 1")).to_contain_text("Undone")
    answer = rpc.call(site.mcp_url, secret, "get_page_content", page_id=made[0]["id"])
    assert answer["isError"]


def test_an_overlap_keeps_the_old_secret(site: LiveSite, admin: Person) -> None:
    old = admin.issue("Overlap", "Read only")
    admin.open_token("Overlap", "rotate")
    admin.page.select_option("[name=overlap]", "4")
    admin.page.click("button:text-is('Make a new secret')")
    admin.page.wait_for_selector("#mcp-token-value")
    assert "The old secret works until" in admin.page.inner_text("main")
    new = admin.copied("Copy token")
    assert (status(site, old), status(site, new)) == (200, 200)


def test_the_configurations_hold_the_address_and_the_secret(site: LiveSite, admin: Person) -> None:
    secret = admin.issue("Configurations")
    for client in ("Claude Code", "Claude Desktop", "Cursor", "VS Code", "curl"):
        text = admin.copied(f"Copy for {client}")
        assert site.mcp_url in text
        assert secret in text
        # The word beside the button goes away by itself; the next copy brings a new one.
        admin.page.wait_for_selector("text=Copied to clipboard", state="detached")


def test_the_connection_is_tested_by_a_real_call(site: LiveSite, admin: Person) -> None:
    page = admin.page
    secret = admin.issue("Tested", "Read only")
    tools = rpc.result(rpc.post(site.mcp_url, secret, "tools/list"))["tools"]
    page.click("button:text-is('Test connection')")
    result = page.locator("[data-mcp-connection-target=result]")
    expect(result).to_contain_text(f"this many tools: {len(tools)}. It would act as Admin")
    site.manage(
        "shell", "--command",
        "from mcp_server.models import MCPToken; "
        "MCPToken.objects.filter(name='Tested').update(is_active=False)",
    )  # fmt: skip
    page.click("button:text-is('Test connection')")
    expect(result).to_contain_text("The server refused: The token is unknown, expired or revoked")
    # The browser reports the 401 itself.
    admin.errors[:] = [text for text in admin.errors if "401" not in text]


@pytest.mark.parametrize("way", ["back", "reload"])
def test_the_secret_is_not_reached_again(admin: Person, way: str) -> None:
    page = admin.page
    secret = admin.issue(f"Once {way}")
    if way == "back":
        page.click("text=Back to MCP tokens")
        page.wait_for_url(f"**{TOKENS}")
    # Chromium has nothing to show for “back”: it did not keep the page.
    with suppress(Error):
        page.go_back() if way == "back" else page.reload()
    page.wait_for_timeout(500)
    assert secret not in page.content()
    boxes = page.eval_on_selector_all("input, textarea", "all => all.map((box) => box.value)")
    assert not any(secret in value for value in boxes)
    admin.go(TOKENS)
    assert page.locator("tr", has_text=f"Once {way}").count() == 1


def test_with_the_keyboard_alone(site: LiveSite, admin: Person) -> None:
    page = admin.page
    admin.go(f"{TOKENS}add/")
    _tab_to(admin, "[name=name]")
    page.keyboard.type("Typed")
    _tab_to(admin, "[data-mcp-tools-target=preset]")
    page.keyboard.press("Enter")
    assert page.locator("[aria-pressed=true]").inner_text() == "Read only"
    _tab_to(admin, "[data-mcp-tools-target=query]")
    page.keyboard.type("list_sites")
    page.keyboard.press("Enter")
    assert page.inner_text("[data-mcp-tools-target=shown]") == "1"
    _tab_to(admin, "[data-mcp-tools-target=box]")
    page.keyboard.press("Space")
    assert page.locator("[aria-pressed=true]").count() == 0
    page.keyboard.press("Control+s")
    page.wait_for_selector("#mcp-token-value")
    _tab_to(admin, "button:text-is('Copy token')")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Copied to clipboard")
    secret: str = page.evaluate("navigator.clipboard.readText()")
    listed = rpc.result(rpc.post(site.mcp_url, secret, "tools/list"))["tools"]
    names = {tool["name"] for tool in listed}
    assert "list_sites" not in names
    assert "get_user_info" in names


def _tab_to(person: Person, selector: str) -> None:
    """Press Tab until the first such element has the focus."""
    for _ in range(400):
        focused = person.page.evaluate(
            "(selector) => document.activeElement.matches(selector)",
            selector if ":text-is" not in selector else "[data-action='w-clipboard#copy']",
        )
        if focused:
            return
        person.page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {selector}")


def test_tick_all_is_indeterminate_in_between(admin: Person) -> None:
    page = admin.page
    admin.go(f"{TOKENS}add/")
    group = page.locator("fieldset[data-controller=w-bulk]", has_text="All of “Publishing”")
    every = group.locator("[data-w-bulk-target=all]")
    boxes = group.locator("[data-mcp-tools-target=box]")

    def state() -> tuple[bool, bool]:
        return every.is_checked(), every.evaluate("box => box.indeterminate")

    assert state() == (False, False)
    boxes.first.check()
    assert state() == (False, True)
    every.check()
    assert state() == (True, False)
    assert boxes.evaluate_all("all => all.every((box) => box.checked)")
    boxes.last.uncheck()
    assert state() == (False, True)


def test_a_tick_all_never_ticks_what_the_search_hides(admin: Person) -> None:
    page = admin.page
    admin.go(f"{TOKENS}add/")
    page.fill("[data-mcp-tools-target=query]", "unpublish")
    expect(page.locator("code", has_text="unpublish_page")).to_be_visible()
    expect(page.locator("code", has_text="get_user_info")).to_be_hidden()
    expect(page.locator("[data-w-bulk-target=all]").first).to_be_hidden()


def test_every_tool_is_one_choice_and_only_these_another(admin: Person) -> None:
    page = admin.page
    admin.go(f"{TOKENS}add/")
    page.fill("[name=name]", "Nothing ticked")
    page.click("footer button[type=submit]")
    expect(page.locator("body")).to_contain_text("Tick at least one tool")
    page.click("button:text-is('Everything this user may do')")
    assert page.locator("input[value=every]").is_checked()
    expect(page.locator("[data-mcp-tools-target=query]")).to_be_hidden()


def test_another_user_s_limits_are_shown_at_once(admin: Person) -> None:
    page = admin.page
    admin.go(f"{TOKENS}add/")
    page.check("input[value=chosen]")
    # What the site itself has not switched on is out of everybody's reach.
    reasons = page.locator("[data-mcp-tools-target=reach]:visible", has_not_text="This site ")
    expect(reasons).to_have_count(0)
    page.select_option("[name=user]", label="Editor (editor)")
    expect(reasons.first).to_contain_text("This user may not publish any page.")
    page.select_option("[name=user]", label="Admin (admin)")
    expect(reasons).to_have_count(0)


def test_an_editor_finds_drafts_and_connections(site: LiveSite, editor: Person) -> None:
    secret = editor.issue("My own")
    draft(site, secret, "For the editor")
    editor.go("/admin/")
    panel = editor.page.locator("section", has_text="Drafts from your assistants").last
    expect(panel).to_contain_text("For the editor")
    editor.go("/admin/account/#tab-connections")
    expect(editor.page.locator("#tab-connections")).to_contain_text("My own")


SCREENS = ("list", "add", "created", "edit", "inspect", "rotate", "revoke", "report", "home",
           "account", "style guide")  # fmt: skip
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}},
}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing(site: LiveSite, browser: Browser, look: str) -> None:
    with Person.logged_in(site, browser, "admin", **LOOKS[look]) as person:
        secret = person.issue(f"Axe {look}")
        found = {"created": person.violations()}
        draft(site, secret, f"Draft for {look}")
        found |= {screen: _violations(person, look, screen) for screen in SCREENS[:2]}
        found |= {screen: _violations(person, look, screen) for screen in SCREENS[3:]}
    assert {screen: problems for screen, problems in found.items() if problems} == {}


def _violations(person: Person, look: str, screen: str) -> list[str]:
    plain = {
        "list": TOKENS,
        "add": f"{TOKENS}add/",
        "report": "/admin/reports/mcp-activity/",
        "home": "/admin/",
        "account": "/admin/account/#tab-connections",
        "style guide": "/admin/settings/mcp_server/styleguide/",
    }
    if screen in plain:
        person.go(plain[screen])
    else:
        person.open_token(f"Axe {look}", screen)
    if screen == "add":
        person.page.check("input[value=chosen]")
    wide = person.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*person.violations(), *([f"{wide} px too wide"] if wide > 0 else [])]


def test_little_code_of_our_own() -> None:
    """The two files that the browser loads besides Wagtail's."""
    static = ROOT / "mcp_server" / "static" / "mcp_server"
    lines = {path.name: len(path.read_text().splitlines()) for path in static.rglob("*.*")}
    assert set(lines) == {"tokens.js", "tokens.css"}
    assert lines["tokens.js"] <= 160
    assert lines["tokens.css"] <= 100
