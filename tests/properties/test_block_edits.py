"""Any sequence of block operations: nothing is lost that no operation names, all or none."""

from collections import Counter
from copy import deepcopy
from typing import Any

from django.db.models import Model
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.content.block_edits import BlockEdit
from mcp_server.content.codec import encode, stored_stream
from mcp_server.errors import Conflict, Invalid, Refused
from mcp_server.tools.pages import edit_page_blocks
from tests.kitchen.models import DishBlock, DishPage
from tests.properties.conftest import Unharmed
from tests.properties.profiles import examples
from tests.properties.trees import Tree, body, ids_of, nodes, operations, subtree
from tests.world import World

STREAM = DishBlock()
IDS = ["heading", "paragraph", "step", "text", "picture", "ingredients", "salt", "steps", "one",
       "deep", "plain", "day"]  # fmt: skip


class _Picture:
    """Stands in for the world's, where no database is needed."""

    class image:  # noqa: N801 - an attribute of the world's
        pk = 1


def tree() -> Tree:
    read: Tree = encode(STREAM, body(_Picture()))  # type: ignore[arg-type]
    return read


def outcome(value: Tree, given_: list[Any]) -> BlockEdit | None:
    """The edit; None when it is refused. The value itself must never change."""
    before = deepcopy(value)
    try:
        return BlockEdit.of(STREAM, value, given_)
    except Invalid:
        return None
    finally:
        assert value == before


@given(operations(IDS))
@examples(600)
def test_one_by_one_gives_what_all_at_once_gives(given_: list[Any]) -> None:
    assert ids_of(tree()) == IDS
    value: Tree | None = tree()
    for operation in given_:
        edit = outcome(value or [], [operation]) if value is not None else None
        if edit is not None:
            check(value or [], operation, edit)
        value = edit.value if edit else None
    at_once = outcome(tree(), given_)
    assert (at_once is None) == (value is None)
    if at_once and value is not None:
        assert shape(at_once.value) == shape(value)


def check(before: Tree, operation: dict[str, Any], edit: BlockEdit) -> None:
    """What one operation may do to the blocks that are there."""
    was, now = Counter(ids_of(before)), Counter(ids_of(edit.value))
    named = operation.get("id")
    if operation["op"] == "insert":
        assert not was - now
        assert edit.new_ids[0] in now
    elif operation["op"] == "move":
        assert now == was
    elif operation["op"] == "remove":
        assert now == was - Counter(subtree(before, named))
    else:
        assert not Counter(key for key in was if key not in subtree(before, named)) - now
        assert named in now
    assert unnamed_stay(before, edit.value, named)


def unnamed_stay(before: Tree, after: Tree, named: Any) -> bool:
    """Blocks that hold no others and are not inside the named one are as they were."""
    touched = subtree(before, named)
    old = {node["id"]: node for node in nodes(before) if len(ids_of(node)) == 1}
    new: dict[str, list[Any]] = {}
    for node in nodes(after):
        new.setdefault(node["id"], []).append(node)
    return all(
        node in new.get(key, []) or _became_a_parent(new.get(key, []))
        for key, node in old.items()
        if key not in touched
    )


def _became_a_parent(found: list[Any]) -> bool:
    return any(len(ids_of(node)) > 1 for node in found)


def shape(value: Any) -> Any:
    """The tree with every id that an insert made written alike."""
    if isinstance(value, list):
        return [shape(item) for item in value]
    if isinstance(value, dict):
        known = value.get("id")
        named = {"id": known if known in IDS else "new"} if "id" in value else {}
        return {**{key: shape(item) for key, item in value.items()}, **named}
    return repr(value)


def stored(page: Model) -> Tree:
    draft: Any = DishPage.objects.get(pk=page.pk).get_latest_revision_as_object()
    return stored_stream(STREAM, draft.body)


@given(given_=operations(IDS), stale=st.booleans())
@examples(80)
def test_a_page_is_saved_with_all_or_none(
    world: World, dish: DishPage, unharmed: Unharmed, given_: list[Any], stale: bool
) -> None:
    before = stored(dish)
    with unharmed():
        revision = dish.latest_revision_id
        if stale:
            dish.get_latest_revision_as_object().save_revision(user=world.moderator)
        made, refusal = tried(world, dish, revision, given_)
        assert stale == (refusal is Conflict)
        if made is None:
            assert stored(dish) == before
        else:
            check_stored(before, stored(dish), given_, made)


def tried(
    world: World, dish: DishPage, revision: int, given_: list[Any]
) -> tuple[list[str] | None, type[Refused] | None]:
    """The ids of the new blocks, or the kind of the refusal."""
    try:
        answer = edit_page_blocks(world.actor("admin"), dish.pk, revision, given_)
    except Refused as refused:
        return None, type(refused)
    return answer.new_ids or [], None


def check_stored(before: Tree, after: Tree, given_: list[Any], new_ids: list[str]) -> None:
    """Every block that no operation names, or stands in a named one, is there to the letter."""
    gone = [item for item in given_ if item["op"] in ("remove", "replace", "set")]
    named = set().union(*(subtree(before, item["id"]) for item in gone), set())
    now = {node["id"]: node for node in nodes(after)}
    for node in nodes(before):
        if node["id"] not in named and len(ids_of(node)) == 1:
            assert now.get(node["id"]) == node
    replaced = {item["id"] for item in gone if item["op"] != "set"}
    assert all(key in now for key in new_ids if not replaced & {key})
