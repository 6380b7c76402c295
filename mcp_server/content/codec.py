"""StreamField values as models read them: stored JSON with rich text as Markdown."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid5

from django.db.models import Model
from wagtail import blocks
from wagtail.blocks.list_block import ListBlock
from wagtail.blocks.stream_block import BaseStreamBlock
from wagtail.blocks.struct_block import BaseStructBlock
from wagtail.contrib.typed_table_block.blocks import BaseTypedTableBlock
from wagtail.images.blocks import ImageBlock

from .references import model_of, rich_text_references
from .rich_text import features_of, to_markdown

_NAMESPACE = UUID("0f4f1a51-6a0e-4a55-9f5b-6d8f5c1f8a11")
Reference = tuple[str, type[Model], str]


def encode(block: blocks.Block, raw: Any) -> Any:
    """Stored JSON → what a model reads; ``decode`` gives the same stored JSON back."""
    if isinstance(block, BaseStreamBlock):
        return [
            _encode_child(block, item) for item in raw or [] if item["type"] in block.child_blocks
        ]
    if isinstance(block, ListBlock):
        return [_encode_item(block, item) for item in raw or []]
    if isinstance(block, BaseStructBlock):
        return _encode_struct(block, raw)
    if isinstance(block, blocks.RichTextBlock):
        return to_markdown(raw or "", features_of(block.features))
    if isinstance(block, BaseTypedTableBlock):
        return _encode_table(block, raw)
    return raw


def is_list_item(value: Any) -> bool:
    """Whether a list entry has Wagtail's stored form ``{"type": "item", "value", "id"}``."""
    return isinstance(value, dict) and value.get("type") == "item" and "value" in value


def references(block: blocks.Block, raw: Any, path: str = "") -> Iterator[Reference]:
    """Every ``(path, model, key)`` that a stored value points at."""
    if raw in (None, "", [], {}):
        return
    if isinstance(block, blocks.RichTextBlock):
        yield from html_references(raw, path)
    elif isinstance(block, blocks.ChooserBlock):
        yield path, block.model_class, str(raw)
    else:
        for child, value, child_path in _children(block, raw, path):
            yield from references(child, value, child_path)


def stored_stream(block: BaseStreamBlock, value: Any) -> list[Any]:
    """The stored JSON of a StreamField's value, every block with an id.

    Blocks from before Wagtail gave ids (or from a script) get one that follows from what they
    are, so that they have the same one whenever they are read.
    """
    if not value:
        return []
    raw = getattr(value, "raw_data", None)
    items = list(raw) if raw is not None else block.get_prep_value(value)
    return [_with_id(block, item, f".{index}") for index, item in enumerate(items)]


def _with_ids(block: blocks.Block, raw: Any, path: str) -> Any:
    if isinstance(block, BaseStreamBlock):
        return [_with_id(block, item, f"{path}.{index}") for index, item in enumerate(raw or [])]
    if isinstance(block, ListBlock):
        return [
            _item_with_id(block, item, f"{path}.{index}")
            if is_list_item(item)
            else _with_ids(block.child_block, item, f"{path}.{index}")
            for index, item in enumerate(raw or [])
        ]
    if isinstance(block, BaseStructBlock) and isinstance(raw, dict):
        children = block.child_blocks
        return {
            name: _with_ids(children[name], value, f"{path}.{name}") if name in children else value
            for name, value in raw.items()
        }
    return raw


def _with_id(block: BaseStreamBlock, item: dict[str, Any], path: str) -> dict[str, Any]:
    child = block.child_blocks.get(item["type"])
    value = _with_ids(child, item["value"], path) if child is not None else item["value"]
    return {"type": item["type"], "value": value, "id": item.get("id") or _made_id(path, value)}


def _item_with_id(block: ListBlock, item: dict[str, Any], path: str) -> dict[str, Any]:
    # Without one, Wagtail would take the whole entry for its value, and find nothing in it.
    value = _with_ids(block.child_block, item["value"], path)
    return {**item, "value": value, "id": item.get("id") or _made_id(path, value)}


def _made_id(path: str, value: Any) -> str:
    return str(uuid5(_NAMESPACE, f"{path}{json.dumps(value, default=str)}"))


def blocks_by_id(block: blocks.Block, raw: Any) -> dict[str, tuple[blocks.Block, Any]]:
    """``{id: (its block, its stored value)}`` of a StreamField, nested blocks included."""
    found = {}
    if isinstance(block, BaseStreamBlock):
        known = block.child_blocks
        found = {
            item["id"]: (known[item["type"]], item["value"])
            for item in raw or []
            if item.get("id") and item["type"] in known
        }
    if raw not in (None, "", [], {}):
        for child, value, _ in _children(block, raw, ""):
            found.update(blocks_by_id(child, value))
    return found


def _children(block: blocks.Block, raw: Any, path: str) -> Iterator[tuple[blocks.Block, Any, str]]:
    if isinstance(block, BaseStreamBlock):
        for index, item in enumerate(raw):
            if child := block.child_blocks.get(item["type"]):
                yield child, item["value"], f"{path}[{index}].{item['type']}"
    elif isinstance(block, ListBlock):
        for index, item in enumerate(raw):
            value = item["value"] if is_list_item(item) else item
            yield block.child_block, value, f"{path}[{index}]"
    elif isinstance(block, BaseTypedTableBlock):
        yield from ((child, cell, path) for child, cell in table_cells(block, raw))
    elif isinstance(block, BaseStructBlock):
        values = raw if isinstance(raw, dict) else {"image": raw}
        for name, child in block.child_blocks.items():
            yield child, values.get(name), f"{path}.{name}"


def html_references(html: str, path: str = "") -> Iterator[Reference]:
    """Every ``(path, model, key)`` that database rich text points at."""
    for kind, ids in rich_text_references(html).items():
        model = model_of(kind)
        if model is not None:
            yield from ((path, model, str(pk)) for pk in sorted(ids))


def table_cells(block: BaseTypedTableBlock, raw: Any) -> Iterator[tuple[blocks.Block, Any]]:
    """The cells of a stored typed table, each with the block of its column."""
    columns = [block.child_blocks.get(column["type"]) for column in raw.get("columns", [])]
    for row in raw.get("rows", []):
        for child, cell in zip(columns, row["values"], strict=False):
            if child is not None:
                yield child, cell


def _encode_child(block: BaseStreamBlock, item: dict[str, Any]) -> dict[str, Any]:
    value = encode(block.child_blocks[item["type"]], item["value"])
    return {"type": item["type"], "value": value, "id": item.get("id")}


def _encode_item(block: ListBlock, item: Any) -> Any:
    if is_list_item(item):
        return {"value": encode(block.child_block, item["value"]), "id": item.get("id")}
    return {"value": encode(block.child_block, item)}


def _encode_struct(block: BaseStructBlock, raw: Any) -> Any:
    if isinstance(block, ImageBlock) and not isinstance(raw, dict):
        raw = {"image": raw}
    raw = raw or {}
    return {
        name: encode(child, raw[name])
        for name, child in block.child_blocks.items()
        if name in raw and raw[name] not in (None, "")
    }


def _encode_table(block: BaseTypedTableBlock, raw: Any) -> Any:
    if not raw:
        return None
    children = [block.child_blocks.get(column["type"]) for column in raw["columns"]]
    rows = [
        [
            encode(child, cell) if child is not None else cell
            for child, cell in zip(children, row["values"], strict=False)
        ]
        for row in raw["rows"]
    ]
    caption = {"caption": raw["caption"]} if raw.get("caption") else {}
    return {"columns": raw["columns"], "rows": rows, **caption}
