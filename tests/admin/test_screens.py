"""List, create, edit, revoke, delete and history of tokens in Wagtail's admin."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from wagtail.log_actions import registry as log_registry
from wagtail.snippets.models import get_snippet_models

from mcp_server.digests import is_well_formed
from mcp_server.models import MCPToken
from mcp_server.tokens import resolve_mcp_user

from .conftest import People, make, posted, url
from .html import Page, problems

SECRET = re.compile(r"wagtail_mcp_[0-9A-Za-z]{33}")


def actions(token: MCPToken) -> list[str]:
    return list(log_registry.get_logs_for_instance(token).values_list("action", flat=True))


def secrets_in(response: Any) -> set[str]:
    return set(SECRET.findall(response.content.decode()))


def test_tokens_are_a_snippet() -> None:
    assert MCPToken in get_snippet_models()


def test_the_list_shows_name_mask_user_state_use_and_expiry(people: People) -> None:
    now = timezone.now()
    tokens = [
        make(people.issuer, "Working", last_used_at=now - timedelta(hours=3)),
        make(people.issuer, "Over", expires_at=now - timedelta(days=1)),
        make(people.issuer, "Stopped", is_active=False),
        make(people.other, "Left"),
    ]
    type(people.other).objects.filter(pk=people.other.pk).update(is_active=False)
    html = people.client("root").get(url("list")).content.decode()
    rows = re.findall(r"<tr.*?</tr>", html, re.S)
    for token, words in zip(
        tokens,
        (["Active", "3\xa0hours ago", "Never"], ["Expired"], ["Revoked"], ["User inactive"]),
        strict=True,
    ):
        (row,) = [row for row in rows if token.get_masked_token() in row]
        for word in (token.name, token.user.get_username(), *words):
            assert word in row


def test_the_menu_item_is_for_those_who_may(people: People) -> None:
    home = reverse("wagtailadmin_home")
    assert url("list") in people.client("issuer").get(home).content.decode()
    assert url("list") not in people.client("reader").get(home).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?status=active", {"Working"}),
        ("?status=expired", {"Over"}),
        ("?status=revoked", {"Stopped"}),
        ("?status=user_inactive", {"Left"}),
        ("?status=active&status=revoked", {"Working", "Stopped"}),
        ("?q=stop", {"Stopped"}),
        ("?q=other@example.org", {"Left"}),
        ("?ordering=name", {"Left", "Over", "Stopped", "Working"}),
        ("?ordering=-user__username", {"Left", "Over", "Stopped", "Working"}),
    ],
)
def test_filters_and_search(people: People, query: str, found: set[str]) -> None:
    make(people.issuer, "Working")
    make(people.issuer, "Over", expires_at=timezone.now() - timedelta(days=1))
    make(people.issuer, "Stopped", is_active=False)
    make(people.other, "Left")
    type(people.other).objects.filter(pk=people.other.pk).update(is_active=False)
    response = people.client("root").get(url("list") + query)
    assert {token.name for token in response.context["object_list"]} == found


def test_filter_by_user(people: People) -> None:
    make(people.issuer, "Mine")
    make(people.other, "Theirs")
    response = people.client("root").get(f"{url('list')}?user={people.issuer.pk}")
    assert [token.name for token in response.context["object_list"]] == ["Mine"]


def test_the_list_costs_no_query_per_token(
    people: People, django_assert_max_num_queries: Any
) -> None:
    client = people.client("root")
    client.get(url("list"))
    make(people.issuer, "First")
    with django_assert_max_num_queries(40) as few:
        client.get(url("list"))
    for number in range(5):
        make(people.issuer, f"Token {number}")
    with django_assert_max_num_queries(len(few)):
        client.get(url("list"))


def test_the_create_form_is_valid_html(people: People) -> None:
    html = people.client("root").get(url("add")).content.decode()
    form = html[html.index('<form\n        id="w-editor-form"') : html.index("</form>\n") + 7]
    ours = form[form.index('data-controller="w-rules mcp-tools"') - 5 :]
    assert [text for text in problems(form) if "allowed_tools" in text] == []
    assert Page(ours).all("input", name="allowed_tools-scope")


def test_the_secret_is_shown_once_with_a_ready_configuration(people: People, settings: Any) -> None:
    settings.MCP_SERVER = {"BASE_URL": "https://www.example.org"}
    client = people.client("issuer")
    response = client.post(url("add"), posted(name="Claude"))
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    (secret,) = secrets_in(response)
    assert is_well_formed(secret)
    token = resolve_mcp_user(secret)[1]
    assert (token.user, token.name, token.allowed_tools) == (people.issuer, "Claude", [])
    html = response.content.decode()
    assert "w-clipboard#copy" in html
    assert "claude mcp add --transport http" in html
    assert "mcpServers" in html
    assert "https://www.example.org/mcp/" in html
    assert actions(token) == ["wagtail.create"]
    for name, *args in (("list",), ("add",), ("history", token.pk), ("usage", token.pk)):
        assert secrets_in(client.get(url(name, *args))) == set()
    assert secrets_in(people.client("root").get(url("edit", token.pk))) == set()


def test_sending_the_same_form_again_creates_nothing(people: People) -> None:
    client = people.client("issuer")
    (form_id,) = Page(client.get(url("add")).content.decode()).all("input", name="form_id")
    first = client.post(url("add"), posted(form_id=form_id["value"]))
    assert len(secrets_in(first)) == 1
    value = form_id["value"]
    for spelt in (value, value.upper(), value.replace("-", ""), f" {{{value}}}"):
        again = client.post(url("add"), posted(form_id=spelt))
        assert secrets_in(again) == set()
        assert MCPToken.objects.count() == 1


@pytest.mark.parametrize("form_id", [None, "", "x", "1234"])
def test_a_form_without_an_id_comes_back_with_everything_in_it(
    people: People, form_id: str | None
) -> None:
    client = people.client("issuer")
    data = posted(name="Kept name", note="Kept note", form_id=form_id or "")
    if form_id is None:
        del data["form_id"]
    response = client.post(url("add"), data)
    html = response.content.decode()
    assert "did not come in whole" in html
    assert "Kept name" in html
    assert "Kept note" in html
    assert not MCPToken.objects.exists()
    (fresh,) = Page(html).all("input", name="form_id")
    assert len(secrets_in(client.post(url("add"), data | {"form_id": fresh["value"]}))) == 1


def test_a_client_that_asks_for_json_gets_the_page_too(people: People) -> None:
    # Wagtail's editor saves in the background that way; the secret would be lost.
    response = people.client("issuer").post(
        url("add"), posted(), headers={"accept": "application/json"}
    )
    assert len(secrets_in(response)) == 1


def test_a_rejected_form_creates_nothing(people: People) -> None:
    response = people.client("issuer").post(url("add"), posted(name=""))
    assert response.status_code == 200
    assert not MCPToken.objects.exists()
    assert secrets_in(response) == set()


def test_editing_changes_name_tools_and_expiry_never_the_user(people: People) -> None:
    token = make(people.other)
    later = timezone.localtime() + timedelta(days=3)
    data = posted(
        name="Renamed",
        user=people.root.pk,
        is_active="on",
        expiry="date",
        expires_at=f"{later:%Y-%m-%d %H:%M}",
    )
    response = people.client("root").post(url("edit", token.pk), data)
    assert response.status_code == 302
    changed = MCPToken.objects.get(pk=token.pk)
    assert changed.name == "Renamed"
    assert changed.expires_at is not None
    assert changed.user == people.other
    assert changed.key_hash == token.key_hash
    assert actions(token) == ["wagtail.edit"]


def test_unticking_active_is_a_revocation(people: People) -> None:
    token = make(people.other)
    people.client("other").post(url("edit", token.pk), posted())
    assert MCPToken.objects.get(pk=token.pk).is_active is False
    assert actions(token) == ["wagtail.edit", "mcp_server.revoke"]


def test_a_form_opened_before_a_revocation_does_not_undo_it(people: People) -> None:
    token = make(people.other)
    MCPToken.objects.filter(pk=token.pk).update(is_active=False)
    people.client("other").post(url("edit", token.pk), posted(name="Later", is_active="on"))
    token.refresh_from_db()
    assert (token.name, token.is_active) == ("Later", False)


def test_revoking_keeps_the_row_and_logs_it_once(people: People) -> None:
    token = make(people.issuer)
    client = people.client("issuer")
    assert "Yes, revoke" in client.get(url("revoke", token.pk)).content.decode()
    for _ in range(2):
        assert client.post(url("revoke", token.pk)).status_code == 302
    assert MCPToken.objects.get(pk=token.pk).is_active is False
    assert actions(token) == ["mcp_server.revoke"]
    history = people.client("root").get(url("history", token.pk)).content.decode()
    assert "MCP token revoked" in history


def test_asking_to_revoke_revokes_nothing(people: People) -> None:
    token = make(people.issuer)
    people.client("issuer").get(url("revoke", token.pk))
    assert MCPToken.objects.get(pk=token.pk).is_active


def test_there_is_no_copy_view_and_no_chooser() -> None:
    with pytest.raises(NoReverseMatch):
        url("copy", 1)
    with pytest.raises(NoReverseMatch):
        reverse("wagtailsnippetchoosers_mcp_server_mcptoken:choose")
