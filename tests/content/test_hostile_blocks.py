"""Block values that no editor makes but databases hold: each stays as it is until it is changed."""

from copy import deepcopy
from typing import Any

import pytest
from wagtail.models import Page

from mcp_server.content.codec import stored_stream
from mcp_server.errors import Invalid
from mcp_server.tools.pages import edit_page_blocks, get_page_content, update_page
from tests.kitchen.models import DishPage
from tests.world import World

from .round_trips import read, stored_fields, written_back

HEADING = {"type": "heading", "value": "Soup", "id": "h-1"}
RICH = '<p data-block-key="k1">Salt <b>and</b> pepper</p>'


def _step(**changed: Any) -> dict[str, Any]:
    whole = {"title": "Boil", "minutes": "2.5", "level": "hard", "tools": ["pot"], "content": []}
    return {**whole, **changed}


def _item(number: str, value: Any) -> dict[str, Any]:
    return {"type": "item", "id": number, "value": value}


SALT = {"name": "salt", "grams": 3, "organic": False}
# A stream in a struct in a list in a stream, with a list of structs at the bottom.
DEEP = _step(
    content=[
        {"type": "text", "value": RICH, "id": "t-1"},
        {"type": "ingredients", "value": [_item("i-1", SALT), _item("i-2", SALT)], "id": "g-1"},
        {"type": "ingredients", "value": [], "id": "g-2"},
    ]
)
GONE = {"type": "removed_since", "value": {"left": ["over"]}, "id": "gone"}
TEXTS = {
    # Hebrew and Arabic between controls that turn the direction round.
    "bidi": " a\u202edef\u202c \u2067\u05e9\u05dc\u05d5\u05dd\u2069 \u0645\u0631\u062d",
    "combining": "e\u0301 Z\u0351\u036b\u0343\u036a\u0302",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈",
    "zero width": "in\u200bvisible\ufeff",
    "markdown": "# not a heading *not* `code` [x](y) \\ <b>",
    "quotes": "\"double\" 'single' {{ braces }} {% tag %}",
    "line ends": "one\r\ntwo\rthree\u2028four",
    "edges": "  spaces \t",
    "very long": "long " * 20_000,
}
BODIES: dict[str, list[Any]] = {
    "three deep": [
        {"type": "steps", "value": [_item("s-1", DEEP), _item("s-2", _step())], "id": "b"}
    ],
    "empty lists": [
        {"type": "steps", "value": [], "id": "b"},
        {"type": "step", "value": _step(), "id": "c"},
    ],
    "ids missing": [
        {"type": "heading", "value": "One"},
        {"type": "heading", "value": "One"},
        {
            "type": "steps",
            "value": [{"type": "item", "value": _step(content=[{"type": "text", "value": RICH}])}],
        },
    ],
    "ids twice": [
        HEADING,
        {**HEADING, "value": "Other"},
        {"type": "quote", "value": "Q", "id": "h-1"},
    ],
    "ids twice, nested": [
        {"type": "step", "value": DEEP, "id": "a"},
        {"type": "step", "value": DEEP, "id": "b"},
    ],
    "ids twice in a list": [
        {"type": "steps", "value": [_item("s", DEEP), _item("s", _step())], "id": "b"}
    ],
    "odd ids": [{**HEADING, "id": "a.b[0]"}, {**HEADING, "id": "ü \u202e"}, {**HEADING, "id": "0"}],
    "lists as they were stored before ids": [
        {"type": "steps", "value": [DEEP, _step()], "id": "b"}
    ],
    "a block type that is gone": [GONE, HEADING],
    "a block type that is gone, nested": [
        {"type": "step", "value": _step(content=[GONE, *DEEP["content"]]), "id": "b"}
    ],
    "a child that is gone": [{"type": "step", "value": {**DEEP, "was": {"here": 1}}, "id": "b"}],
    "a child that is new": [{"type": "step", "value": {"title": "Boil"}, "id": "b"}],
    "a child that is null": [
        {"type": "step", "value": _step(minutes=None, content=None), "id": "b"}
    ],
    "objects that are gone": [
        {"type": "related", "value": 999_999, "id": "a"},
        {
            "type": "image",
            "value": {"image": 999_999, "alt_text": "x", "decorative": False},
            "id": "b",
        },
        {"type": "course", "value": 999_999, "id": "c"},
        {"type": "recipe", "value": 999_999, "id": "d"},
        {"type": "paragraph", "value": '<p><a linktype="page" id="999999">x</a></p>', "id": "e"},
    ],
    "nothing chosen": [
        {"type": "related", "value": None, "id": "a"},
        {"type": "image", "value": None, "id": "b"},
    ],
    "raw HTML": [{"type": "code", "value": "<script>alert(1)</script>", "id": "a"}, HEADING],
    "rich text of every sort": [
        {"type": "paragraph", "value": html, "id": f"p-{number}"}
        for number, html in enumerate(
            [
                "",
                "<p></p>",
                '<p data-block-key="x"/>',
                "<h2>Deep</h2><ul><li>a<ul><li>b</li></ul></li></ul>",
                '<p>a<br/>b</p><hr/><embed embedtype="image" id="1" alt="" format="left"/>',
                '<embed embedtype="media" url="https://example.org/v"/>',
                "<p>&lt;script&gt; &amp;amp; &nbsp;</p>",
                "<table><tr><td>pasted</td></tr></table>",
                "no tags at all",
            ]
        )
    ],
    "tables": [
        {"type": "table", "value": None, "id": "a"},
        {"type": "table", "value": {"data": [], "unknown": 1}, "id": "b"},
        {"type": "table", "value": {"data": [["x", None, 3]], "cell": [{"row": 0}]}, "id": "c"},
        {"type": "prices", "value": {"columns": [], "rows": [], "caption": ""}, "id": "d"},
        {
            "type": "prices",
            "value": {
                "columns": [{"type": "text", "heading": ""}, {"type": "amount", "heading": "A"}],
                "rows": [{"values": ["a", None]}, {"values": ["", 0.5]}],
                "caption": None,
            },
            "id": "e",
        },
    ],
    **{f"text: {name}": [{**HEADING, "value": text}] for name, text in TEXTS.items()},
    **{
        f"rich text: {name}": [{"type": "paragraph", "value": f"<p>{text}</p>", "id": "p"}]
        for name, text in {**TEXTS, "markdown": "# not a heading *not* [x](y)"}.items()
        if name not in ("quotes",)
    },
}


def _page(world: World, body: list[Any]) -> Page:
    page = world.home.add_child(instance=DishPage(title="Dish", slug="dish", live=False, body=body))
    page.save_revision(user=world.admin, clean=False)
    return page


def _stored_body(page: Page) -> list[Any]:
    draft = type(page).objects.get(pk=page.pk).get_latest_revision_as_object()
    return stored_stream(draft.body.stream_block, draft.body)


def _without_ids(body: list[Any]) -> list[Any]:
    return [(block["type"], block["value"]) for block in body]


@pytest.mark.parametrize("name", BODIES)
def test_what_is_stored_stays_until_it_is_changed(world: World, name: str) -> None:
    """Written back as it was read; beside an edit of another field; beside a new block."""
    actor, page = world.actor("admin"), _page(world, deepcopy(BODIES[name]))
    # Those that no revision of today holds are made new when they are converted for a reason.
    written_back(actor, page, converted=name not in ("ids missing", "a child that is null"))
    before, fields = stored_fields(page), {**read(actor, page), "summary": "New"}
    answer = update_page(actor, page.pk, get_page_content(actor, page.pk).revision_id, fields)
    assert stored_fields(page) == {**before, "summary": "New"}
    body = _stored_body(page)
    new = {"op": "insert", "after": None, "block": {"type": "heading", "value": "First"}}
    edit_page_blocks(actor, page.pk, answer.revision_id, [new])
    first, *rest = _stored_body(page)
    assert first["value"] == "First"
    _check_same(rest, body)


def _check_same(now: list[Any], before: list[Any]) -> None:
    """To the letter, but for an id that stood twice: the second block gets its own.

    Comments and comparisons could not tell the two apart.
    """
    ids = [block["id"] for block in before]
    if len(set(ids)) == len(ids):
        assert now == before
    else:
        assert len({block["id"] for block in now}) == len(now)
        assert _without_ids(now) == _without_ids(before)


def test_a_changed_block_keeps_what_is_unknown_in_its_neighbours(world: World) -> None:
    deep = {"type": "step", "value": _step(content=[GONE, *DEEP["content"]]), "id": "b"}
    page, actor = _page(world, [HEADING, deep]), world.actor("admin")
    content = get_page_content(actor, page.pk)
    fields = content.fields["body"]
    fields[0]["value"] = "Stew"
    update_page(actor, page.pk, content.revision_id, {"body": fields})
    assert _stored_body(page) == [{**HEADING, "value": "Stew"}, deep]


def test_a_block_type_that_is_gone_cannot_be_written(world: World) -> None:
    page, actor = _page(world, [HEADING]), world.actor("admin")
    revision = get_page_content(actor, page.pk).revision_id
    with pytest.raises(Invalid, match="no block type 'removed_since' here"):
        update_page(actor, page.pk, revision, {"body": [HEADING, {**GONE, "id": None}]})


def test_raw_html_is_refused(world: World) -> None:
    page, actor = _page(world, []), world.actor("admin")
    revision = get_page_content(actor, page.pk).revision_id
    with pytest.raises(Invalid, match="raw HTML is not accepted here"):
        update_page(actor, page.pk, revision, {"body": [{"type": "code", "value": "<b>x</b>"}]})
