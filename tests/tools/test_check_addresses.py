"""check_page: what only stored or typed content can hold, and targets without an address."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from wagtail.documents import get_document_model
from wagtail.models import Page

from mcp_server.content.examples import example_block
from mcp_server.content.references import sample_object
from mcp_server.errors import Invalid, Refused
from mcp_server.tools.checking import check_page
from mcp_server.tools.pages import create_page, get_page_content, update_page
from mcp_server.tools.tree import get_page_tree
from tests.kitchen.models import DishBlock, DishPage, DishSource, KitchenPage
from tests.world import World

ID = "00000001-0000-4000-8000-000000000000"


@pytest.fixture
def dish(world: World) -> DishPage:
    kitchen = world.home.add_child(instance=KitchenPage(title="Kitchen", slug="kitchen"))
    page: DishPage = kitchen.add_child(instance=DishPage(title="Dish", slug="dish", live=False))
    page.save_revision()
    return page


def messages(world: World, page: Any, check: str = "link", **fields: Any) -> list[str]:
    for name, value in fields.items():
        setattr(page, name, value)
    page.save_revision(clean=False)
    findings = check_page(world.actor("admin"), page.pk).findings
    return [f"{item.where}: {item.message}" for item in findings if item.check == check]


def block(kind: str, value: Any) -> list[dict[str, Any]]:
    return [{"type": kind, "value": value, "id": ID}]


def test_keys_in_raw_html_are_no_references(world: World, dish: DishPage) -> None:
    html = f'<img id="hero" alt="x"><img id="{world.image.pk + 1000}" alt="x">'
    assert not messages(world, dish, body=block("code", html))
    (told,) = messages(world, dish, body=block("code", '<a linktype="document" id="abc">x</a>'))
    assert told.endswith("document abc is not there for visitors")


def test_a_picture_with_an_unusable_key_is_gone(world: World, dish: DishPage) -> None:
    html = '<embed embedtype="image" id="hero" format="left" alt="x"/>'
    (told,) = messages(world, dish, notes=html)
    assert told == "notes: image hero is not there for visitors"


def test_the_root_of_the_tree_is_nobodys_target(world: World, dish: DishPage) -> None:
    actor, root = world.actor("admin"), Page.objects.get(depth=1).pk
    link = {"notes": f"[x](wagtail://page?id={root})"}
    for values in (link, {"goes_with": root}):
        with pytest.raises(Invalid, match=f"no page {root} here"):
            update_page(actor, dish.pk, dish.latest_revision_id, values)
    (told,) = messages(world, dish, notes=f'<a linktype="page" id="{root}">x</a>')
    assert told.endswith(f"(page {root}) has no address on this site")


def test_a_sample_has_a_page_with_an_address(world: World) -> None:
    actor = world.actor("admin")
    related = DishBlock().child_blocks["related"]
    assert example_block(actor, "related", related) == world.home.pk
    world.home.sites_rooted_here.all().delete()
    assert sample_object(actor, Page) is None


def test_the_tree_starts_at_what_the_other_tools_know(world: World) -> None:
    actor, root = world.actor("admin"), Page.objects.get(depth=1)
    assert get_page_tree(actor).root.id == world.home.pk
    with pytest.raises(Refused, match="root of the tree"):
        get_page_content(actor, root.pk)
    root.add_child(instance=KitchenPage(title="Other", slug="other"))
    assert get_page_tree(actor).root.id == root.pk


@pytest.mark.parametrize(
    ("href", "broken"),
    [
        ("/documents/999/x.pdf", True),
        ("http://testserver/documents/999/x.pdf", True),
        ("/documents/{document}/plan.txt", False),
        ("", True),
        ("../gone/", True),
        ("gone/", True),
        ("../../blog/first/", False),
        ("?page=2", False),
        ("tel:123", False),
    ],
)
def test_addresses_as_people_type_them(
    world: World, dish: DishPage, href: str, broken: bool
) -> None:
    document = get_document_model().objects.create(
        title="Plan", file=ContentFile(b"x", name="plan.txt")
    )
    notes = f'<p><a href="{href.format(document=document.pk)}">x</a><a id="anchor"></a></p>'
    assert bool(messages(world, dish, notes=notes)) == broken


def test_addresses_in_fields_and_rows(world: World, dish: DishPage) -> None:
    gone = "http://testserver/gone/"
    dish.sources = [DishSource(title="A", url=gone)]
    told = messages(world, dish, website=gone)
    assert [item.split(":")[0] for item in told] == ["website", "sources[0].url"]


def test_the_first_draft_of_its_type_is_no_orphan(world: World) -> None:
    page = world.home.add_child(instance=KitchenPage(title="K", slug="k", live=False))
    assert not messages(world, page, "orphan")
    world.home.add_child(instance=KitchenPage(title="L", slug="l"))
    assert messages(world, page, "orphan")


def test_every_required_field_is_told(world: World) -> None:
    actor = world.actor("editor")
    fields = {"start": "2030-01-01T10:00", "attendance": "", "body": "Text"}
    made = create_page(actor, "blog.EventPage", world.events.pk, "Fair", fields)
    assert made.warnings == ["Needed before publishing: attendance"]
    again = update_page(actor, made.id, made.revision_id, {"body": "More"})
    assert again.warnings == ["Needed before publishing: attendance"]
