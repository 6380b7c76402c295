"""An image that live content uses is changed by who may publish; every change has a way back."""

from base64 import b64encode
from typing import Any

import pytest
from wagtail.images import get_image_model
from wagtail.models import CollectionViewRestriction

from mcp_server.actor import Actor
from mcp_server.content.undo import undo_calls, undo_change, why_left
from mcp_server.errors import Refused
from mcp_server.models import MCPCall
from media_tools.mcp_tools import update_image
from tests.calling import answered
from tests.world import World, png

DRAFTING = ["update_image", "list_my_changes", "undo_change"]
PUBLISHING = [*DRAFTING, "publish_page"]
VISIBLE: list[dict[str, Any]] = [
    {"alt": "New"}, {"focal_point": [10, 10, 5, 5]}, {"title": "New"}, {"collection": "Archive"},
]  # fmt: skip


def actor(world: World, tools: list[str], **more: Any) -> Actor:
    return world.actor("moderator", allowed_tools=tools, **more)


def _fresh(world: World) -> Any:
    return get_image_model().objects.get(pk=world.image.pk)


@pytest.fixture
def used(world: World) -> World:
    """The world, where a live page shows the picture and its neighbour collection is private."""
    world.first.hero_image = world.image
    world.first.save()
    CollectionViewRestriction.objects.create(
        collection=world.archive, restriction_type=CollectionViewRestriction.LOGIN
    )
    return world


@pytest.mark.parametrize("given", VISIBLE)
def test_what_visitors_see_takes_a_token_that_may_publish(
    used: World, given: dict[str, Any]
) -> None:
    before = _fresh(used)
    with pytest.raises(Refused, match=r"used on live pages.*token with the Publishing tools"):
        update_image(actor(used, DRAFTING), used.image.pk, **given)
    after = _fresh(used)
    assert (after.title, after.description, after.collection) == (
        before.title, before.description, before.collection,
    )  # fmt: skip
    assert not after.has_focal_point()
    answer = update_image(actor(used, PUBLISHING), used.image.pk, **given)
    assert answer.warnings is not None
    assert "Visible to visitors at once" in answer.warnings[0]


def test_what_visitors_do_not_see_is_free(used: World) -> None:
    get_image_model().objects.filter(pk=used.image.pk).update(description="A meadow in May")
    drafting = actor(used, DRAFTING)
    answer = update_image(drafting, used.image.pk, title="Meadow", tags=["green"])
    assert (answer.title, answer.tags, answer.warnings) == ("Meadow", ["green"], None)
    again = update_image(drafting, used.image.pk, alt="A meadow in May")
    assert again.instance is None
    assert again.warnings == ["Nothing differs from what is there; not saved."]


@pytest.mark.parametrize("given", VISIBLE)
def test_an_image_of_a_draft_is_free(world: World, given: dict[str, Any]) -> None:
    world.second.hero_image = world.image
    world.second.save()
    assert update_image(actor(world, DRAFTING), world.image.pk, **given).warnings is None


def test_a_token_for_one_section_does_not_reach_other_pages(used: World) -> None:
    elsewhere = actor(used, PUBLISHING, root_page=used.events)
    with pytest.raises(Refused, match=f"also outside page {used.events.pk}"):
        update_image(elsewhere, used.image.pk, alt="New")
    inside = actor(used, PUBLISHING, root_page=used.blog)
    assert update_image(inside, used.image.pk, alt="New").alt == "New"


def test_the_values_before_come_back(world: World) -> None:
    drafting = actor(world, DRAFTING)
    world.image.tags.add("green", "a b")
    given = {"title": "T", "alt": "A", "tags": ["new"], "focal_point": [9, 8, 7, 6]}
    answered(drafting, "update_image", image_id=world.image.pk, collection="Archive", **given)
    answered(drafting, "update_image", image_id=world.image.pk, alt="B")
    second, first = answered(drafting, "list_my_changes")["items"]
    assert second["was"] == {"alt": "A"}
    assert (first["was"]["title"], first["was"]["tags"]) == ("A meadow", ["a b", "green"])
    answer = answered(drafting, "undo_change", change_id=first["id"], with_later=True)
    assert (answer["undone"], answer["left"]) == ([second["id"], first["id"]], [])
    image = _fresh(world)
    assert (image.title, image.description, image.collection) == ("A meadow", "", world.pictures)
    assert sorted(image.tags.names()) == ["a b", "green"]
    assert not image.has_focal_point()


def test_what_somebody_changed_since_is_left(world: World) -> None:
    drafting = actor(world, DRAFTING)
    answered(drafting, "update_image", image_id=world.image.pk, alt="A", tags=["x"])
    row = MCPCall.objects.latest("pk")
    image = _fresh(world)
    image.description = "A person's"
    image.save()
    (left,) = undo_change(drafting, row.pk, with_later=False).left
    assert "was changed after this" in left.why
    assert "was changed after this" in why_left(world.moderator, [row])[row.pk]
    assert _fresh(world).description == "A person's"
    # What the call did not set may be another by now.
    get_image_model().objects.filter(pk=image.pk).update(description="A", title="Other")
    assert undo_change(drafting, row.pk, with_later=False).left == []
    assert (_fresh(world).title, _fresh(world).description) == ("Other", "")


def test_bringing_back_what_visitors_see_needs_publishing_too(world: World) -> None:
    drafting = actor(world, DRAFTING)
    answered(drafting, "update_image", image_id=world.image.pk, alt="A")
    row = MCPCall.objects.latest("pk")
    world.first.hero_image = world.image
    world.first.save()
    (left,) = undo_change(drafting, row.pk, with_later=False).left
    assert "used on live pages" in left.why
    assert _fresh(world).description == "A"
    # A person in the admin needs no token for it.
    assert undo_calls(world.admin, [row.pk]).undone == [row.pk]
    assert _fresh(world).description == ""


def test_undoing_needs_the_permission_on_the_image(world: World) -> None:
    answered(actor(world, DRAFTING), "update_image", image_id=world.image.pk, collection="Archive")
    row = MCPCall.objects.latest("pk")
    assert "not there any more" in why_left(world.editor, [row])[row.pk]


def test_an_upload_and_its_change_are_undone_as_one_run(world: World) -> None:
    drafting = actor(world, [*DRAFTING, "upload_image"])
    data = b64encode(png(30, 30)).decode()
    made = answered(drafting, "upload_image", title="Leaf", data=data)
    answered(drafting, "update_image", image_id=made["id"], alt="A leaf")
    second, first = answered(drafting, "list_my_changes")["items"]
    answer = answered(drafting, "undo_change", change_id=first["id"], with_later=True)
    assert (answer["undone"], answer["left"]) == ([second["id"], first["id"]], [])
    assert not get_image_model().objects.filter(pk=made["id"]).exists()
