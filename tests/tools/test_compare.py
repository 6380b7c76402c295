"""compare_revisions: what was added, removed, changed and moved, per field and block."""

import json
from typing import Any

import pytest

from mcp_server.content.differences import difference
from mcp_server.errors import Refused
from mcp_server.results import compact
from mcp_server.tools import review
from tests.world import World

A, B, C, D = (f"0000000{n}-0000-4000-8000-000000000000" for n in range(1, 5))


def block(key: str, value: Any, kind: str = "paragraph") -> dict[str, Any]:
    return {"type": kind, "value": value, "id": key}


def quote(key: str, text: str, attribution: str = "") -> dict[str, Any]:
    return block(key, {"text": text, "attribution": attribution}, "quote")


def save(world: World, user: Any = None, **fields: Any) -> int:
    """Another revision of the second post; its id."""
    draft = world.second.get_latest_revision_as_object()
    for name, value in fields.items():
        setattr(draft, name, value)
    return int(draft.save_revision(user=user or world.editor).pk)


def changes(world: World, a: int, b: Any) -> list[str]:
    return review.compare_revisions(world.actor("editor"), world.second.pk, a, b).changes


def test_texts_are_compared_word_by_word(world: World) -> None:
    a = save(world, intro="The fern stays green in winter.")
    b = save(world, intro="The moss stays green in winter.", title="Mosses")
    assert changes(world, a, b) == [
        "title: [-Second-]{+Mosses+}",
        "intro: The [-fern-]{+moss+} stays green in winter.",
    ]


def test_blocks_are_compared_by_id(world: World) -> None:
    a = save(
        world, body=[block(A, "<p>One.</p>"), quote(B, "Old", "Ada"), block(C, "<p>Gone.</p>")]
    )
    b = save(world, body=[quote(B, "New", "Ada"), block(A, "<p>One.</p>"), quote(D, "Added")])
    found = changes(world, a, b)
    assert f"body.{C}: removed paragraph “Gone.”" in found
    assert f"body.{B}.text: [-Old-]{{+New+}}" in found
    assert f'body.{D}: added after {A}: quote “{{"text": "Added"}}”' in found
    # One of the two swapped places; the other is not told to have moved as well.
    assert [line for line in found if ": moved " in line] == [f"body.{B}: moved as the first"]
    assert len(found) == 4


def test_nested_blocks_are_compared_by_id(world: World) -> None:
    def columns(text: str) -> list[dict[str, Any]]:
        return [block(A, {"left": [quote(B, text)], "right": []}, "two_columns")]

    a, b = save(world, body=columns("Left")), save(world, body=columns("Right"))
    assert changes(world, a, b) == [f"body.{A}.left.{B}.text: [-Left-]{{+Right+}}"]


def test_a_change_leads_from_the_older_to_the_newer(world: World) -> None:
    a, b = save(world, intro="Old"), save(world, user=world.moderator, intro="New")
    answer = review.compare_revisions(world.actor("editor"), world.second.pk, b, a)
    assert answer.changes == ["intro: [-Old-]{+New+}"]
    assert answer.older.startswith(f"revision {a} by Editor, ")
    assert answer.newer.startswith(f"revision {b} by Moderator, ")


def test_a_draft_is_compared_with_what_visitors_see(world: World) -> None:
    world.first.intro = "Draft"
    draft = world.first.save_revision(user=world.editor).pk
    answer = review.compare_revisions(world.actor("editor"), world.first.pk, draft)
    assert answer.older == "live, as visitors see it"
    assert answer.changes == ["intro: added “Draft”"]
    with pytest.raises(Refused, match="has no live version"):
        review.compare_revisions(world.actor("editor"), world.second.pk, save(world))


def test_equal_versions_have_no_changes(world: World) -> None:
    a, b = save(world), save(world)
    assert changes(world, a, b) == []


def test_tags_and_rows_say_what_came_and_went() -> None:
    assert list(difference("tags", ["a", "b"], ["b", "c"])) == [
        'tags: removed “["a"]”',
        'tags: added “["c"]”',
    ]
    rows = [{"id": 1, "title": "Map"}, {"id": 2, "title": "Tickets"}]
    assert list(difference("links", rows, [{"id": 2, "title": "Entry"}])) == [
        'links.1: removed “{"title": "Map"}”',
        "links.2.title: [-Tickets-]{+Entry+}",
    ]


def test_long_values_are_shortened_and_counted() -> None:
    (line,) = difference("intro", "", "x" * 1000)
    assert line.endswith("x… (840 more characters)”")
    text = " ".join(f"plant{number}" for number in range(200))
    (line,) = difference("intro", f"{text} fern {text}", f"{text} moss {text}")
    assert "nt197 plant198 plant199 [-fern-]{+moss+} plant0 plant1 " in line
    assert len(line) < 100


def test_the_answer_stays_below_4_kb(world: World) -> None:
    a = save(world, body=[])
    many = [
        block(f"{n:08}-0000-4000-8000-000000000000", f"<p>{'ä ' * 90}{n}</p>") for n in range(60)
    ]
    b = save(world, body=many)
    answer = review.compare_revisions(world.actor("editor"), world.second.pk, a, b)
    assert len(json.dumps(compact(answer), ensure_ascii=False).encode()) <= 4_000
    hidden = 60 - len(answer.changes)
    assert answer.not_shown is not None
    assert answer.not_shown.startswith(f"{hidden} more, in body.")


def test_a_revision_of_another_page_is_refused(world: World) -> None:
    with pytest.raises(Refused, match="has no revision"):
        changes(world, world.first.latest_revision_id, save(world))
