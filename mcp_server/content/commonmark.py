"""CommonMark → Wagtail's database HTML, by markdown-it.

Wagtail's own importer reads a dialect: reference links, titles and line breaks are lost in it,
and one long paragraph of brackets keeps it busy for minutes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.utils.html import escape
from markdown_it import MarkdownIt
from markdown_it.token import Token
from wagtail.images.formats import get_image_formats

SCHEMES = frozenset({"", "http", "https", "mailto", "tel", "ftp", "wagtail"})
MAX_PARAGRAPH = 20_000
MAX_MARKS = 2_000
_MARKS = "[]*_`!<"
_TAGS = {"strong": "b", "em": "i", "s": "s"}
_PLAIN_HTML = frozenset({"<sup>", "</sup>", "<sub>", "</sub>"})


class MarkdownError(ValueError):
    """Markdown that cannot be taken; the message is for whoever wrote it."""


@cache
def parser() -> MarkdownIt:
    """CommonMark with tables and strikethrough; it keeps nothing of what it parses."""
    made = MarkdownIt("commonmark", {"maxNesting": 60}).enable(["strikethrough", "table"])
    # Which addresses are allowed is decided below, with a word to the caller.
    made.validateLink = lambda url: True  # type: ignore[method-assign]
    # It puts its rules together at the first text, where two threads would see half of them.
    made.parse("_")
    return made


def lines_of(text: str) -> list[str]:
    """The lines that the parser counts; ``splitlines()`` would end some at U+2028 and others."""
    return re.split(r"\r\n?|\n", text)


def plain(text: str) -> str:
    """The words of a Markdown text without its marks, line by line."""
    lines = []
    for token in parser().parse(text):
        if token.type == "inline":
            lines.append("".join(_words(token.children or [])))
        elif token.type in ("fence", "code_block", "html_block"):
            lines.append(token.content.strip())
    return "\n".join(lines)


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif token.children:
            yield from _words(token.children)
        else:
            yield token.content


@dataclass
class Rendering:
    """The HTML of a Markdown text, and what could not be kept."""

    html: str = ""
    warnings: list[str] = field(default_factory=list)
    _closing: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, text: str) -> "Rendering":
        """Render a text; raises MarkdownError."""
        check_markup(text)
        rendering = cls()
        rendering._blocks(parser().parse(text))
        return rendering

    def warn(self, sentence: str) -> None:
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def _blocks(self, tokens: Sequence[Token]) -> None:
        inside: list[str] = []
        cells: list[str] = []
        for token in tokens:
            kind = token.type
            if kind == "inline":
                content = self._inline(token.children or [])
                if cells or "table" in inside:
                    cells.append(content)
                else:
                    self.html += content
            elif kind in ("table_open", "table_close"):
                self._table(kind, inside)
            elif kind == "tr_close":
                self.html += " | ".join(cells) + "<br/>"
                cells.clear()
            elif kind in ("fence", "code_block"):
                self._code(token)
            elif kind == "html_block":
                self.html += f"<p>{escape(token.content.strip())}</p>"
            elif kind == "hr":
                self.html += "<hr/>"
            elif not inside or inside[-1] != "table":
                self._element(token, inside)

    def _element(self, token: Token, inside: list[str]) -> None:
        # Wagtail's list items and quotes hold text, not paragraphs.
        if token.tag == "p" and inside and inside[-1] in ("li", "blockquote"):
            if token.nesting == 1 and not self.html.endswith(("<li>", "<blockquote>")):
                self.html += "<br/>"
            return
        if token.nesting == 1:
            inside.append(token.tag)
            if token.tag == "ol" and token.attrGet("start") not in (None, 1):
                self.warn("a numbered list starts at 1 here, whatever its first number")
            self.html += f"<{token.tag}>"
        elif token.nesting == -1:
            inside.pop()
            # A space keeps words apart where a field allows no lists and unwraps them.
            self.html += f"</{token.tag}>" + (" " if token.tag == "li" else "")

    def _table(self, kind: str, inside: list[str]) -> None:
        if kind == "table_open":
            inside.append("table")
            self.html += "<p>"
            self.warn("a table became lines of text: rich text has no tables")
        else:
            inside.pop()
            self.html = self.html.removesuffix("<br/>") + "</p>"

    def _code(self, token: Token) -> None:
        lines = escape(token.content.rstrip("\n")).split("\n")
        self.html += f"<p><code>{'<br/>'.join(lines)}</code></p>"

    def _inline(self, tokens: Sequence[Token]) -> str:
        return "".join(self._span(token) for token in tokens)

    def _span(self, token: Token) -> str:
        kind = token.type
        if kind == "text":
            return escape(token.content)
        if kind == "softbreak":
            return " "
        if kind == "hardbreak":
            return "<br/>"
        if kind == "code_inline":
            return f"<code>{escape(token.content)}</code>"
        if kind == "html_inline":
            return token.content if token.content in _PLAIN_HTML else escape(token.content)
        if kind == "image":
            return self._image(token)
        if kind in ("link_open", "link_close"):
            return self._link(token)
        tag = _TAGS.get(token.tag, token.tag)
        return f"<{tag}>" if token.nesting == 1 else f"</{tag}>"

    def _link(self, token: Token) -> str:
        if token.type == "link_close":
            return self._closing.pop()
        address = str(token.attrGet("href") or "")
        parts = _split(address)
        if parts is None or parts.scheme.lower() not in SCHEMES:
            self.warn(f"the link to {address[:40]!r} was removed: such addresses are not allowed")
            self._closing.append("")
            return ""
        self._closing.append("</a>")
        if token.attrGet("title"):
            self.warn("link titles are not kept")
        if parts.scheme != "wagtail":
            return f'<a href="{escape(address)}">'
        if parts.fragment:
            self.warn(f"“#{parts.fragment[:40]}” was dropped: links to pages carry no fragment")
        return f'<a linktype="{escape(parts.netloc)}" id="{_number(address)}">'

    def _image(self, token: Token) -> str:
        address = str(token.attrGet("src") or "")
        alt = "".join(child.content for child in token.children or [])
        parts = _split(address)
        if parts is not None and parts.scheme == "wagtail" and parts.netloc == "image":
            given = dict(parse_qsl(parts.query)).get("format")
            name = given or _first_format()
            number = _number(address)
            return (
                f'<embed embedtype="image" id="{number}" format="{escape(name)}" '
                f'alt="{escape(alt)}"/>'
            )
        if parts is not None and parts.scheme == "wagtail" and parts.netloc == "media":
            url = dict(parse_qsl(parts.query)).get("url", "")
            return f'<embed embedtype="media" url="{escape(url)}"/>'
        self.warn(
            f"the picture at {address[:60]!r} was left out: upload it first and use "
            "wagtail://image?id=… on a line of its own"
        )
        return escape(alt)


def check_markup(text: str) -> None:
    """Refuse what no person writes and what would take long to read."""
    for paragraph in re.split(r"\n\s*\n", text):
        marks = sum(paragraph.count(mark) for mark in _MARKS)
        if len(paragraph) > MAX_PARAGRAPH or marks > MAX_MARKS:
            raise MarkdownError(
                f"one paragraph is too long or has too much markup (allowed: {MAX_PARAGRAPH} "
                f"characters, {MAX_MARKS} of {_MARKS}); use several paragraphs"
            )


def _number(address: str) -> int:
    parts = urlsplit(address)
    number = dict(parse_qsl(parts.query)).get("id", "")
    if not number.isdecimal() or len(number) > 18:
        raise MarkdownError(f"wagtail://{parts.netloc[:20]} needs an id, as in ?id=3")
    return int(number)


def _split(address: str) -> Any:
    try:
        return urlsplit("".join(unquote(address).split()) if ":" not in address else address)
    except ValueError:
        return None


def _first_format() -> str:
    formats = get_image_formats()
    return formats[0].name if formats else ""
