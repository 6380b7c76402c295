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
        ({"op": "move", "id": "c1", "after": "l1"}, "operations[1].after: a block cannot stand"),
        (
            {"op": "move", "id": "q1", "after": "q1"},
            "operations[1].after: a block cannot stand after itself or its own parts",
        ),
        ({"op": "move", "id": "q1"}, "operations[1].after: needed; null for the start"),
        (
            {"op": "insert", "block": {"type": "quote", "value": {}}},
            "operations[1].after: needed; null for the start",
        ),
        (
            {"op": "insert", "after": None, "block": 5},
            'operations[1].block: expected {"type", "value"}',
        ),
        (
            {"op": "insert", "after": "q1", "into": "c1.right", "block": {"type": "quote"}},
            "operations[1].into: given beside after: name one place",
        ),
        (
            {"op": "insert", "into": "c1.nosuch", "block": {"type": "quote", "value": {}}},
            "operations[1].into: no 'nosuch' to insert into (allowed: left, right)",
        ),
        (
            {"op": "insert", "into": "q1.text", "block": {"type": "quote", "value": {}}},
            "operations[1].into: names no list of blocks; use “id.child”",
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
    told = str(caught.value)
    assert "Changed there only: body blocks q1." in told
    assert "Unchanged there (yours can be applied again): intro; body blocks p1." in told
    assert "collides" not in told
    with pytest.raises(Conflict, match=r"body block q1 collides: text theirs “Theirs”, yours “Mi"):
        edit_page_blocks(editor, page.pk, base.revision_id, [theirs | {"value": "Mine"}])
    assert _stored(page)[2]["value"]["text"] == "Theirs"


def _left(key: str, text: str) -> dict[str, Any]:
    return {"type": "paragraph", "value": f"<p>{text}</p>", "id": key}


def _told(
    world: World, page: BlogPage, theirs: list[dict[str, Any]], mine: list[dict[str, Any]]
) -> str:
    """What an edit of the second user's is answered after that of the first."""
    base = get_page_content(world.actor("editor"), page.pk).revision_id
    edit_page_blocks(world.actor("moderator"), page.pk, base, theirs)
    with pytest.raises(Conflict) as caught:
        edit_page_blocks(world.actor("editor"), page.pk, base, mine)
    return str(caught.value)


def _set(key: str, value: Any, path: str = "") -> dict[str, Any]:
    return {"op": "set", "id": key, "path": path, "value": value}


@pytest.fixture
def columns(world: World, page: BlogPage) -> BlogPage:
    """The same page with two paragraphs in one column and one in the other."""
    value = {"left": [_left("l1", "One"), _left("l2", "Two")], "right": [_left("r1", "Right")]}
    page.body = [*BODY[:3], {"type": "two_columns", "id": "c1", "value": value}]
    page.save_revision(user=world.admin).publish(user=world.admin)
    return page


NEW = {"type": "paragraph", "value": "New"}
FITS = "Unchanged there (yours can be applied again): body blocks "


@pytest.mark.parametrize(
    ("theirs", "mine", "expected"),
    [
        ([_set("l1", "Theirs")], [_set("l2", "Mine")], [FITS + "l2.", "only: body blocks l1."]),
        (
            [_set("l1", "Theirs")],
            [_set("l1", "Mine"), _set("r1", "Mine")],
            ["body block l1 collides: theirs “Theirs”, yours “Mine”.", FITS + "r1."],
        ),
        (
            [_set("p1", "Theirs")],
            [{"op": "insert", "after": "p1", "block": NEW}],
            [FITS + "your new ones.", "Changed there only: body blocks p1."],
        ),
        (
            [{"op": "remove", "id": "p1"}],
            [{"op": "insert", "after": "p1", "block": NEW}, _set("q1", "Mine", "text")],
            ["body block p1 was removed there: name another.", "body blocks p1 (removed)."],
        ),
        (
            [{"op": "remove", "id": "c1"}],
            [{"op": "insert", "into": "c1.right", "block": NEW}],
            ["collides: c1, which you put it in, was removed there."],
        ),
        (
            [{"op": "remove", "id": "l1"}],
            [_set("l1", "Mine")],
            ["body block l1 collides: theirs removed it, yours “Mine”."],
        ),
        (
            [_set("l1", "Theirs")],
            [{"op": "remove", "id": "c1"}],
            ["body block l1 collides: theirs “Theirs”, yours removes it."],
        ),
        (
            [{"op": "move", "id": "q1", "after": None}],
            [_set("q1", "Mine", "text")],
            [FITS + "q1."],
        ),
        (
            [_set("q1", "Theirs", "text")],
            [_set("q1", "Mine", "attribution")],
            ["block q1 collides: text theirs “Theirs”, not changed by you; "
             "attribution yours “Mine”, unchanged there."],
        ),
        ([_set("l1", "Same")], [_set("l1", "Same")], ["put your change on top"]),
    ],
)  # fmt: skip
def test_a_stale_edit_is_answered_block_by_block(
    world: World, columns: BlogPage, theirs: Any, mine: Any, expected: list[str]
) -> None:
    told = _told(world, columns, theirs, mine)
    for text in expected:
        assert text in told
    assert ("collides" in told) == any("collides" in text for text in expected)


def test_a_stale_streamfield_is_compared_by_nested_ids(world: World, columns: BlogPage) -> None:
    editor = world.actor("editor")
    base = get_page_content(editor, columns.pk)
    theirs = [_set("l1", "Theirs"), _set("r1", "Theirs")]
    edit_page_blocks(world.actor("moderator"), columns.pk, base.revision_id, theirs)
    body = base.fields["body"]
    body[3]["value"]["left"][1]["value"] = "Mine"
    body[3]["value"]["right"][0]["value"] = "Mine"
    with pytest.raises(Conflict) as caught:
        update_page(editor, columns.pk, base.revision_id, {"body": [*body, NEW]})
    told = str(caught.value)
    assert "body block r1 collides: theirs “Theirs”, yours “Mine”." in told
    assert f"{FITS}l2, your new ones." in told
    assert "Changed there only: body blocks l1." in told
    assert "c1" not in told


def test_a_list_that_an_operation_leaves_empty_is_named_as_it_was(
    world: World, columns: BlogPage
) -> None:
    # The first operation moves everything after it by one.
    first = {"op": "insert", "after": None, "block": NEW}
    for last in ({"op": "move", "id": "r1", "after": "h1"}, {"op": "remove", "id": "r1"}):
        with pytest.raises(Invalid) as caught:
            _edit(world, columns, first, last)
        assert "operations[1] body[3].two_columns.right: This field" in str(caught.value)
