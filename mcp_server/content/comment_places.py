"""Where Wagtail's editor shows comments: on fields, and on the inputs inside blocks.

A comment that is stored anywhere else is there, but nobody ever sees it.
"""

import json
from collections.abc import Iterator
from typing import Any

from bs4 import BeautifulSoup
from wagtail import blocks
from wagtail.blocks.stream_block import BaseStreamBlock
from wagtail.blocks.struct_block import BaseStructBlock
from wagtail.models import Page
from wagtail.rich_text import RichText

from mcp_server.actor import Actor
from mcp_server.errors import Invalid

from .fields import form_fields, is_rich_text

Place = tuple[str, str]


def comment_place(actor: Actor, draft: Page, contentpath: str) -> Place:
    """``(contentpath, position)`` for the editor; of a block, its first input. Or Invalid."""
    name, *rest = contentpath.strip().split(".")
    fields = dict(form_fields(type(draft), actor.user))
    # Wagtail gives the rows of inline panels no comments.
    names = [key for key, field in fields.items() if not hasattr(field, "form")]
    if name not in names:
        raise Invalid([("contentpath", f"no such field (allowed: {', '.join(names)})")])
    stream = draft._meta.get_field(name)
    if hasattr(stream, "get_block_by_content_path"):
        bound = stream.get_block_by_content_path(getattr(draft, name), rest)
        found = _first_input(bound, ".".join([name, *rest])) if bound else None
    else:
        html = getattr(draft, name) if is_rich_text(fields[name]) else ""
        found = None if rest else (name, _highlight(html))
    if found is None:
        hint = f"{name}.<block id>[.<child>]; nothing inside lists and tables"
        raise Invalid([("contentpath", f"no place for comments in the newest draft ({hint})")])
    return found


def _first_input(bound: Any, path: str) -> Place | None:
    if isinstance(bound.block, blocks.FieldBlock):
        value = bound.value
        return path, _highlight(value.source if isinstance(value, RichText) else "")
    found = (_first_input(child, f"{path}.{key}") for key, child in _children(bound))
    return next((place for place in found if place is not None), None)


def _children(bound: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(bound.block, BaseStreamBlock):
        yield from ((child.id, child) for child in bound.value)
    elif isinstance(bound.block, BaseStructBlock):
        for name in bound.block.child_blocks:
            yield name, bound.block.get_block_by_content_path(bound.value, [name])


def _highlight(html: str | None) -> str:
    """The position of a comment on rich text: its first paragraph. "" for any other input."""
    if not html:
        return ""
    paragraph = BeautifulSoup(html, "html.parser").select_one("[data-block-key]")
    if paragraph is None:
        return "[]"
    # The editor counts in UTF-16 code units.
    end = len(paragraph.get_text().encode("utf-16-le")) // 2
    return json.dumps([{"key": str(paragraph["data-block-key"]), "start": 0, "end": end}])
