"""Any text as Markdown: converted or refused with a sentence, stable, and nothing executable."""

import json
import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import assume, given
from hypothesis import strategies as st
from wagtail.blocks.stream_block import BaseStreamBlock

from home.blocks import BodyBlock
from mcp_server.content.decoding import decode
from mcp_server.content.leaves import Notes, rich_text
from mcp_server.content.rich_text import Features, to_markdown
from tests.kitchen.models import DishBlock
from tests.properties.hostile import texts
from tests.properties.profiles import examples

pytestmark = pytest.mark.django_db

EVERYTHING = (
    "h1", "h2", "h3", "h4", "h5", "h6", "bold", "italic", "ol", "ul", "hr", "embed", "link",
    "document-link", "image", "code", "blockquote", "superscript", "subscript", "strikethrough",
)  # fmt: skip
FEATURES: list[Features] = [
    EVERYTHING,
    ("bold", "italic", "link", "ol", "ul", "image"),
    ("bold",),
    (),
]
SAFE_SCHEMES = {"", "http", "https", "mailto", "tel", "ftp"}

PIECES = [
    "word", "two words", "*", "**", "_", "`", "```", "~~", "#", "## ", "- ", "1. ", "2) ", "> ",
    "\n", "\n\n", "  \n", "\\", "|", "| a | b |\n|---|---|\n", "---", "***", "[", "](", ")", "!",
    "[x](https://example.org/a_b?c=1&d=2)", "[x](/local 'title')", "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))", "[x](&#106;avascript:alert(1))", "[x](java\tscript:alert(1))",
    "[x](data:text/html,<script>)", "<https://example.org>", "<javascript:alert(1)>", "[x]: /y",
    "[x][x]", "![a](wagtail://image?id=1)", "![a](wagtail://image?id=1&format=left)",
    "[x](wagtail://page?id=1)", "[x](wagtail://page)", "[x](wagtail://page?id=%31)",
    "[x](wagtail://document?id=2)", "[x](wagtail://\"onclick=1?id=1)",
    "![x](wagtail://media?url=https://example.org/v)", "<b>", "</b>", "<sup>", "</sup>",
    "<script>alert(1)</script>", "<p onclick=alert(1)>", "<img src=x onerror=alert(1)>", "<!--",
    "-->", "&lt;", "&amp;", "&", "<", ">", "    code", "\t", "é", "😀", "\u00a0", "\u2028",
    "\u202e", "\r", "\x0b", "\x0c", "\x1c", "\x85",
]  # fmt: skip

fragments = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
markdown = st.one_of(fragments, fragments, texts)


def converted(text: str, features: Features, stored: str = "") -> str | None:
    """The stored form; None when it is refused. Any other exception is the test's failure."""
    notes = Notes()
    html = rich_text(text, features, "body", notes, stored)
    return None if notes.problems else html


def bare(html: str) -> str:
    return re.sub(r' data-block-key="[a-z0-9]*"', "", html)


def lines(text: str) -> list[str]:
    """The lines that say something.

    A picture in a paragraph of its own has more blank lines around it than one in a text, and
    quotes in quotes without a word become one.
    """
    return [line for line in text.split("\n") if line.strip("> ")]


def harmless(html: str) -> bool:
    """Whether nothing in the HTML runs in a browser."""
    for tag in BeautifulSoup(html, "html.parser").find_all(True):
        if tag.name in ("script", "iframe", "object", "style", "img", "svg", "form"):
            return False
        if any(name.startswith("on") or name in ("style", "src") for name in tag.attrs):
            return False
        address = re.sub(r"[\x00-\x20]", "", str(tag.get("href", ""))).lower()
        scheme = address.partition(":")[0] if re.match(r"[a-z][a-z0-9+.-]*:", address) else ""
        if scheme not in SAFE_SCHEMES:
            return False
    return True


@given(text=markdown, features=st.sampled_from(FEATURES))
@examples(500)
def test_rich_text_is_converted_or_refused_and_harmless(text: str, features: Features) -> None:
    html = converted(text, features)
    if html is not None:
        assert harmless(html), html


@given(text=markdown, features=st.sampled_from(FEATURES))
@examples(400)
def test_what_was_read_can_be_written_back(text: str, features: Features) -> None:
    html = converted(text, features)
    if html is not None:
        read = to_markdown(html, features)
        assert converted(read, features, html) == html
        # An edit elsewhere leaves it, too.
        added = converted(f"{read}\n\nAdded.", features, html)
        assert added is None or "Added." in added


@given(text=markdown, features=st.sampled_from(FEATURES))
@examples(400)
def test_reading_what_was_written_is_stable(text: str, features: Features) -> None:
    # Wagtail's Markdown does not escape the ampersand of a text that reads "&lt;".
    assume("&" not in text)
    html = converted(text, features)
    if html is None:
        return
    read = to_markdown(html, features)
    again = converted(read, features)
    assert again is not None
    assert lines(to_markdown(again, features)) == lines(read)


def streams() -> list[BaseStreamBlock]:
    return [BodyBlock(), DishBlock()]


@given(text=markdown, stream=st.sampled_from(streams()))
@examples(400)
def test_a_stream_field_takes_or_refuses_any_text(text: str, stream: BaseStreamBlock) -> None:
    notes = Notes()
    raw: Any = decode(stream, text, "body", notes)
    if notes.problems:
        return
    for child in raw:
        assert child["type"] in stream.child_blocks
        if child["type"] == "paragraph":
            assert harmless(child["value"]), child


lines_of_words = st.lists(
    st.tuples(
        st.sampled_from(["", "", "## ", "### ", "- ", "1. ", "> ", "**", "---\n\n"]),
        st.from_regex(r"[a-z]{4,9}", fullmatch=True),
    ),
    min_size=1,
    max_size=10,
)


@given(items=lines_of_words, stream=st.sampled_from(streams()))
@examples(200)
def test_no_word_of_a_text_is_lost_on_the_way_into_blocks(
    items: list[tuple[str, str]], stream: BaseStreamBlock
) -> None:
    text = "\n\n".join(f"**{word}**" if mark == "**" else f"{mark}{word}" for mark, word in items)
    notes = Notes()
    raw: Any = decode(stream, text, "body", notes)
    if not notes.problems:
        held = json.dumps(raw)
        assert [word for _, word in items if word not in held] == []


@given(items=lines_of_words)
@examples(200)
def test_no_word_of_a_text_is_lost_in_rich_text(items: list[tuple[str, str]]) -> None:
    text = "\n\n".join(word if mark == "**" else f"{mark}{word}" for mark, word in items)
    html = converted(text, EVERYTHING)
    assert html is not None
    assert [word for _, word in items if word not in html] == []
