"""Who may do what with whose token: every cell by a crafted request."""

import pytest
from django.urls import reverse
from wagtail.log_actions import registry as log_registry
from wagtail.permissions import policy_registry

from mcp_server.admin.policy import TokenPermissionPolicy
from mcp_server.models import MCPToken

from .conftest import People, make, posted, url

ACTORS = ("root", "manager", "issuer", "reader", "other")

# Whom each actor may issue a token for.
MAY_ISSUE = {
    "root": {"root", "manager", "issuer", "reader", "other"},
    "manager": {"manager", "issuer", "reader", "other"},
    "issuer": {"issuer"},
    "reader": set(),
    "other": {"other"},
}


@pytest.mark.parametrize("target", ACTORS)
@pytest.mark.parametrize("actor", ACTORS)
def test_issuing(people: People, actor: str, target: str) -> None:
    owner = getattr(people, target)
    response = people.client(actor).post(url("add"), posted(user=owner.pk))
    if target in MAY_ISSUE[actor]:
        assert response.status_code == 200
        assert MCPToken.objects.get().user == owner
    else:
        assert response.status_code == 403
        assert not MCPToken.objects.exists()


@pytest.mark.parametrize("owner", ["0", "-1", "nobody", "1 OR 1=1", "999999"])
def test_a_user_that_does_not_exist_is_refused_like_a_forbidden_one(
    people: People, owner: str
) -> None:
    response = people.client("manager").post(url("add"), posted(user=owner))
    assert response.status_code == 403
    assert not MCPToken.objects.exists()


@pytest.mark.parametrize("target", ACTORS)
@pytest.mark.parametrize("actor", ACTORS)
def test_revoking(people: People, actor: str, target: str) -> None:
    token = make(getattr(people, target))
    response = people.client(actor).post(url("revoke", token.pk))
    allowed = target in MAY_ISSUE[actor]
    assert response.status_code == (302 if allowed else 404)
    assert MCPToken.objects.get(pk=token.pk).is_active is not allowed


@pytest.mark.parametrize("target", ACTORS)
@pytest.mark.parametrize("actor", ["root", "manager", "other", "issuer", "reader"])
def test_deleting_needs_the_permission_too(people: People, actor: str, target: str) -> None:
    token = make(getattr(people, target))
    response = people.client(actor).post(url("delete", token.pk))
    allowed = target in MAY_ISSUE[actor] and actor != "issuer"
    # The object is looked up before the permission: somebody else's is never more than a 404.
    assert response.status_code in ({302} if allowed else {403, 404})
    assert MCPToken.objects.filter(pk=token.pk).exists() is not allowed


@pytest.mark.parametrize("target", ACTORS)
@pytest.mark.parametrize("actor", ["root", "manager", "other", "issuer", "reader"])
def test_editing_needs_the_permission_too(people: People, actor: str, target: str) -> None:
    token = make(getattr(people, target), "Before")
    data = posted(name="After", is_active="on")
    response = people.client(actor).post(url("edit", token.pk), data)
    allowed = target in MAY_ISSUE[actor] and actor != "issuer"
    assert response.status_code in ({302} if allowed else {403, 404})
    assert MCPToken.objects.get(pk=token.pk).name == ("After" if allowed else "Before")


@pytest.mark.parametrize(
    "name", ["edit", "delete", "revoke", "history", "history_results", "usage"]
)
def test_other_peoples_tokens_are_not_found(people: People, name: str) -> None:
    token = make(people.manager, "Private name")
    response = people.client("other").get(url(name, token.pk))
    assert response.status_code == 404
    assert "Private name" not in response.content.decode()


@pytest.mark.parametrize("name", ["list", "list_results"])
@pytest.mark.parametrize("actor", ["root", "manager", "issuer", "other"])
def test_the_list_holds_the_manageable_tokens_only(people: People, actor: str, name: str) -> None:
    for target in ACTORS:
        make(getattr(people, target), f"token of {target}")
    response = people.client(actor).get(url(name))
    listed = {token.user.get_username() for token in response.context["object_list"]}
    assert listed == MAY_ISSUE[actor]


def test_the_list_is_closed_to_others(people: People) -> None:
    assert people.client("reader").get(url("list")).status_code == 302
    assert people.client("reader").get(url("add")).status_code == 302


def test_the_user_filter_offers_manageable_users_only(people: People) -> None:
    make(people.manager)
    make(people.issuer)
    response = people.client("issuer").get(url("list"))
    assert list(response.context["filters"].form.fields["user"].queryset) == [people.issuer]


@pytest.mark.parametrize("ids", ["id={theirs}", "id={theirs}&id={mine}", "id=all"])
def test_bulk_deletion_neither_names_nor_deletes_other_peoples_tokens(
    people: People, ids: str
) -> None:
    mine, theirs = make(people.other, "Mine"), make(people.manager, "Private name")
    bulk = reverse("wagtail_bulk_action", args=["mcp_server", "mcptoken", "delete"])
    address = f"{bulk}?{ids.format(mine=mine.pk, theirs=theirs.pk)}&next={url('list')}"
    client = people.client("other")
    assert "Private name" not in client.get(address).content.decode()
    client.post(address)
    assert MCPToken.objects.filter(pk=theirs.pk).exists()
    mine_asked_for = "{mine}" in ids or ids == "id=all"
    assert MCPToken.objects.filter(pk=mine.pk).exists() is not mine_asked_for
    logged = log_registry.get_logs_for_instance(mine).values_list("action", flat=True)
    assert list(logged) == (["wagtail.delete"] if mine_asked_for else [])


def test_the_policy_is_wagtails_answer_for_tokens_everywhere(people: People) -> None:
    policy = policy_registry.get_by_type(MCPToken)
    assert isinstance(policy, TokenPermissionPolicy)
    token = make(people.root)
    assert policy.user_has_permission_for_instance(people.root, "change", token)
    assert not policy.user_has_permission_for_instance(people.manager, "change", token)
    assert list(policy.instances_user_has_permission_for(people.manager, "change")) == []
    assert list(policy.instances_user_has_permission_for(people.reader, "change")) == []
