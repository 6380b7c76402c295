"""What was read can be written back: nothing differs, ids and untouched blocks stay."""

from typing import Any

import pytest

from mcp_server.actor import Actor
from mcp_server.content import writing
from mcp_server.content.reading import read_page
from mcp_server.tools.pages import get_page_content, update_page
from tests.kitchen.models import Course, DishPage
from tests.world import World

RICH = (
    '<p data-block-key="aa1">One <b>bold</b> and <a linktype="page" id="{page}">link</a>.</p>'
    '<p data-block-key="aa2">Two.</p><ul><li data-block-key="aa3">a</li>'
    '<li data-block-key="aa4">b</li></ul>'
)


@pytest.fixture
def dish(world: World) -> DishPage:
    """A page whose body holds every block, nested three deep, with ids everywhere."""
    course = Course.objects.create(name="Starter")
    inner = [
        {"type": "text", "value": RICH.format(page=world.home.pk), "id": "i-text"},
        {"type": "picture", "value": world.image.pk, "id": "i-pic"},
        {
            "type": "ingredients",
            "id": "i-ing",
            "value": [
                {
                    "type": "item",
                    "id": "item-1",
                    "value": {"name": "salt", "grams": 3, "organic": False},
                },
                {
                    "type": "item",
                    "id": "item-2",
                    "value": {"name": "egg", "grams": None, "organic": True},
                },
            ],
        },
    ]
    step = {"title": "Boil", "minutes": "2.5", "level": "hard", "tools": ["pot"], "content": inner}
    body = [
        {"type": "heading", "value": "Soup", "id": "b-head"},
        {"type": "paragraph", "value": RICH.format(page=world.home.pk), "id": "b-para"},
        {"type": "plain", "value": "Plain\ntext", "id": "b-plain"},
        {"type": "quote", "value": "Wise", "id": "b-quote"},
        {"type": "step", "value": step, "id": "b-step"},
        {"type": "steps", "value": [{"type": "item", "id": "s-1", "value": step}], "id": "b-steps"},
        {
            "type": "image",
            "value": {"image": world.image.pk, "alt_text": "A meadow", "decorative": False},
            "id": "b-image",
        },
        {"type": "related", "value": world.blog.pk, "id": "b-rel"},
        {"type": "course", "value": course.pk, "id": "b-course"},
        {
            "type": "table",
            "value": {
                "data": [["a", "b"], ["1", None]],
                "table_header_choice": "row",
                "first_row_is_table_header": True,
                "first_col_is_header": False,
            },
            "id": "b-table",
        },
        {
            "type": "prices",
            "id": "b-prices",
            "value": {
                "columns": [
                    {"type": "text", "heading": "What"},
                    {"type": "amount", "heading": "How much"},
                    {"type": "note", "heading": "Note"},
                ],
                "rows": [{"values": ["Soup", 4.5, '<p data-block-key="zz">hot</p>']}],
                "caption": "Prices",
            },
        },
        {"type": "day", "value": "2026-05-01", "id": "b-day"},
        {"type": "at", "value": "18:30:00", "id": "b-at"},
        {"type": "moment", "value": "2026-05-01T16:30:00Z", "id": "b-mom"},
        {"type": "link", "value": "https://example.org/", "id": "b-link"},
        {"type": "mail", "value": "a@example.org", "id": "b-mail"},
        {"type": "divider", "value": None, "id": "b-div"},
        {"type": "pattern", "value": "AB12", "id": "b-pat"},
    ]
    page: DishPage = world.home.add_child(
        instance=DishPage(
            title="Dish",
            slug="dish",
            live=False,
            body=body,
            notes=RICH.format(page=world.home.pk),
            price="4.50",
            served_on="2026-05-01",
            cooked_at="2026-05-01T10:00:00Z",
            photo=world.image,
            goes_with=world.blog,
            course=course,
            courses=[course],
        )
    )
    page.tags.add("hot soup", "easy")
    page.sources.create(
        title="A book",
        about=RICH.format(page=world.home.pk),
        blocks=[{"type": "inner", "value": inner, "id": "src-1"}],
    )
    page.save()
    page.save_revision(user=world.admin)
    return page


def _read(actor: Actor, page: DishPage) -> dict[str, Any]:
    return get_page_content(actor, page.pk).model_dump(mode="json", exclude_none=True)


def _stored(page: DishPage) -> dict[str, Any]:
    page = DishPage.objects.get(pk=page.pk)
    content = page.latest_revision.content
    return {
        key: value
        for key, value in content.items()
        if key not in ("latest_revision_created_at", "latest_revision", "has_unpublished_changes")
    }


def test_reading_and_writing_back_changes_nothing(world: World, dish: DishPage) -> None:
    actor = world.actor("admin")
    content = _read(actor, dish)
    before = _stored(dish)
    answer = update_page(actor, dish.pk, content["revision_id"], content["fields"])
    assert answer.warnings == ["Nothing differs from the newest draft; not saved."]
    assert _stored(dish) == before


def test_an_edit_elsewhere_leaves_every_block_to_the_letter(world: World, dish: DishPage) -> None:
    actor = world.actor("admin")
    content = _read(actor, dish)
    before = _stored(dish)
    changed = {**content["fields"], "summary": "New"}
    update_page(actor, dish.pk, content["revision_id"], changed)
    after = _stored(dish)
    assert after.pop("summary") == "New"
    before.pop("summary")
    assert after == before


def test_changing_one_nested_block_keeps_all_others(world: World, dish: DishPage) -> None:
    actor = world.actor("admin")
    content = _read(actor, dish)
    body = content["fields"]["body"]
    steps = next(block for block in body if block["id"] == "b-steps")
    steps["value"][0]["value"]["content"][2]["value"][1]["value"]["name"] = "two eggs"
    before = DishPage.objects.get(pk=dish.pk).body.get_prep_value()
    update_page(actor, dish.pk, content["revision_id"], {"body": body})
    after = DishPage.objects.get(pk=dish.pk).get_latest_revision_as_object().body.get_prep_value()
    changed = after[5]["value"][0]["value"]["content"][2]["value"][1]
    assert changed == {
        "type": "item",
        "id": "item-2",
        "value": {"name": "two eggs", "grams": None, "organic": True},
    }
    changed["value"]["name"] = "egg"
    assert after == before


def test_one_changed_paragraph_keeps_the_keys_and_marks_of_the_others(
    world: World, dish: DishPage
) -> None:
    actor = world.actor("admin")
    content = _read(actor, dish)
    notes = content["fields"]["notes"].replace("Two.", "Two, changed.")
    update_page(actor, dish.pk, content["revision_id"], {"notes": notes})
    stored = _stored(dish)["notes"]
    first, rest = stored.split("</p>", 1)
    assert first + "</p>" == RICH.format(page=world.home.pk).split("</p>", 1)[0] + "</p>"
    assert "Two, changed." in rest
    assert 'data-block-key="aa3"' in rest
    assert 'data-block-key="aa4"' in rest


def test_blocks_keep_their_ids_when_they_move(world: World, dish: DishPage) -> None:
    actor = world.actor("admin")
    content = _read(actor, dish)
    body = list(reversed(content["fields"]["body"]))
    update_page(actor, dish.pk, content["revision_id"], {"body": body})
    stored = DishPage.objects.get(pk=dish.pk).get_latest_revision_as_object().body
    assert [block.id for block in stored] == [block["id"] for block in body]


def test_inline_rows_are_edited_in_place_added_and_removed(world: World, dish: DishPage) -> None:
    actor = world.actor("admin")
    content = _read(actor, dish)
    row = content["fields"]["sources"][0]
    changed = [{"title": "New first"}, {**row, "title": "Renamed"}]
    answer = update_page(actor, dish.pk, content["revision_id"], {"sources": changed})
    draft = DishPage.objects.get(pk=dish.pk).get_latest_revision_as_object()
    rows = list(draft.sources.all())
    assert [source.title for source in rows] == ["New first", "Renamed"]
    assert rows[1].pk == row["id"]
    assert rows[1].blocks.get_prep_value()[0]["id"] == "src-1"
    update_page(actor, dish.pk, answer.revision_id, {"sources": []})
    assert not DishPage.objects.get(pk=dish.pk).get_latest_revision_as_object().sources.count()


def test_an_inline_row_that_names_one_field_keeps_the_rest(world: World, dish: DishPage) -> None:
    actor = world.actor("admin")
    content = _read(actor, dish)
    row = content["fields"]["sources"][0]
    update_page(
        actor, dish.pk, content["revision_id"], {"sources": [{"id": row["id"], "title": "Short"}]}
    )
    stored = DishPage.objects.get(pk=dish.pk).get_latest_revision_as_object().sources.get()
    assert stored.about == RICH.format(page=world.home.pk)
    assert stored.blocks.get_prep_value()[0]["id"] == "src-1"


def test_rows_that_only_the_draft_holds_are_written_back_too(world: World, dish: DishPage) -> None:
    actor = world.actor("admin")
    dish.get_latest_revision().publish(user=world.admin)
    revision = _read(actor, dish)["revision_id"]
    block = {"type": "inner", "value": [{"type": "text", "value": "Hello"}]}
    rows = [*_read(actor, dish)["fields"]["sources"], {"title": "Draft only", "blocks": [block]}]
    update_page(actor, dish.pk, revision, {"sources": rows})
    content = _read(actor, dish)
    again = update_page(actor, dish.pk, content["revision_id"], content["fields"])
    assert again.revision_id == content["revision_id"]
    rows = content["fields"]["sources"]
    rows[1]["title"] = "Renamed"
    update_page(actor, dish.pk, content["revision_id"], {"sources": rows})
    after = _read(actor, dish)["fields"]["sources"]
    assert after == rows


def test_the_draft_is_read_unless_live_is_asked_for(world: World) -> None:
    actor = world.actor("editor")
    content = get_page_content(actor, world.first.pk)
    writing.update_page(actor, world.first.pk, content.revision_id, {"intro": "New intro"})
    page = world.first.specific_class.objects.get(pk=world.first.pk)
    assert read_page(actor, page, "draft").fields["intro"] == "New intro"
    assert "intro" not in read_page(actor, page, "live").fields
