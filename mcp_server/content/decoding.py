"""What a model sends for a StreamField → the JSON that Wagtail stores.

Untouched blocks keep their stored form to the letter, so ids, comments and comparisons survive.
"""

from typing import Any

from wagtail import blocks
from wagtail.blocks.list_block import ListBlock
from wagtail.blocks.stream_block import BaseStreamBlock
from wagtail.blocks.struct_block import BaseStructBlock
from wagtail.contrib.typed_table_block.blocks import BaseTypedTableBlock
from wagtail.images.blocks import ImageBlock

from .codec import encode, is_list_item
from .commonmark import MarkdownError
from .leaves import Notes, as_json, leaf, plain_text, quoted, rich_text
from .markdown import to_blocks
from .rich_text import features_of

# Where nothing stands yet; None is a value that a block can hold.
ABSENT: Any = object()


def decode(block: blocks.Block, given: Any, path: str, notes: Notes, stored: Any = ABSENT) -> Any:
    """Stored JSON for ``given``; ``stored`` is what stands at the same place now, or ABSENT."""
    if stored is not ABSENT and given == encode(block, stored):
        notes.untouched.add(path)
        return stored
    stored = None if stored is ABSENT else stored
    if isinstance(block, BaseStreamBlock):
        return _stream(block, given, path, notes)
    if isinstance(block, ListBlock):
        return _list(block, given, path, notes, stored)
    if isinstance(block, BaseTypedTableBlock):
        return _typed_table(block, given, path, notes)
    if isinstance(block, BaseStructBlock):
        return _struct(block, given, path, notes, stored)
    if isinstance(block, blocks.RichTextBlock):
        return rich_text(given, features_of(block.features), path, notes, stored or "")
    return leaf(block, given, path, notes)


def _stream(block: BaseStreamBlock, given: Any, path: str, notes: Notes) -> list[dict[str, Any]]:
    if isinstance(given, str):
        try:
            given = to_blocks(plain_text(given, path, notes) or "", block, path, notes.warnings)
        except MarkdownError as error:
            notes.refuse(path, f"not usable as Markdown: {error}")
            return []
    if given is None:
        return []
    if not isinstance(given, list):
        notes.refuse(path, 'expected Markdown text or a list of {"type", "value"} blocks')
        return []
    children = (
        _stream_child(block, item, f"{path}[{index}]", notes) for index, item in enumerate(given)
    )
    return [child for child in children if child is not None]


def _stream_child(
    block: BaseStreamBlock, item: Any, path: str, notes: Notes
) -> dict[str, Any] | None:
    if not isinstance(item, dict) or "type" not in item:
        notes.refuse(path, 'expected a block {"type", "value"}', block.child_blocks)
        return None
    name = item["type"]
    if not isinstance(name, str) or name not in block.child_blocks:
        notes.refuse(path, f"no block type {quoted(name)} here", block.child_blocks)
        return None
    extra = sorted(set(item) - {"type", "value", "id"})
    if extra:
        notes.refuse(path, f"unknown key {quoted(extra[0])}", ("type", "value", "id"))
        return None
    block_id, (known, stored) = _identity(item, path, notes)
    child = block.child_blocks[name]
    # A block of the same name may have other rules elsewhere; then it is taken as new text.
    stored = stored if known is not None and known == child else ABSENT
    value = decode(child, item.get("value"), f"{path}.{name}", notes, stored)
    return {"type": name, "value": value, **({"id": block_id} if block_id else {})}


def _identity(
    item: dict[str, Any], path: str, notes: Notes
) -> tuple[str | None, tuple[blocks.Block | None, Any]]:
    """The block's id, and what is stored under it anywhere in the field: blocks may move."""
    block_id = item.get("id")
    if not block_id:
        return None, (None, None)
    if not isinstance(block_id, str):
        notes.refuse(f"{path}.id", "expected text")
        return None, (None, None)
    now = notes.pool.get(block_id, (None, None))
    if now[0] is None and block_id not in notes.new_ids:
        notes.refuse(f"{path}.id", "no block with this id in the page; leave it out for a new one")
    if block_id in notes.used_ids:
        # The same id twice (a block that the model copied) would confuse comments and diffs.
        return None, now
    notes.used_ids.add(block_id)
    return block_id, now


def _list(block: ListBlock, given: Any, path: str, notes: Notes, stored: Any) -> list[Any]:
    if given is None:
        return []
    if not isinstance(given, list):
        notes.refuse(path, "expected a list")
        return []
    known = {
        item["id"]: item["value"] for item in stored or [] if is_list_item(item) and item.get("id")
    }
    result = []
    for index, item in enumerate(given):
        key, value = _unwrap(block, item, {*known, *notes.new_ids})
        now = known.pop(key, ABSENT) if key else ABSENT
        raw = decode(block.child_block, value, f"{path}[{index}]", notes, now)
        result.append({"type": "item", "value": raw, "id": key} if key else raw)
    return result


def _unwrap(block: ListBlock, item: Any, known: set[str]) -> tuple[str | None, Any]:
    """``(id, value)`` of a list entry, which may be sent bare or as ``{"value", "id"}``."""
    if isinstance(item, dict) and "value" in item and set(item) <= {"type", "value", "id"}:
        own = getattr(block.child_block, "child_blocks", {})
        key = item["id"] if isinstance(item.get("id"), str) and item["id"] in known else None
        if "value" not in own or key:
            return key, item["value"]
    return None, item


def _struct(
    block: BaseStructBlock, given: Any, path: str, notes: Notes, stored: Any
) -> dict[str, Any]:
    if isinstance(block, ImageBlock) and isinstance(given, int) and not isinstance(given, bool):
        given = {"image": given}
    given = {} if given is None else given
    if not isinstance(given, dict):
        notes.refuse(path, "expected an object", block.child_blocks)
        return {}
    for name in sorted(set(given) - set(block.child_blocks)):
        notes.refuse(f"{path}.{name[:40]}", "unknown", block.child_blocks)
    now = stored if isinstance(stored, dict) else {}
    raw = {
        name: decode(child, given[name], f"{path}.{name}", notes, now.get(name, ABSENT))
        for name, child in block.child_blocks.items()
        if name in given
    }
    # Reading leaves empty children out; what is left out stays empty, whatever the default.
    raw |= {name: value for name, value in now.items() if name not in given and value in (None, "")}
    return _with_defaults(block, raw)


def _with_defaults(block: BaseStructBlock, raw: dict[str, Any]) -> dict[str, Any]:
    for name, child in block.child_blocks.items():
        if name not in raw:
            raw[name] = (
                []
                if isinstance(child, ListBlock)
                else as_json(child.get_prep_value(child.get_default()))
            )
    return raw


def _typed_table(block: BaseTypedTableBlock, given: Any, path: str, notes: Notes) -> Any:
    if given is None:
        return None
    if not isinstance(given, dict) or set(given) - {"columns", "rows", "caption"}:
        notes.refuse(path, "expected an object", ("columns", "rows", "caption"))
        return None
    columns = given.get("columns") or []
    children = []
    for index, column in enumerate(columns if isinstance(columns, list) else [None]):
        kind = column.get("type") if isinstance(column, dict) else None
        child = block.child_blocks.get(kind) if isinstance(kind, str) else None
        if child is None:
            notes.refuse(f"{path}.columns[{index}].type", "unknown", block.child_blocks)
            return None
        children.append(child)
    if not isinstance(given.get("rows", []), list):
        notes.refuse(f"{path}.rows", "expected a list of lists")
        return None
    rows = [
        {"values": _row(children, row, f"{path}.rows[{index}]", notes)}
        for index, row in enumerate(given.get("rows") or [])
    ]
    headed = [
        {"type": item["type"], "heading": plain_text(item.get("heading"), f"{path}.columns", notes)}
        for item in columns
    ]
    caption = plain_text(given.get("caption"), f"{path}.caption", notes)
    return {"columns": headed, "rows": rows, "caption": caption}


def _row(children: list[blocks.Block], row: Any, path: str, notes: Notes) -> list[Any]:
    if not isinstance(row, list) or len(row) != len(children):
        notes.refuse(path, f"expected a list of {len(children)} cells")
        return [None] * len(children)
    return [
        decode(child, cell, f"{path}[{index}]", notes)
        for index, (child, cell) in enumerate(zip(children, row, strict=True))
    ]
