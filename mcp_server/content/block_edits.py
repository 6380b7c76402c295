"""Edits of single blocks in any StreamField: insert, replace, set one value, move, remove.

The operations work on the field as models read it; what they do not touch is written back with
its id, and so keeps its stored form (see ``decoding``).
"""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from wagtail.blocks.stream_block import BaseStreamBlock

from mcp_server.errors import Invalid

from .block_places import Place, item_paths, list_inside, list_paths, places

KEYS = {
    "insert": ({"block"}, {"after", "into"}),
    "replace": ({"id", "block"}, set()),
    "set": ({"id", "path", "value"}, set()),
    "move": ({"id", "after"}, set()),
    "remove": ({"id"}, set()),
}
# Left out, it is no wish for the start: an assistant may have forgotten it.
_NEEDED = {"after": "needed; null for the start"}
MAX_OPERATIONS = 50


@dataclass
class BlockEdit:
    """A field's value with operations applied; remembers which operation touched which block."""

    block: BaseStreamBlock
    value: list[Any]
    before: list[Any]
    touched: dict[str, int] = field(default_factory=dict)
    lists: list[tuple[list[Any], int]] = field(default_factory=list)
    moved: set[str] = field(default_factory=set)
    new_ids: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, block: BaseStreamBlock, value: list[Any], operations: list[Any]) -> "BlockEdit":
        """Apply all operations in order; raises Invalid and changes nothing when one is wrong."""
        if not 0 < len(operations) <= MAX_OPERATIONS:
            raise Invalid([("operations", f"1 to {MAX_OPERATIONS} in one call")])
        edit = cls(block, deepcopy(value), value)
        for number, operation in enumerate(operations):
            path = f"operations[{number}]"
            edit._check(operation, path)
            getattr(edit, f"_{operation['op']}")(operation, number, path)
        return edit

    def operation_of(self, path: str) -> int | None:
        """The operation behind a problem at ``path`` (``[2].quote.text``), counted from 0."""
        found = [
            (len(prefix), self.touched[item["id"]])
            for prefix, item in _with_id(self.block, self.value)
            if item["id"] in self.touched and path.startswith(prefix)
        ]
        # Too few or too many blocks in a list: what was put into it or taken out of it last.
        where = {id(siblings): at for at, siblings in list_paths(self.block, self.value, "")}
        found += [
            (len(path), number)
            for siblings, number in self.lists
            if where.get(id(siblings)) == path
        ]
        return max(found)[1] if found else None

    def path_before(self, path: str) -> str:
        """``path`` as it was before the operations, as far as its blocks were there."""
        was = {item["id"]: prefix for prefix, item in _with_id(self.block, self.before)}
        for prefix, item in _with_id(self.block, self.value):
            key = item["id"]
            # A problem with the place itself is one of the new place.
            placed = path == prefix and key in self.moved
            if key in was and path.startswith(prefix) and not placed:
                return was[key] + path.removeprefix(prefix)
        return path

    def _insert(self, operation: dict[str, Any], number: int, path: str) -> None:
        item = self._new(operation["block"], path)
        siblings, index = self._target(operation, path)
        self._put(item, siblings, index, number)
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
        item = place.item
        steps = [step for step in str(operation["path"]).split(".") if step]
        if not steps:
            item["value"] = operation["value"]
        else:
            _assign(item["value"], steps, operation["value"], f"{path}.path")
        self.touched[operation["id"]] = number

    def _move(self, operation: dict[str, Any], number: int, path: str) -> None:
        place, after = self._find(operation["id"], f"{path}.id"), operation["after"]
        if after is not None and after in _ids_in(place):
            raise Invalid([(f"{path}.after", "a block cannot stand after itself or its own parts")])
        item = self._take(place, number)
        if after is None:
            self._put(item, place.siblings, 0, number)
        else:
            target = self._find(after, f"{path}.after")
            self._put(item, target.siblings, target.index + 1, number)
        self.touched[operation["id"]] = number
        self.moved.add(operation["id"])

    def _remove(self, operation: dict[str, Any], number: int, path: str) -> None:
        self._take(self._find(operation["id"], f"{path}.id"), number)

    def _put(self, item: Any, siblings: list[Any], index: int, number: int) -> None:
        siblings.insert(index, item)
        self.lists.append((siblings, number))

    def _take(self, place: Place, number: int) -> Any:
        self.lists.append((place.siblings, number))
        return place.siblings.pop(place.index)

    def _target(self, operation: dict[str, Any], path: str) -> tuple[list[Any], int]:
        if operation.get("after") is not None:
            place = self._find(operation["after"], f"{path}.after")
            return place.siblings, place.index + 1
        if operation.get("into") is None:
            return self.value, 0
        holder, _, name = str(operation["into"]).partition(".")
        place = self._find(holder, f"{path}.into")
        return list_inside(place, [step for step in name.split(".") if step], f"{path}.into"), 0

    def _find(self, block_id: Any, path: str) -> Place:
        if isinstance(block_id, str):
            for place in places(self.block, self.value):
                if place.item.get("id") == block_id:
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
        problems = [(f"{path}.{key}", _NEEDED.get(key, "required")) for key in sorted(missing)]
        if name == "insert" and None not in (operation.get("after"), operation.get("into")):
            problems.append((f"{path}.into", "given beside after: name one place"))
        if name == "insert" and "after" not in operation and operation.get("into") is None:
            problems.append((f"{path}.after", _NEEDED["after"]))
        allowed = ", ".join(sorted(needed | optional))
        problems += [(f"{path}.{key}", f"unknown (allowed: {allowed})") for key in sorted(unknown)]
        if problems:
            raise Invalid(problems)


def _with_id(block: BaseStreamBlock, value: Any) -> list[tuple[str, dict[str, Any]]]:
    # Values are any JSON: an id may be a list.
    return [found for found in item_paths(block, value, "") if isinstance(found[1].get("id"), str)]


def _ids_in(place: Place) -> list[Any]:
    """The ids of a block and of those inside it."""
    inner = (found.item.get("id") for found in places(place.block, place.item["value"]))
    return [place.item.get("id"), *inner]


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
