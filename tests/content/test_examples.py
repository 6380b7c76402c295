"""The example of a page type is one: ``create_page`` takes it as it is."""

from typing import Any

import pytest
from wagtail.images import get_image_model
from wagtail.models import GroupCollectionPermission, Page

from mcp_server.actor import Actor
from mcp_server.api import Refused, visible_images
from mcp_server.content.examples import Nothing, example_block, example_fields
from mcp_server.content.page_types import page_models
from mcp_server.tools.pages import create_page, describe_page_type, get_page_content, update_page
from mcp_server.transport.answer import compact_json
from tests.kitchen.models import DishBlock, DishPage, KitchenPage
from tests.world import World

TYPES = sorted(page_models())
# What no made-up value can fill: raw HTML is refused, and a pattern asks for its own text.
NO_EXAMPLE = {"code", "pattern"}
# About 1,500 tokens.
MAX_BYTES = 6_000


def post(actor: Actor, label: str) -> Page:
    """The page that a type's example makes, in the first place that the type's answer names."""
    told = describe_page_type(actor, label)
    assert told.create_below
    parent = int(told.create_below[0].split()[0])
    assert told.example["parent_id"] == parent
    made = create_page(actor, **told.example)
    assert made.warnings in (None, [])
    return Page.objects.get(pk=made.id).specific


def kept(actor: Actor, page: Page, example: dict[str, Any]) -> None:
    """Every field of the example is in the page afterwards, with as many blocks."""
    fields = get_page_content(actor, page.pk).fields
    for name, value in example.items():
        assert name in fields, name
        if isinstance(value, list):
            assert len(fields[name]) == len(value), name


@pytest.mark.parametrize("label", [name for name in TYPES if name != "home.HomePage"])
def test_every_example_of_every_type_is_created(kitchen: World, label: str) -> None:
    actor = kitchen.actor("admin")
    page = post(actor, label)
    assert page._meta.label == label
    kept(actor, page, describe_page_type(actor, label).example["fields"])
    # Visible to visitors as a page, not only as a row: its form takes it when it is published.
    page.full_clean()


def test_the_example_of_the_one_home_page_is_saved(kitchen: World) -> None:
    """There is one already, so no place for another; the same form takes the example."""
    actor = kitchen.actor("admin")
    told = describe_page_type(actor, "home.HomePage")
    assert not told.create_below
    revision = get_page_content(actor, kitchen.home.pk).revision_id
    assert revision is not None
    assert "parent_id" not in told.example
    made = update_page(actor, kitchen.home.pk, revision, told.example["fields"])
    assert made.warnings in (None, [])
    kept(actor, kitchen.home, told.example["fields"])


@pytest.mark.parametrize(
    ("user", "label"),
    [("editor", "blog.BlogPage"), ("editor", "blog.EventPage"), ("outsider", "home.FlexPage")],
)
def test_an_example_suits_whoever_asks(kitchen: World, user: str, label: str) -> None:
    """People with one section and one collection get an example that they may post."""
    # The oldest picture is one that they do not see.
    hidden, shown = kitchen.image, kitchen.secret_image
    images = get_image_model().objects
    images.filter(pk=hidden.pk).update(collection=kitchen.archive)
    images.filter(pk=shown.pk).update(collection=kitchen.pictures)
    actor = kitchen.actor(user)
    page = post(actor, label)
    assert [block.value.pk for block in page.body if block.block_type == "image"] == [shown.pk]


def test_without_a_picture_to_show_an_example_has_none(kitchen: World) -> None:
    GroupCollectionPermission.objects.all().delete()
    actor = kitchen.actor("editor")
    assert not visible_images(actor).exists()
    page = post(actor, "blog.BlogPage")
    assert "image" not in [block.block_type for block in page.body]


def test_an_example_leaves_out_what_the_user_may_not_set(kitchen: World) -> None:
    assert "secret" in example_fields(kitchen.actor("admin"), DishPage)
    assert "secret" not in example_fields(kitchen.actor("moderator"), DishPage)


@pytest.mark.parametrize("name", sorted(DishBlock.base_blocks))
def test_every_kind_of_block_has_an_example_that_is_created(kitchen: World, name: str) -> None:
    actor = kitchen.actor("admin")
    value = example_block(actor, name, DishBlock.base_blocks[name])
    if name in NO_EXAMPLE:
        assert value is Nothing
        return
    parent = KitchenPage.objects.get().pk
    body = [{"type": name, "value": value}]
    made = create_page(actor, "kitchen.DishPage", parent, "Soup", {"body": body})
    assert made.warnings in (None, [])
    assert [block.block_type for block in DishPage.objects.get(pk=made.id).body] == [name]


@pytest.mark.parametrize("label", TYPES)
def test_a_type_is_told_in_about_1500_tokens(kitchen: World, label: str) -> None:
    told = describe_page_type(kitchen.actor("admin"), label).model_dump(exclude_none=True)
    assert len(compact_json(told).encode()) <= MAX_BYTES


def test_a_type_that_is_not_there(kitchen: World) -> None:
    with pytest.raises(Refused, match=r"allowed: blog\.BlogIndexPage"):
        describe_page_type(kitchen.actor("admin"), "blog.Nope")
