"""The report, the token's page, the home panel and “My connections”."""

import csv
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook  # type: ignore[import-untyped]  # has no types
from wagtail.hooks import get_hooks
from wagtail.models import Page

from mcp_server.admin.home import latest_drafts
from mcp_server.models import MCPCall, MCPToken
from tests.world import World

from .conftest import People, make, url
from .html import problems
from .test_recording import run

REPORT = "mcp_server_activity"


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def draft(world: World, title: str = "A post") -> MCPCall:
    actor = world.actor("editor")
    run(actor, "create_blog_post", parent_id=world.blog.pk, title=title, body="Text")
    return MCPCall.objects.latest("pk")


def edit(world: World, page: Any) -> MCPCall:
    base = Page.objects.get(pk=page.pk).latest_revision_id
    fields = {"base_revision_id": base, "fields": {"intro": "Words"}}
    run(world.actor("editor"), "update_page", page_id=page.pk, **fields)
    return MCPCall.objects.latest("pk")


def test_a_row_names_everything_and_links_to_history_and_comparison(world: World) -> None:
    call = edit(world, world.first)
    response = client_of(world.admin).get(reverse(REPORT))
    html = response.content.decode()
    for word in ("update_page", "editor&#x27;s token", "First", "Draft", "Done"):
        assert word in html
    pk = world.first.pk
    revisions = [call.revision_before, call.revision_after]
    assert reverse("wagtailadmin_pages:history", args=[pk]) in html
    compare = reverse("wagtailadmin_pages:revisions_compare", args=[pk, *revisions])
    assert compare in html
    assert client_of(world.admin).get(compare).status_code == 200


def test_who_may_see_which_calls(world: World, people: People) -> None:
    for user in (people.root, people.manager, people.issuer):
        MCPCall.objects.create(user=user, tool=f"tool_of_{user}", kind="draft")
    expected = {"root": 3, "manager": 2, "issuer": 1, "other": 0}
    for name, count in expected.items():
        response = people.client(name).get(reverse(REPORT))
        assert len(response.context["object_list"]) == count, name
    assert people.client("reader").get(reverse(REPORT)).status_code == 302
    people.reader.user_permissions.add(Permission.objects.get(codename="view_mcpcall"))
    assert len(people.client("reader").get(reverse(REPORT)).context["object_list"]) == 3


def test_the_menu_item_is_for_those_who_may(people: People) -> None:
    home = reverse("wagtailadmin_home")
    assert reverse(REPORT) in people.client("issuer").get(home).content.decode()
    assert reverse(REPORT) not in people.client("reader").get(home).content.decode()


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("kind=live", 1),
        ("kind=draft", 2),
        ("outcome=conflict", 1),
        ("tool=publish_page", 1),
        ("token={token}", 1),
        ("user={root}", 1),
        ("user={issuer}", 2),
        ("at_from={today}", 2),
        ("at_to={yesterday}", 1),
        ("outcome=success&kind=draft", 1),
        ("", 3),
    ],
)
def test_filters(people: People, query: str, count: int) -> None:
    token = make(people.issuer)
    now = timezone.now()
    MCPCall.objects.create(user=people.root, tool="publish_page", kind="live")
    MCPCall.objects.create(user=people.issuer, tool="update_page", kind="draft", outcome="conflict")
    old = MCPCall.objects.create(user=people.issuer, tool="update_page", kind="draft", token=token)
    MCPCall.objects.filter(pk=old.pk).update(at=now - timedelta(days=3))
    today = timezone.localdate()
    query = query.format(
        token=token.pk, root=people.root.pk, issuer=people.issuer.pk,
        today=today, yesterday=today - timedelta(days=1),
    )  # fmt: skip
    response = people.client("root").get(f"{reverse(REPORT)}?{query}")
    assert len(response.context["object_list"]) == count


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("at_from=soon", "Date"),
        ("at_to=2026-02-31", "Date"),
        ("token=999999", "Token"),
        ("token=x", "Token"),
        ("user=999999", "User"),
        ("tool=drop_everything", "Tool"),
        ("kind=evil", "Kind"),
        ("outcome=fine&kind=draft", "Outcome"),
    ],
)
def test_a_filter_with_an_unknown_value_shows_nothing_and_says_why(
    people: People, query: str, label: str
) -> None:
    MCPCall.objects.create(user=people.root, tool="publish_page", kind="draft")
    client = people.client("root")
    for name in (REPORT, "mcp_server_activity_results"):
        response = client.get(f"{reverse(name)}?{query}")
        assert list(response.context["object_list"]) == []
        html = response.content.decode()
        assert f"<li><strong>{label}</strong>: " in html
    # Beside the filter itself too.
    html = client.get(f"{reverse(REPORT)}?{query}").content.decode()
    assert "error-message" in html[: html.index('id="listing-results"')]
    sheet = client.get(f"{reverse(REPORT)}?{query}&export=csv")
    assert list(csv.DictReader(StringIO(b"".join(sheet).decode()))) == []


def test_exports(world: World) -> None:
    edit(world, world.first)
    client = client_of(world.admin)
    sheet = client.get(f"{reverse(REPORT)}?export=csv")
    rows = list(csv.DictReader(StringIO(b"".join(sheet).decode())))
    assert rows[0]["Tool"] == "update_page"
    assert rows[0]["User"] == "editor"
    assert (rows[0]["Kind"], rows[0]["Outcome"]) == ("Draft", "Done")
    assert rows[0]["Page or object"] == "First"
    book = client.get(f"{reverse(REPORT)}?export=xlsx")
    content = b"".join(book) if book.streaming else book.content
    cells = [[cell.value for cell in row] for row in load_workbook(BytesIO(content)).active.rows]
    assert "update_page" in cells[1]


def test_no_cell_of_an_export_is_a_formula(world: World) -> None:
    MCPCall.objects.create(
        user=world.editor, tool="update_page", kind="draft", client='=HYPERLINK("//evil")',
        object_title="+1", token_name="@token",
    )  # fmt: skip
    sheet = client_of(world.admin).get(f"{reverse(REPORT)}?export=csv")
    row = next(csv.DictReader(StringIO(b"".join(sheet).decode())))
    assert not any(str(value).startswith(("=", "+", "@")) for value in row.values())


def test_the_report_costs_no_query_per_row(
    world: World, django_assert_max_num_queries: Any
) -> None:
    client = client_of(world.admin)
    draft(world)
    client.get(reverse(REPORT))
    with django_assert_max_num_queries(60) as few:
        client.get(reverse(REPORT))
    for number in range(5):
        draft(world, f"Post {number}")
    with django_assert_max_num_queries(len(few)):
        client.get(reverse(REPORT))


def test_a_viewer_gets_no_links_to_pages_that_they_may_not_edit(world: World) -> None:
    edit(world, world.first)
    world.outsider.user_permissions.add(Permission.objects.get(codename="view_mcpcall"))
    html = client_of(world.outsider).get(reverse(REPORT)).content.decode()
    assert "update_page" in html
    assert reverse("wagtailadmin_pages:history", args=[world.first.pk]) not in html


@pytest.mark.parametrize("screen", ["inspect", "edit"])
def test_a_tokens_page_shows_uses_calls_per_day_and_refusals(world: World, screen: str) -> None:
    # Tokens of other tests had the same key, and their reads may still wait there.
    cache.clear()
    call = edit(world, world.first)
    token = call.token
    assert token is not None
    MCPCall.objects.create(
        token=token, user=world.editor, tool="publish_page", kind="live", outcome="forbidden"
    )
    html = client_of(world.admin).get(url(screen, token.pk)).content.decode()
    for word in ("Calls per day", "Last uses", "Refusals", "update_page", "Not allowed"):
        assert word in html
    day = timezone.localdate()
    row = html[html.index(f"{day:%d/%m/%Y}") :]
    row = row[: row.index("</tr>")]
    assert "<td>0</td><td>1</td><td>1</td>" in row


def test_revoked_tokens_say_by_whom_and_when(people: People) -> None:
    token = make(people.issuer)
    people.client("root").post(url("revoke", token.pk))
    token = MCPToken.objects.get(pk=token.pk)
    assert token.revoked_by == people.root
    assert token.revoked_at is not None
    html = people.client("issuer").get(url("inspect", token.pk)).content.decode()
    assert "Revoked: " in html
    assert ", root" in html
    assert ", root" in people.client("manager").get(url("edit", token.pk)).content.decode()


def test_the_permission_on_calls_can_be_given_to_groups(db: None) -> None:
    registered = [pk for hook in get_hooks("register_permissions") for pk in hook()]
    assert Permission.objects.get(codename="view_mcpcall") in registered


def test_the_home_panel_shows_drafts_that_the_user_may_edit(world: World) -> None:
    call = draft(world, "By an assistant")
    edit(world, world.first)
    home = reverse("wagtailadmin_home")
    html = client_of(world.editor).get(home).content.decode()
    assert "Drafts from your assistants" in html
    pk = int(call.object_id)
    assert reverse("wagtailadmin_pages:view_draft", args=[pk]) in html
    live = Page.objects.get(pk=world.first.pk)
    compare = reverse(
        "wagtailadmin_pages:revisions_compare", args=[live.pk, "live", live.latest_revision_id]
    )
    assert compare in html
    assert client_of(world.editor).get(compare).status_code == 200
    assert "Drafts from your assistants" not in client_of(world.outsider).get(home).content.decode()


def test_a_published_or_overwritten_draft_is_no_news(world: World) -> None:
    call = draft(world)
    page = Page.objects.get(pk=call.object_id).specific
    assert [item.page.pk for item in latest_drafts(world.editor)] == [page.pk]
    page.save_revision(user=world.editor)
    assert latest_drafts(world.editor) == []


def test_without_drafts_there_is_no_panel(world: World) -> None:
    html = client_of(world.editor).get(reverse("wagtailadmin_home")).content.decode()
    assert "Drafts from your assistants" not in html


def test_my_connections_are_ones_own_tokens(people: People) -> None:
    make(people.issuer, "Mine")
    make(people.other, "Theirs")
    account = reverse("wagtailadmin_account")
    html = people.client("issuer").get(account).content.decode()
    assert "My connections" in html
    assert "Mine" in html
    assert "Theirs" not in html
    assert url("add") in html
    assert "My connections" not in people.client("reader").get(account).content.decode()


def test_who_may_not_issue_still_sees_own_connections(people: People) -> None:
    make(people.reader, "Given to me")
    html = people.client("reader").get(reverse("wagtailadmin_account")).content.decode()
    assert "Given to me" in html
    assert url("add") not in html


def test_saving_the_account_settings_still_works(people: People) -> None:
    make(people.issuer)
    account = reverse("wagtailadmin_account")
    data = {
        "name_email-first_name": "Ina",
        "name_email-last_name": "Issuer",
        "name_email-email": "ina@example.org",
        "theme-theme": "system",
        "theme-contrast": "system",
        "theme-density": "default",
        "theme-keyboard_shortcuts": "on",
        "locale-preferred_language": "",
        "locale-current_time_zone": "",
    }
    response = people.client("issuer").post(account, data)
    assert response.status_code == 302, response.context["panels_by_tab"]


def test_bulk_revocation(people: People) -> None:
    mine, other = make(people.other, "Mine"), make(people.other, "Also mine")
    theirs = make(people.manager, "Private name")
    bulk = reverse("wagtail_bulk_action", args=["mcp_server", "mcptoken", "revoke"])
    address = f"{bulk}?id={mine.pk}&id={other.pk}&id={theirs.pk}&next={url('list')}"
    client = people.client("other")
    page = client.get(address).content.decode()
    assert "Also mine" in page
    assert "Private name" not in page
    client.post(address)
    active = dict(MCPToken.objects.values_list("name", "is_active"))
    assert active == {"Mine": False, "Also mine": False, "Private name": True}
    assert MCPToken.objects.get(pk=mine.pk).revoked_by == people.other


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?mark=expiring", {"Soon"}),
        ("?mark=never_used", {"Soon", "Fresh"}),
        ("?mark=expiring&mark=never_used", {"Soon", "Fresh"}),
        ("", {"Soon", "Fresh", "Used", "Over"}),
    ],
)
def test_marks_are_filters(people: People, query: str, found: set[str]) -> None:
    now = timezone.now()
    make(people.issuer, "Soon", expires_at=now + timedelta(days=3))
    make(people.issuer, "Fresh")
    make(people.issuer, "Used", last_used_at=now)
    make(people.issuer, "Over", expires_at=now - timedelta(days=3))
    response = people.client("root").get(url("list") + query)
    assert {token.name for token in response.context["object_list"]} == found
    assert ("Expires soon" in response.content.decode()) is ("Soon" in found)


def test_a_token_s_page_is_valid_html(world: World) -> None:
    token = edit(world, world.first).token
    assert token is not None
    html = client_of(world.admin).get(url("inspect", token.pk)).content.decode()
    main = html[html.index("<main") : html.index("</main>") + len("</main>")]
    assert problems(main) == []
