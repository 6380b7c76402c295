"""Markdown becomes the page's own blocks."""

from typing import Any

import pytest
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from home.blocks import BodyBlock
from mcp_server.content.markdown import to_blocks
from tests.kitchen.models import DishBlock


def _blocks(text: str, stream: Any = None) -> list[dict[str, Any]]:
    warnings: list[str] = []
    found = to_blocks(text, stream or BodyBlock(), "body", warnings)
    assert not warnings
    return found


def test_headings_paragraphs_quotes_and_images_become_blocks() -> None:
    text = """# Title

First *paragraph*.

Second paragraph with a [link](wagtail://page?id=3).

- one
- two

> Nature does not hurry.
> — A proverb

![A meadow](wagtail://image?id=7)

### Deeper
"""
    assert _blocks(text) == [
        {"type": "heading", "value": {"text": "Title", "level": "h2"}},
        {
            "type": "paragraph",
            "value": "First *paragraph*.\n\nSecond paragraph with a [link](wagtail://page?id=3)."
            "\n\n- one\n- two",
        },
        {
            "type": "quote",
            "value": {"text": "Nature does not hurry.", "attribution": "A proverb"},
        },
        {
            "type": "image",
            "value": {"image": 7, "alt_text": "A meadow", "decorative": False},
        },
        {"type": "heading", "value": {"text": "Deeper", "level": "h3"}},
    ]


def test_what_has_no_block_stays_rich_text() -> None:
    text = "```\ncode\n```\n\n***\n\n1. one\n2. two"
    assert [block["type"] for block in _blocks(text)] == ["paragraph"]


def test_an_image_amid_text_stays_in_the_text() -> None:
    text = "Look ![x](wagtail://image?id=7) here"
    assert _blocks(text) == [{"type": "paragraph", "value": text}]


def test_tables_and_plain_blocks_of_a_strange_site() -> None:
    found = _blocks("# Hi **you**\n\n| a | b |\n|---|---|\n| 1 \\| 2 | |\n\n> q", DishBlock())
    assert found[0] == {"type": "heading", "value": "Hi you"}
    assert found[1]["value"]["data"] == [["a", "b"], ["1 | 2", ""]]
    assert found[2] == {"type": "quote", "value": "q"}


def test_a_block_named_otherwise_is_found_by_its_type_or_the_setting(settings: Any) -> None:
    class Odd(blocks.StreamBlock):
        prose = blocks.RichTextBlock()
        photo_big = ImageChooserBlock()
        big_letters = blocks.CharBlock()

    text = "# A\n\nb\n\n![c](wagtail://image?id=4)"
    assert [block["type"] for block in _blocks(text, Odd())] == ["prose", "photo_big"]
    settings.MCP_SERVER = {"MARKDOWN_BLOCKS": {"heading": "big_letters"}}
    found = _blocks(text, Odd())
    assert [block["type"] for block in found] == ["big_letters", "prose", "photo_big"]


def test_text_that_no_block_takes_is_a_warning() -> None:
    class Pictures(blocks.StreamBlock):
        image = ImageChooserBlock()

    warnings: list[str] = []
    assert to_blocks("Hello there", Pictures(), "body", warnings) == []
    assert warnings == ["body: no block takes this text, it was left out: “Hello there…”"]


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
def test_no_text_is_no_block(text: str) -> None:
    assert _blocks(text) == []
