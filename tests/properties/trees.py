"""Trees of blocks, and operations on them, of which most fit and some do not."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tests.properties.hostile import Strategy, json_values, scalars
from tests.world import World

Tree = list[dict[str, Any]]


def body(world: World) -> Tree:
    """A StreamField of the kitchen's with blocks in blocks in lists, as it is stored."""
    rich = '<p data-block-key="k1">One <b>bold</b>.</p><p data-block-key="k2">Two.</p>'
    salt = {"name": "salt", "grams": 3, "organic": False}
    ingredients = [{"type": "item", "id": "salt", "value": salt}]
    inner = [
        {"type": "text", "value": rich, "id": "text"},
        {"type": "picture", "value": world.image.pk, "id": "picture"},
        {"type": "ingredients", "value": ingredients, "id": "ingredients"},
    ]
    step = {"title": "Boil", "minutes": "2.5", "level": "hard", "tools": ["pot"], "content": inner}
    bare = {**step, "content": [{"type": "text", "value": rich, "id": "deep"}]}
    return [
        {"type": "heading", "value": "Soup", "id": "heading"},
        {"type": "paragraph", "value": rich, "id": "paragraph"},
        {"type": "step", "value": step, "id": "step"},
        {"type": "steps", "value": [{"type": "item", "value": bare, "id": "one"}], "id": "steps"},
        {"type": "plain", "value": "Plain\ntext", "id": "plain"},
        {"type": "day", "value": "2026-05-01", "id": "day"},
    ]


BLOCKS: list[Any] = [
    {"type": "heading", "value": "New"},
    {"type": "paragraph", "value": "New *words*"},
    {"type": "plain", "value": "x", "id": "heading"},
    {"type": "text", "value": "For inside"},
    {"type": "step", "value": {"title": "New", "content": [{"type": "text", "value": "x"}]}},
    {"type": "item", "value": {"name": "egg"}},
    {"type": "steps", "value": [{"title": "a"}, {"value": {"title": "b"}, "id": "one"}]},
    {"type": "divider", "value": None},
    {"type": "image", "value": 1},
    {"type": "nothing", "value": 1},
    {"value": {"title": "No type"}},
]
PATHS = ["", "title", "content", "content.0", "content.0.value", "content.9", "0", "0.title",
         "0.content.0", "9" * 5000, ".", "x.y", "tools.0", "name"]  # fmt: skip
NOWHERE: list[Any] = [None, "nothing", "", 0, ["heading"], {"id": "heading"}]

blocks: Strategy = st.one_of(st.sampled_from(BLOCKS), json_values(5))


def operations(ids: list[str]) -> st.SearchStrategy[list[Any]]:
    """Sequences of operations on a tree with these ids."""
    there = st.one_of(st.sampled_from(ids), st.sampled_from(ids), st.sampled_from(NOWHERE))
    into = st.one_of(
        st.sampled_from(ids).flatmap(lambda i: st.sampled_from([f"{i}.content", i, f"{i}.x.y"])),
        st.sampled_from(NOWHERE),
    )
    value = st.one_of(scalars, blocks, st.lists(blocks, max_size=3))
    fixed = st.fixed_dictionaries
    op = st.just
    right = st.one_of(
        fixed({"op": op("insert"), "after": there, "block": blocks}),
        fixed({"op": op("insert"), "into": into, "block": blocks}),
        fixed({"op": op("replace"), "id": there, "block": blocks}),
        fixed({"op": op("set"), "id": there, "path": st.sampled_from(PATHS), "value": value}),
        fixed({"op": op("move"), "id": there, "after": there}),
        fixed({"op": op("move"), "id": there, "after": op(None)}),
        fixed({"op": op("remove"), "id": there}),
    )
    wrong = st.one_of(json_values(4), fixed({"op": json_values(3), "id": there}))
    return st.lists(st.one_of(*[right] * 9, wrong), min_size=1, max_size=6)


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every block with an id in a value, outer ones first."""
    if isinstance(value, dict):
        if isinstance(value.get("id"), str) and "value" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from nodes(item)


def ids_of(value: Any) -> list[str]:
    return [node["id"] for node in nodes(value)]


def subtree(value: Any, block_id: Any) -> set[str]:
    """The block's own id and those inside it."""
    found = next((node for node in nodes(value) if node["id"] == block_id), None)
    return set(ids_of(found)) if found else set()
