"""A Markdown text taken apart: headings, paragraphs, pictures, quotes, tables, code."""

import re

from markdown_it.token import Token

from .commonmark import check_markup, lines_of, parser

IMAGE = re.compile(r"!\[([^\]]*)\]\(\s*<?(wagtail://image\?[^)\s>]+)>?[^)]*\)")
_IMAGE_LINE = re.compile(rf"^(?:{IMAGE.pattern}\s*)+$")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]]+\]:\s*\S+")
_OPENERS = {"heading_open": "heading", "blockquote_open": "quote", "table_open": "table",
            "fence": "code", "code_block": "code"}  # fmt: skip


def elements(text: str) -> list[tuple[str, str, Token]]:
    """``(element, its source, its first token)`` of the top level of a Markdown text."""
    check_markup(text)
    lines = lines_of(text)
    found = []
    for token in parser().parse(text):
        if token.level != 0 or token.nesting < 0 or token.map is None:
            continue
        element = _OPENERS.get(token.type, "paragraph")
        source = lines[token.map[0] : token.map[1]]
        found += [(kind, part, token) for kind, part in _parts(element, source) if part]
    definitions = [line for line in lines if _DEFINITION.match(line)]
    return [(kind, _with(part, definitions), token) for kind, part, token in found]


def _parts(element: str, source: list[str]) -> list[tuple[str, str]]:
    """A paragraph taken apart at lines that hold only pictures of the library."""
    if element != "paragraph" or not any(_IMAGE_LINE.match(line.strip()) for line in source):
        return [(element, "\n".join(source).strip())]
    parts: list[tuple[str, str]] = []
    for line in source:
        if _IMAGE_LINE.match(line.strip()):
            parts += [("image", match[0]) for match in IMAGE.finditer(line)]
        elif parts and parts[-1][0] == "paragraph":
            parts[-1] = ("paragraph", f"{parts[-1][1]}\n{line}")
        else:
            parts.append(("paragraph", line))
    return [(kind, part.strip()) for kind, part in parts]


def _with(part: str, definitions: list[str]) -> str:
    # A reference link works in any block, wherever in the text its address stands.
    return "\n\n".join([part, *definitions]) if definitions and "][" in part else part
