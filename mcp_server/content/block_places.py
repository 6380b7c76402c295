"""Where the blocks of a StreamField stand, in the form in which models read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wagtail import blocks
from wagtail.blocks.list_block import ListBlock
from wagtail.blocks.stream_block import BaseStreamBlock
from wagtail.blocks.struct_block import BaseStructBlock

from mcp_server.errors import Invalid


@dataclass(frozen=True)
class Place:
    """Where a block stands: the list that holds it, its index there, and what it is."""

    siblings: list[Any]
    index: int
    block: blocks.Block

    @property
    def item(self) -> Any:
        return self.siblings[self.index]


def places(block: blocks.Block, value: Any) -> Iterator[Place]:
    """Every block with an id, outer ones before those inside them."""
    for child, item, index, siblings in _items(block, value):
        yield Place(siblings, index, child)
        yield from places(child, item["value"])
    if isinstance(block, BaseStructBlock) and isinstance(value, dict):
        for name, child in block.child_blocks.items():
            yield from places(child, value.get(name))


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


def item_paths(block: blocks.Block, value: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """``([2], block)`` for every block, inner ones first."""
    for child, item, index, _ in _items(block, value):
        name = f".{item['type']}" if isinstance(block, BaseStreamBlock) else ""
        yield from item_paths(child, item["value"], f"{path}[{index}]{name}")
    if isinstance(block, BaseStructBlock) and isinstance(value, dict):
        for key, child in block.child_blocks.items():
            yield from item_paths(child, value.get(key), f"{path}.{key}")
    if isinstance(value, list):
        # Blocks of an unknown type too: that is a problem that wants its operation named.
        yield from (
            (f"{path}[{index}]", item) for index, item in enumerate(value) if isinstance(item, dict)
        )


def list_paths(block: blocks.Block, value: Any, path: str) -> Iterator[tuple[str, list[Any]]]:
    """``([2].two_columns.left, list)`` of every list that blocks stand in."""
    if isinstance(block, BaseStreamBlock | ListBlock) and isinstance(value, list):
        yield path, value
    for child, item, index, _ in _items(block, value):
        name = f".{item['type']}" if isinstance(block, BaseStreamBlock) else ""
        yield from list_paths(child, item["value"], f"{path}[{index}]{name}")
    if isinstance(block, BaseStructBlock) and isinstance(value, dict):
        for key, child in block.child_blocks.items():
            yield from list_paths(child, value.get(key), f"{path}.{key}")


def list_inside(place: Place, steps: list[str], path: str) -> list[Any]:
    """The list of blocks that ``steps`` lead to in a block; an empty one where none is yet."""
    block, value = place.block, place.item["value"]
    for step in steps:
        children = block.child_blocks if isinstance(block, BaseStructBlock) else {}
        if step not in children or not isinstance(value, dict):
            allowed = f"allowed: {', '.join(children)}" if children else "it has no named parts"
            raise Invalid([(path, f"no {step[:40]!r} to insert into ({allowed})")])
        block = children[step]
        value = value.setdefault(step, {} if isinstance(block, BaseStructBlock) else [])
    if not (isinstance(block, BaseStreamBlock | ListBlock) and isinstance(value, list)):
        raise Invalid([(path, "names no list of blocks; use “id.child”")])
    return value
