"""The rules of the token form."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone

from mcp_server.models import MCPToken
from mcp_server.registry import ToolSpec, registry

from .conftest import People, make, posted


def form_for(user: Any, data: dict[str, Any] | None = None, token: MCPToken | None = None) -> Any:
    sent = QueryDict(mutable=True)
    for name, value in (data or {}).items():
        sent.setlist(name, value if isinstance(value, list) else [value])
    form_class = MCPToken.snippet_viewset.get_form_class()  # type: ignore[attr-defined]  # set by Wagtail
    instance = token or MCPToken()
    return form_class(sent if data is not None else None, instance=instance, for_user=user)


def chosen(*names: str, **fields: Any) -> dict[str, Any]:
    return posted(**{"allowed_tools-scope": "chosen", "allowed_tools": list(names), **fields})


def first_names(count: int) -> list[str]:
    return [spec.name for spec in registry][:count]


def test_every_tool_is_stored_as_an_empty_list(people: People) -> None:
    form = form_for(people.issuer, posted())
    assert form.is_valid(), form.errors
    assert form.cleaned_data["allowed_tools"] == []


def test_ticks_left_behind_under_every_tool_grant_nothing_by_name(
    people: People, store_tool: ToolSpec
) -> None:
    form = form_for(people.issuer, posted(allowed_tools=["look_into_store"]))
    assert form.is_valid()
    assert form.save().can_use_tool("look_into_store") is False


def test_chosen_tools_are_stored_in_the_registrys_order_once_each(people: People) -> None:
    one, two = first_names(2)
    form = form_for(people.issuer, chosen(two, one, two))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["allowed_tools"] == [one, two]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"allowed_tools-scope": "chosen"}, "Tick at least one tool"),
        ({"allowed_tools-scope": ""}, "Choose “Every tool” or"),
        ({"allowed_tools-scope": "all of them"}, "Choose “Every tool” or"),
    ],
)
def test_an_empty_selection_never_means_everything(
    people: People, change: dict[str, str], sentence: str
) -> None:
    form = form_for(people.issuer, posted(**change))
    assert not form.is_valid()
    assert sentence in form.errors["allowed_tools"][0]


def test_a_new_form_grants_nothing_that_nobody_ticked(people: People) -> None:
    grant = form_for(people.issuer)["allowed_tools"].value()
    assert (grant.scope, grant.names) == ("chosen", ())


def test_unknown_tools_are_refused_by_name(people: People) -> None:
    form = form_for(people.issuer, chosen("drop_everything", *first_names(1)))
    assert form.errors["allowed_tools"] == ["There is no tool called drop_everything on this site."]


def test_a_tool_that_the_site_lost_stays_until_it_is_unticked(people: People) -> None:
    (known,) = first_names(1)
    token = make(people.issuer, allowed_tools=[known, "gone_tool"])
    kept = form_for(people.issuer, chosen(known, "gone_tool", is_active="on"), token)
    assert kept.is_valid(), kept.errors
    assert kept.cleaned_data["allowed_tools"] == [known, "gone_tool"]
    assert "allowed_tools" not in kept.changed_data
    dropped = form_for(people.issuer, chosen(known, is_active="on"), token)
    assert dropped.is_valid()
    assert dropped.cleaned_data["allowed_tools"] == [known]
    assert "allowed_tools" in dropped.changed_data


def test_a_lost_tool_cannot_be_added_to_another_token(people: People) -> None:
    form = form_for(people.issuer, chosen("gone_tool", is_active="on"), make(people.issuer))
    assert not form.is_valid()


def test_an_expiry_in_the_past_is_refused_when_it_is_new(people: People) -> None:
    past = timezone.localtime() - timedelta(days=1)
    form = form_for(people.issuer, posted(expiry="date", expires_at=f"{past:%Y-%m-%d %H:%M}"))
    assert form.errors["expires_at"] == ["This time has passed. Choose a later one."]


def test_an_expired_token_can_still_be_renamed(people: People) -> None:
    past = timezone.localtime() - timedelta(days=1)
    token = make(people.issuer, expires_at=past)
    same = f"{past:%Y-%m-%d %H:%M}"
    data = posted(name="Renamed", expiry="date", expires_at=same, is_active="on")
    assert form_for(people.issuer, data, token).is_valid()


def test_who_has_nobody_to_choose_from_sees_no_user_field(people: People) -> None:
    form = form_for(people.issuer, posted())
    assert "user" not in form.fields
    assert form.is_valid()
    assert form.save().user == people.issuer


def test_inactive_users_are_not_offered(people: People) -> None:
    people.other.is_active = False
    people.other.save()
    offered = set(form_for(people.manager).fields["user"].queryset)
    assert offered == {people.manager, people.issuer, people.reader}
