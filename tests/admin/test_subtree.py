"""A token that is limited to a page and what is below it."""

from typing import Any

import pytest
from django.utils import timezone
from wagtail.models import Page

from mcp_server.content.account import sections
from mcp_server.content.finding import tree_root, visible_page, visible_pages
from mcp_server.errors import Refused
from mcp_server.models import MCPToken
from mcp_server.tokens import MCPAuthError, resolve_mcp_user
from tests.world import World

from .conftest import People, posted, url


def limited(world: World, who: str, page: Any) -> Any:
    return world.actor(who, root_page=Page.objects.get(pk=page.pk))


def test_it_sees_the_page_and_what_is_below_it(world: World) -> None:
    actor = limited(world, "moderator", world.blog)
    assert set(visible_pages(actor).values_list("title", flat=True)) == {"Blog", "First", "Second"}
    assert visible_page(actor, world.first.pk).pk == world.first.pk
    assert tree_root(actor) == Page.objects.get(pk=world.blog.pk)


@pytest.mark.parametrize("name", ["home", "events", "tour", "about", "team"])
def test_what_is_above_and_beside_it_is_not_there(world: World, name: str) -> None:
    actor = limited(world, "admin", world.blog)
    with pytest.raises(Refused, match="No page"):
        visible_page(actor, getattr(world, name).pk)


def test_it_never_widens_what_the_user_may_see(world: World) -> None:
    actor = limited(world, "editor", world.about)
    assert not visible_pages(actor).exists()
    assert tree_root(actor) is None


def test_a_limit_above_the_users_own_section_changes_nothing(world: World) -> None:
    whole, below = world.actor("outsider"), limited(world, "outsider", world.home)
    assert set(visible_pages(below)) == set(visible_pages(whole))
    assert tree_root(below) == tree_root(whole)


@pytest.mark.parametrize(("who", "titles"), [("moderator", {"Blog"}), ("editor", {"Blog"})])
def test_user_info_names_no_section_outside(world: World, who: str, titles: set[str]) -> None:
    assert {item.title for item in sections(limited(world, who, world.blog))} == titles


def test_deleting_the_page_revokes_the_token(world: World) -> None:
    token = MCPToken.objects.create(user=world.admin, name="x", root_page_id=world.about.pk)
    secret = token.token or ""
    assert resolve_mcp_user(secret)[1] == token
    Page.objects.get(pk=world.about.pk).delete()
    token = MCPToken.objects.get(pk=token.pk)
    assert (token.root_page_id, token.is_active) == (None, False)
    assert token.revoked_at is not None
    assert token.revoked_at <= timezone.now()
    with pytest.raises(MCPAuthError):
        resolve_mcp_user(secret)


def test_the_form_takes_pages_that_both_see(world: World, people: People) -> None:
    client = people.client("root")
    data = posted(user=world.editor.pk, root_page=world.blog.pk)
    assert client.post(url("add"), data).status_code == 200
    assert MCPToken.objects.get().root_page_id == world.blog.pk
    data = posted(user=world.editor.pk, root_page=world.about.pk)
    refused = client.post(url("add"), data)
    assert "would see nothing" in refused.content.decode()
    assert MCPToken.objects.count() == 1


def test_a_page_that_the_issuer_may_not_see_is_not_there(world: World, people: People) -> None:
    response = people.client("issuer").post(url("add"), posted(root_page=world.about.pk))
    assert "There is no such page for you." in response.content.decode()
    assert not MCPToken.objects.exists()
