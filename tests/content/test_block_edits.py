"""Single blocks: inserted, replaced, set, moved, removed; all operations or none."""

from typing import Any

import pytest
from wagtail.models import Comment, Page

from blog.models import BlogPage
from mcp_server.errors import Conflict, Invalid
from mcp_server.tools.pages import edit_page_blocks, get_page_content, update_page
from tests.world import World

BODY = [
    {"type": "heading", "value": {"text": "One", "level": "h2"}, "id": "h1"},
    {"type": "paragraph", "value": '<p data-block-key="k">Two <b>bold</b></p>', "id": "p1"},
    {"type": "quote", "value": {"text": "Three", "attribution": "Somebody"}, "id": "q1"},
    {
        "type": "two_columns",
        "id": "c1",
        "value": {
            "left": [{"type": "paragraph", "value": "<p>Left</p>", "id": "l1"}],
            "right": [],
        },
    },
]


@pytest.fixture
def page(world: World) -> BlogPage:
    """A live page with blocks of known ids."""
    world.first.body = BODY
    world.first.save_revision(user=world.admin).publish(user=world.admin)
    found: BlogPage = BlogPage.objects.get(pk=world.first.pk)
    return found


def _stored(page: BlogPage) -> list[dict[str, Any]]:
    draft = BlogPage.objects.get(pk=page.pk).get_latest_revision_as_object()
    stored: list[dict[str, Any]] = draft.body.get_prep_value()
    return stored


def _edit(world: World, page: BlogPage, *operations: dict[str, Any]) -> list[dict[str, Any]]:
    actor = world.actor("editor")
    revision = get_page_content(actor, page.pk).revision_id
    edit_page_blocks(actor, page.pk, revision, list(operations))
    return _stored(page)


def test_set_changes_one_value_and_nothing_else(world: World, page: BlogPage) -> None:
    after = _edit(world, page, {"op": "set", "id": "q1", "path": "attribution", "value": "Nobody"})
    expected = [*BODY]
    expected[2] = {
        "type": "quote",
        "value": {"text": "Three", "attribution": "Nobody"},
        "id": "q1",
    }
    assert after == expected


def test_insert_stands_after_the_named_block_or_first(world: World, page: BlogPage) -> None:
    new = {"type": "paragraph", "value": "New *text*"}
    after = _edit(
        world,
        page,
        {"op": "insert", "after": "h1", "block": new},
        {"op": "insert", "after": None, "block": new},
        {"op": "insert", "after": "l1", "block": new},
        {"op": "insert", "into": "c1.right", "block": new},
    )
    assert [block["type"] for block in after] == [
        "paragraph",
        "heading",
        "paragraph",
        "paragraph",
        "quote",
        "two_columns",
    ]
    assert [after[1], after[3], after[4]] == BODY[:3]
    columns = after[5]["value"]
    assert columns["left"][0] == BODY[3]["value"]["left"][0]  # type: ignore[index]
    assert len(columns["left"]) == 2
    assert "New <i>text</i>" in columns["right"][0]["value"]


def test_the_answer_names_the_new_blocks(world: World, page: BlogPage) -> None:
    actor = world.actor("editor")
    revision = get_page_content(actor, page.pk).revision_id
    block = {"type": "heading", "value": {"text": "New"}}
    answer = edit_page_blocks(
        actor, page.pk, revision, [{"op": "insert", "after": "p1", "block": block}]
    )
    assert answer.new_ids == [_stored(page)[2]["id"]]
    assert answer.instance == Page.objects.get(pk=page.pk).specific


def test_replace_keeps_the_id(world: World, page: BlogPage) -> None:
    after = _edit(
        world,
        page,
        {"op": "replace", "id": "p1", "block": {"type": "quote", "value": {"text": "x"}}},
    )
    assert after[1]["id"] == "p1"
    assert after[1]["type"] == "quote"


def test_move_and_remove_reach_nested_blocks(world: World, page: BlogPage) -> None:
    after = _edit(
        world,
        page,
        {"op": "insert", "after": "l1", "block": {"type": "paragraph", "value": "Stays"}},
        {"op": "move", "id": "l1", "after": "q1"},
        {"op": "remove", "id": "h1"},
        {"op": "move", "id": "q1", "after": None},
    )
    assert [block["id"] for block in after] == ["q1", "p1", "l1", "c1"]
    assert after[2] == BODY[3]["value"]["left"][0]  # type: ignore[index]
    assert "Stays" in after[3]["value"]["left"][0]["value"]


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ({"op": "paint"}, "operations[1].op: unknown (allowed: insert, replace, set, move, rem"),
        ("x", "operations[1].op: unknown"),
        ({"op": "set", "id": "q1"}, "operations[1].path: required"),
        ({"op": "remove", "id": "q1", "x": 1}, "operations[1].x: unknown (allowed: id)"),
        ({"op": "remove", "id": "nope"}, "operations[1].id: no block with this id"),
        ({"op": "move", "id": "c1", "after": "l1"}, "operations[1].after: no block with this id"),
        ({"op": "insert", "block": 5}, 'operations[1].block: expected {"type", "value"}'),
        (
            {"op": "insert", "into": "q1.text", "block": {"type": "quote", "value": {}}},
            "operations[1].into: names no list of blocks",
        ),
        (
            {"op": "set", "id": "q1", "path": "text", "value": ""},
            "operations[1] body[2].quote.text: required",
        ),
        (
            {"op": "set", "id": "q1", "path": "colour", "value": "red"},
            "operations[1] body[2].quote.colour: unknown (allowed: text, attribution)",
        ),
        ({"op": "set", "id": "q1", "path": "text.x", "value": 1}, "there is no 'x' to set"),
        (
            {"op": "insert", "after": "q1", "block": {"type": "video", "value": 1}},
            "operations[1] body[3]: no block type 'video' here",
        ),
        (
            {"op": "insert", "into": "c1.right", "block": {"type": "quote", "value": {}}},
            "operations[1] body[3].two_columns.right[0].quote.text: required",
        ),
    ],
)
def test_a_wrong_operation_is_named_and_nothing_is_saved(
    world: World, page: BlogPage, operation: Any, expected: str
) -> None:
    good = {"op": "set", "id": "h1", "path": "text", "value": "Changed"}
    with pytest.raises(Invalid) as caught:
        _edit(world, page, good, operation)
    assert expected in str(caught.value)
    assert _stored(page) == BODY


def test_a_field_that_is_no_streamfield_is_refused(world: World, page: BlogPage) -> None:
    actor = world.actor("editor")
    revision = get_page_content(actor, page.pk).revision_id
    with pytest.raises(Invalid, match=r"field: not a StreamField here \(allowed: body\)"):
        edit_page_blocks(actor, page.pk, revision, [{"op": "remove", "id": "h1"}], "intro")


def test_comments_stay_with_their_block(world: World, page: BlogPage) -> None:
    Comment.objects.create(page=page, user=world.admin, text="Why?", contentpath="body.q1")
    BlogPage.objects.get(pk=page.pk).save_revision(user=world.admin)
    _edit(world, page, {"op": "set", "id": "h1", "path": "text", "value": "Changed"})
    draft = BlogPage.objects.get(pk=page.pk).get_latest_revision_as_object()
    assert [comment.contentpath for comment in draft.wagtail_admin_comments.all()] == ["body.q1"]


def test_conflicts_are_told_per_block(world: World, page: BlogPage) -> None:
    editor, moderator = world.actor("editor"), world.actor("moderator")
    base = get_page_content(editor, page.pk)
    theirs = {"op": "set", "id": "q1", "path": "text", "value": "Theirs"}
    edit_page_blocks(moderator, page.pk, base.revision_id, [theirs])
    body = base.fields["body"]
    mine = [{**block, "value": "Mine"} if block["id"] == "p1" else block for block in body]
    with pytest.raises(Conflict) as caught:
        update_page(editor, page.pk, base.revision_id, {"body": mine, "intro": "x"})
    assert "Not changed there, so yours still fits: intro." in str(caught.value)
    assert "body blocks changed there only: q1." in str(caught.value)
    assert "collides" not in str(caught.value)
    with pytest.raises(Conflict, match=r"body block q1 collides: theirs .*Theirs"):
        edit_page_blocks(editor, page.pk, base.revision_id, [theirs | {"value": "Mine"}])
    assert _stored(page)[2]["value"]["text"] == "Theirs"
