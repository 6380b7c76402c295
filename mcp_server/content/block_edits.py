"""Edits of single blocks in any StreamField: insert, replace, set one value, move, remove.

The operations work on the field as models read it; what they do not touch is written back with
its id, and so keeps its stored form (see ``decoding``).
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from wagtail import blocks
from wagtail.blocks.list_block import ListBlock
from wagtail.blocks.stream_block import BaseStreamBlock
from wagtail.blocks.struct_block import BaseStructBlock

from mcp_server.errors import Invalid

KEYS = {
    "insert": ({"block"}, {"after", "into"}),
    "replace": ({"id", "block"}, set()),
    "set": ({"id", "path", "value"}, set()),
    "move": ({"id"}, {"after"}),
    "remove": ({"id"}, set()),
}
MAX_OPERATIONS = 50


@dataclass(frozen=True)
class Place:
    """Where a block stands: the list that holds it, and its index there."""

    siblings: list[Any]
    index: int
    holder: blocks.Block


@dataclass
class BlockEdit:
    """A field's value with operations applied; remembers which operation touched which block."""

    block: BaseStreamBlock
    value: list[Any]
    touched: dict[str, int] = field(default_factory=dict)
    new_ids: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, block: BaseStreamBlock, value: list[Any], operations: list[Any]) -> "BlockEdit":
        """Apply all operations in order; raises Invalid and changes nothing when one is wrong."""
        if not 0 < len(operations) <= MAX_OPERATIONS:
            raise Invalid([("operations", f"1 to {MAX_OPERATIONS} in one call")])
        edit = cls(block, deepcopy(value))
        for number, operation in enumerate(operations):
            path = f"operations[{number}]"
            edit._check(operation, path)
            getattr(edit, f"_{operation['op']}")(operation, number, path)
        return edit

    def operation_of(self, path: str) -> int | None:
        """The operation behind a problem at ``path`` (``body[2].quote.text``), counted from 0."""
        for block_id, number in self.touched.items():
            prefix = next((p for p, item in self._paths() if item.get("id") == block_id), None)
            if prefix and path.startswith(prefix):
                return number
        return None

    def _insert(self, operation: dict[str, Any], number: int, path: str) -> None:
        item = self._new(operation["block"], path)
        siblings, index = self._target(operation, path)
        siblings.insert(index, item)
        self.touched[item["id"]] = number
        self.new_ids.append(item["id"])

    def _replace(self, operation: dict[str, Any], number: int, path: str) -> None:
        place = self._find(operation["id"], f"{path}.id")
        given = self._new(operation["block"], path)
        # The id stays: comments on the block stay with what stands in its place.
        place.siblings[place.index] = {**given, "id": operation["id"]}
        self.touched[operation["id"]] = number

    def _set(self, operation: dict[str, Any], number: int, path: str) -> None:
        place = self._find(operation["id"], f"{path}.id")
        item = place.siblings[place.index]
        steps = [step for step in str(operation["path"]).split(".") if step]
        if not steps:
            item["value"] = operation["value"]
        else:
            _assign(item["value"], steps, operation["value"], f"{path}.path")
        self.touched[operation["id"]] = number

    def _move(self, operation: dict[str, Any], number: int, path: str) -> None:
        place = self._find(operation["id"], f"{path}.id")
        item = place.siblings.pop(place.index)
        after = operation.get("after")
        if after is None:
            place.siblings.insert(0, item)
        else:
            # Looked up after the removal: a block cannot stand behind a part of itself.
            target = self._find(after, f"{path}.after")
            target.siblings.insert(target.index + 1, item)
        self.touched[operation["id"]] = number

    def _remove(self, operation: dict[str, Any], number: int, path: str) -> None:
        place = self._find(operation["id"], f"{path}.id")
        del place.siblings[place.index]

    def _target(self, operation: dict[str, Any], path: str) -> tuple[list[Any], int]:
        if operation.get("after") is not None:
            place = self._find(operation["after"], f"{path}.after")
            return place.siblings, place.index + 1
        if operation.get("into") is None:
            return self.value, 0
        holder, _, name = str(operation["into"]).partition(".")
        place = self._find(holder, f"{path}.into")
        inner = place.siblings[place.index]["value"]
        for step in filter(None, name.split(".")):
            inner = inner.setdefault(step, []) if isinstance(inner, dict) else None
        if not isinstance(inner, list):
            raise Invalid([(f"{path}.into", "names no list of blocks; use “id.child”")])
        return inner, 0

    def _find(self, block_id: Any, path: str) -> Place:
        if isinstance(block_id, str):
            for place in _places(self.block, self.value):
                if place.siblings[place.index].get("id") == block_id:
                    return place
        raise Invalid([(path, "no block with this id; call get_page_content for the ids")])

    def _new(self, given: Any, path: str) -> dict[str, Any]:
        if not isinstance(given, dict) or "value" not in given:
            raise Invalid([(f"{path}.block", 'expected {"type", "value"}')])
        return {**{key: given[key] for key in given if key != "id"}, "id": str(uuid4())}

    def _check(self, operation: Any, path: str) -> None:
        name = operation.get("op") if isinstance(operation, dict) else None
        if not isinstance(name, str) or name not in KEYS:
            raise Invalid([(f"{path}.op", f"unknown (allowed: {', '.join(KEYS)})")])
        needed, optional = KEYS[name]
        missing = needed - set(operation)
        unknown = set(operation) - needed - optional - {"op"}
        problems = [(f"{path}.{key}", "required") for key in sorted(missing)]
        allowed = ", ".join(sorted(needed | optional))
        problems += [(f"{path}.{key}", f"unknown (allowed: {allowed})") for key in sorted(unknown)]
        if problems:
            raise Invalid(problems)

    def _paths(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield from _item_paths(self.block, self.value, "")


def _places(block: blocks.Block, value: Any) -> Iterator[Place]:
    """Every block with an id, outer ones before those inside them."""
    for child, item, index, siblings in _items(block, value):
        yield Place(siblings, index, block)
        yield from _places(child, item["value"])
    if isinstance(block, BaseStructBlock) and isinstance(value, dict):
        for name, child in block.child_blocks.items():
            yield from _places(child, value.get(name))


def _items(
    block: blocks.Block, value: Any
) -> Iterator[tuple[blocks.Block, dict[str, Any], int, list[Any]]]:
    if not isinstance(value, list):
        return
    for index, item in enumerate(value):
        # An operation before this one may have set anything.
        if not isinstance(item, dict) or "value" not in item:
            continue
        if isinstance(block, ListBlock):
            yield block.child_block, item, index, value
        elif isinstance(block, BaseStreamBlock):
            child = block.child_blocks.get(str(item.get("type")))
            if child is not None:
                yield child, item, index, value


def _item_paths(block: blocks.Block, value: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """``([2].quote, block)``, inner ones first: the innermost block names a problem best."""
    for child, item, index, _ in _items(block, value):
        name = f".{item['type']}" if isinstance(block, BaseStreamBlock) else ""
        yield from _item_paths(child, item["value"], f"{path}[{index}]{name}")
    if isinstance(block, BaseStructBlock) and isinstance(value, dict):
        for key, child in block.child_blocks.items():
            yield from _item_paths(child, value.get(key), f"{path}.{key}")
    if isinstance(value, list):
        # Blocks of an unknown type too: that is a problem that wants its operation named.
        yield from (
            (f"{path}[{index}]", item) for index, item in enumerate(value) if isinstance(item, dict)
        )


def _assign(value: Any, steps: list[str], new: Any, path: str) -> None:
    for step in steps[:-1]:
        value = _step(value, step, path)
    last = steps[-1]
    if isinstance(value, dict):
        value[last] = new
    elif isinstance(value, list) and (index := _index(last, value)) is not None:
        item = value[index]
        value[index] = {**item, "value": new} if _is_item(item) else new
    else:
        raise Invalid([(path, f"there is no {last[:40]!r} to set")])


def _step(value: Any, step: str, path: str) -> Any:
    if isinstance(value, dict) and step in value:
        return value[step]
    if isinstance(value, list) and (index := _index(step, value)) is not None:
        item = value[index]
        return item["value"] if _is_item(item) else item
    raise Invalid([(path, f"there is no {step[:40]!r} on the way")])


def _index(step: str, value: list[Any]) -> int | None:
    # Python turns at most 4,300 digits into a number.
    index = int(step) if step.isdecimal() and len(step) < 9 else len(value)
    return index if index < len(value) else None


def _is_item(item: Any) -> bool:
    return isinstance(item, dict) and "value" in item and ("id" in item or "type" in item)
