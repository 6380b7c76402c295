"""What this token changed can be taken back, unless somebody built upon it."""

import base64
from typing import Any

import pytest
from django.utils import timezone
from wagtail.images import get_image_model
from wagtail.models import Page

from blog.models import BlogPage
from mcp_server.actor import Actor
from mcp_server.models import MCPCall
from mcp_server.registry import registry
from mcp_server.transport.arguments import Arguments
from mcp_server.transport.call import call
from tests.world import World, png

# What Wagtail writes into a page or revision by saving it; the rest has to be equal.
VOLATILE = {
    "latest_revision",
    "latest_revision_created_at",
    "live_revision",
    "first_published_at",
    "last_published_at",
    "has_unpublished_changes",
    "comments",
}


def _call(actor: Actor, name: str, **given: Any) -> Any:
    spec = registry.get(name)
    assert spec is not None
    answer = call(actor, spec, Arguments(spec), given, {})
    assert not answer.is_error, answer.content[0].text  # type: ignore[union-attr]
    return answer.structured_content


def _undo(actor: Actor, number: int, *, with_later: bool = False) -> Any:
    return _call(actor, "undo_change", change_id=number, with_later=with_later)


def _newest(actor: Actor) -> Any:
    return _call(actor, "list_my_changes", limit=1)["items"][0]


def _post(world: World, actor: Actor, title: str = "Post") -> Any:
    return _call(actor, "create_blog_post", parent_id=world.blog.pk, title=title, body="Text.")


def _state() -> list[Any]:
    """The tree and every newest draft, without what changes by being saved."""
    state = []
    for page in Page.objects.order_by("path").specific():
        draft = page.get_latest_revision()
        content = {k: v for k, v in (draft.content if draft else {}).items() if k not in VOLATILE}
        state.append((page.pk, page.url_path, page.live, page.title, content))
    return state


def test_changes_are_listed_newest_first_with_their_revisions(world: World) -> None:
    actor = world.actor("editor")
    page = _post(world, actor)
    _call(
        actor, "update_page", page_id=page["id"], base_revision_id=page["revision_id"],
        fields={"intro": "x"},
    )  # fmt: skip
    update, create = _call(actor, "list_my_changes")["items"]
    assert (update["tool"], create["tool"]) == ("update_page", "create_blog_post")
    assert update["page_id"] == page["id"]
    assert update["before"] == create["after"] == page["revision_id"]
    assert _call(world.actor("editor"), "list_my_changes")["items"] == []
    later = timezone.now().isoformat()
    assert _call(actor, "list_my_changes", since=later)["items"] == []


def test_a_created_draft_goes_unless_somebody_touched_it(world: World) -> None:
    actor = world.actor("editor")
    page = _post(world, actor)
    _undo(actor, _newest(actor)["id"])
    assert not Page.objects.filter(pk=page["id"]).exists()
    page = _post(world, actor, "Other")
    BlogPage.objects.get(pk=page["id"]).save_revision(user=world.moderator)
    left = _undo(actor, _newest(actor)["id"])["left"]
    assert "Moderator saved revision" in left[0]["why"]
    assert Page.objects.filter(pk=page["id"]).exists()


def test_an_edit_returns_to_the_revision_before_it(world: World) -> None:
    actor = world.actor("editor")
    revision = world.first.latest_revision_id
    before = world.first.latest_revision.content["intro"]
    _call(
        actor, "update_page", page_id=world.first.pk, base_revision_id=revision,
        fields={"intro": "Changed"},
    )  # fmt: skip
    _undo(actor, _newest(actor)["id"])
    page = Page.objects.get(pk=world.first.pk)
    assert page.live
    assert page.latest_revision.content["intro"] == before
    assert page.latest_revision_id > revision
    answer = _call(actor, "list_my_changes", limit=50)["items"]
    assert [item.get("undone") for item in answer if item["tool"] == "update_page"] == [True]


def test_a_move_goes_back_to_its_place(world: World) -> None:
    actor = world.actor("admin")
    before = _state()
    confirm = _call(actor, "get_page_impact", page_id=world.about.pk)["confirm"]
    world.team.get_latest_revision().publish(user=world.admin)
    before = _state()
    confirm = _call(actor, "get_page_impact", page_id=world.team.pk)["confirm"]
    _call(actor, "move_page", page_id=world.team.pk, parent_id=world.home.pk, confirm=confirm)
    _undo(actor, _newest(actor)["id"])
    assert _state() == before


def test_a_deleted_section_returns_as_drafts_with_its_ids(world: World) -> None:
    actor = world.actor("admin")
    before = [item for item in _state() if item[0] in (world.about.pk, world.team.pk)]
    confirm = _call(actor, "get_page_impact", page_id=world.about.pk)["confirm"]
    _call(actor, "delete_page", page_id=world.about.pk, confirm=confirm)
    assert not Page.objects.filter(pk=world.about.pk).exists()
    _undo(actor, _newest(actor)["id"])
    after = [item for item in _state() if item[0] in (world.about.pk, world.team.pk)]
    assert [item[:2] for item in after] == [item[:2] for item in before]
    assert [item[2] for item in after] == [False, False]
    assert [item[4]["body"] for item in after] == [item[4]["body"] for item in before]
    assert Page.find_problems() == ([], [], [], [], [])


def test_an_upload_goes_unless_something_uses_it(world: World) -> None:
    actor = world.actor("moderator")
    data = base64.b64encode(png(30, 30)).decode()
    image = _call(actor, "upload_image", title="Leaf", data=data)
    number = _newest(actor)["id"]
    world.first.hero_image = get_image_model().objects.get(pk=image["id"])
    world.first.save()
    assert "refers to it" in _undo(actor, number)["left"][0]["why"]
    world.first.hero_image = None
    world.first.save()
    _undo(actor, number)
    assert not get_image_model().objects.filter(pk=image["id"]).exists()


def test_publishing_is_not_undone_here(world: World) -> None:
    actor = world.actor("moderator")
    _call(
        actor, "publish_page", page_id=world.second.pk,
        revision_id=world.second.latest_revision_id,
    )  # fmt: skip
    left = _undo(actor, _newest(actor)["id"])["left"]
    assert "cannot be undone here" in left[0]["why"]
    assert Page.objects.get(pk=world.second.pk).live


def test_somebody_elses_change_is_no_change_of_mine(world: World) -> None:
    _post(world, world.actor("moderator"))
    number = MCPCall.objects.latest("pk").pk
    spec = registry.get("undo_change")
    assert spec is not None
    answer = call(world.actor("admin"), spec, Arguments(spec), {"change_id": number}, {})
    assert answer.is_error
    assert MCPCall.objects.get(pk=number).undone_at is None


@pytest.mark.parametrize("person", ["moderator", "admin"])
def test_a_session_of_thirty_calls_is_undone_as_one_run(world: World, person: str) -> None:
    actor = world.actor(person)
    before = _state()
    first = None
    for number in range(6):
        page = _post(world, actor, f"Post {number}")
        first = first or _newest(actor)["id"]
        for text in ("one", "two"):
            page = _call(
                actor, "update_page", page_id=page["id"], base_revision_id=page["revision_id"],
                fields={"intro": text},
            )  # fmt: skip
        block = _call(actor, "get_page_content", page_id=page["id"])["fields"]["body"][0]["id"]
        _call(
            actor, "edit_page_blocks", page_id=page["id"], base_revision_id=page["revision_id"],
            operations=[{"op": "insert", "after": block,
                         "block": {"type": "paragraph", "value": "More."}}],
        )  # fmt: skip
        revision = Page.objects.get(pk=world.first.pk).latest_revision_id
        _call(
            actor, "update_page", page_id=world.first.pk, base_revision_id=revision,
            fields={"intro": f"Round {number}"},
        )  # fmt: skip
    assert MCPCall.objects.filter(token=actor.token).count() == 30
    answer = _undo(actor, first or 0, with_later=True)
    assert (len(answer["undone"]), answer["left"]) == (30, [])
    assert _state() == before
