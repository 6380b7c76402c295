"""Markdown → the blocks that a StreamField has for headings, paragraphs, images and quotes."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlsplit

from markdown_it.token import Token
from wagtail import blocks
from wagtail.blocks.stream_block import BaseStreamBlock
from wagtail.blocks.struct_block import BaseStructBlock
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.images.blocks import ImageBlock, ImageChooserBlock

from mcp_server.conf import mcp_settings

from .commonmark import lines_of, plain
from .markdown_parts import IMAGE, elements

Value = dict[str, Any]
_ATTRIBUTION = re.compile(r"^\s*(?:--|---|–|—|―)\s*(.+)$")
_NAMES = {
    "heading": ("heading", "title", "subheading"),
    "paragraph": ("paragraph", "rich_text", "richtext", "text", "body", "content"),
    "image": ("image", "picture", "figure", "photo"),
    "quote": ("quote", "blockquote", "pullquote", "pull_quote"),
    "table": ("table",),
    "code": ("code", "code_block"),
}


@dataclass(frozen=True)
class Mapping:
    """Which block type of one stream takes which element of Markdown."""

    stream: BaseStreamBlock

    @cached_property
    def types(self) -> dict[str, str]:
        """``{"heading": "heading", "paragraph": "text", …}``: the setting first, then by shape."""
        found = {}
        for element, names in _NAMES.items():
            chosen = mcp_settings().MARKDOWN_BLOCKS.get(element)
            candidates = [chosen] if chosen else [*names, *self.stream.child_blocks]
            for name in candidates:
                child = self.stream.child_blocks.get(name)
                named = bool(chosen) or name in names
                if child is not None and _suits(element, child, named=named):
                    found[element] = name
                    break
        return found

    def block(self, element: str) -> blocks.Block | None:
        name = self.types.get(element)
        return self.stream.child_blocks[name] if name else None


def to_blocks(text: str, stream: BaseStreamBlock, path: str, warnings: list[str]) -> list[Value]:
    """Blocks for a Markdown text, in the form in which a model would send them.

    What the stream has no block for becomes rich text; where it has no rich text either, the
    text is left out with a warning.
    """
    mapping = Mapping(stream)
    result: list[Value] = []
    pending: list[str] = []

    def flush() -> None:
        if pending:
            result.extend(_paragraph(mapping, "\n\n".join(pending), path, warnings))
            pending.clear()

    for element, source, token in elements(text):
        value = _value(mapping, element, source, token)
        if value is None:
            pending.append(source)
        else:
            flush()
            result.append({"type": mapping.types[element], "value": value})
    flush()
    return result


def _value(mapping: Mapping, element: str, source: str, token: Token) -> Any:
    block = mapping.block(element)
    if block is None or element == "paragraph":
        return None
    if element == "heading":
        return _heading(block, source, token)
    if element == "image":
        return _image(block, source)
    if element == "quote":
        return _quote(block, source)
    if element == "table":
        return _table(source)
    if element == "code":
        return _texts(block, token.content.rstrip("\n"), {"language": token.info.strip()})
    return None


def _paragraph(mapping: Mapping, text: str, path: str, warnings: list[str]) -> list[Value]:
    block = mapping.block("paragraph")
    if block is None:
        snippet = " ".join(text.split())[:60]
        warnings.append(f"{path}: no block takes this text, it was left out: “{snippet}…”")
        return []
    if isinstance(block, BaseStructBlock):
        name = next(
            key for key, child in block.child_blocks.items()
            if isinstance(child, blocks.RichTextBlock)
        )  # fmt: skip
        return [{"type": mapping.types["paragraph"], "value": {name: text}}]
    return [{"type": mapping.types["paragraph"], "value": text}]


def _heading(block: blocks.Block, source: str, token: Token) -> Any:
    if token.markup in ("=", "-"):
        # Underlined: all the lines above the last are the heading.
        text = " ".join(line.strip() for line in lines_of(source)[:-1])
    else:
        text = re.sub(r"^#{1,6}\s+|\s+#+\s*$", "", lines_of(source)[0])
    return _texts(block, plain(text.strip()), _level(block, int(token.tag[1:])))


def _level(block: blocks.Block, depth: int) -> dict[str, Any]:
    """The choice of a heading's level that is nearest to the Markdown one."""
    children = getattr(block, "child_blocks", {})
    for name, child in children.items():
        if isinstance(child, blocks.ChoiceBlock):
            values = [str(value) for value, _ in child.field.choices if value not in (None, "")]
            digits = {
                int(match[0]): value for value in values if (match := re.search(r"\d", value))
            }
            if digits:
                return {name: digits[min(digits, key=lambda number: abs(number - depth))]}
    return {}


def _image(block: blocks.Block, source: str) -> Any:
    match = IMAGE.match(source)
    number = parse_qs(urlsplit(match[2]).query).get("id", [""])[0] if match else ""
    if match is None or not number.isdecimal():
        return None
    return _image_value(block, int(number), match[1].strip())


def _image_value(block: blocks.Block, number: int, alt: str) -> Any:
    if isinstance(block, ImageBlock):
        return {"image": number, "alt_text": alt, "decorative": not alt}
    if isinstance(block, ImageChooserBlock):
        return number
    children = block.child_blocks
    name, chooser = next((key, child) for key, child in children.items() if _is_image(child))
    value = {name: _image_value(chooser, number, alt)}
    captions = [key for key in ("alt_text", "alt", "caption") if key in children]
    return {**value, captions[0]: alt} if captions and alt else value


def _quote(block: blocks.Block, source: str) -> Any:
    lines = [re.sub(r"^\s*>\s?", "", line) for line in lines_of(source)]
    attribution = _ATTRIBUTION.match(lines[-1]) if len(lines) > 1 else None
    text = "\n".join(lines[:-1] if attribution else lines).strip()
    children = getattr(block, "child_blocks", {})
    names = [key for key in ("attribution", "author", "cite", "source", "name") if key in children]
    if attribution and not names:
        text = "\n".join(lines).strip()
    extra = {names[0]: attribution[1].strip()} if attribution and names else {}
    return _texts(block, text, extra)


def _table(source: str) -> Any:
    rows = [
        [
            cell.strip().replace(r"\|", "|")
            for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))
        ]
        for line in lines_of(source)
    ]
    return {"data": [rows[0], *rows[2:]], "table_header_choice": "row"}


def _texts(block: blocks.Block, text: str, extra: dict[str, Any]) -> Any:
    """``text`` as the block's value: itself, or the first text child with ``extra`` beside it."""
    children = getattr(block, "child_blocks", None)
    if children is None:
        return text if isinstance(block, blocks.RichTextBlock) else plain(text)
    known = {key: value for key, value in extra.items() if key in children and value}
    name = next(key for key, child in children.items() if _is_text(child) and key not in known)
    return {
        name: text if isinstance(children[name], blocks.RichTextBlock) else plain(text),
        **known,
    }


def _is_text(block: blocks.Block) -> bool:
    return isinstance(block, blocks.CharBlock | blocks.TextBlock | blocks.RichTextBlock)


def _is_image(block: blocks.Block) -> bool:
    return isinstance(block, ImageBlock | ImageChooserBlock)


def _suits(element: str, block: blocks.Block, *, named: bool) -> bool:
    """Whether ``block`` can hold ``element``; a block not named after it must be of its type."""
    children = list(getattr(block, "child_blocks", {}).values())
    if element == "paragraph":
        rich = [child for child in children if isinstance(child, blocks.RichTextBlock)]
        return isinstance(block, blocks.RichTextBlock) or (named and len(rich) == 1)
    if element == "image":
        return _is_image(block) or (named and sum(map(_is_image, children)) == 1)
    if element == "quote":
        return isinstance(block, blocks.BlockQuoteBlock) or (named and _holds_text(block, children))
    if element == "table":
        return isinstance(block, TableBlock)
    return named and _holds_text(block, children)


def _holds_text(block: blocks.Block, children: list[blocks.Block]) -> bool:
    return _is_text(block) or any(map(_is_text, children))
