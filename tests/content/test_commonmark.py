"""Markdown is CommonMark here, and what Wagtail cannot keep is told."""

import re

import pytest

from mcp_server.content.commonmark import MarkdownError
from mcp_server.content.rich_text import features_of, to_html, to_markdown

ALL = (
    "bold", "italic", "link", "document-link", "ol", "ul", "h2", "h3", "h4", "hr", "blockquote",
    "superscript", "subscript", "strikethrough", "code", "image", "embed",
)  # fmt: skip
FEW = ("bold", "italic", "link", "document-link", "ol", "ul")


def _without_keys(html: str) -> str:
    """``html`` without block keys, which are random; every block has one."""
    assert not re.search(r"<(?:p|li|h\d|blockquote)>", html)
    return re.sub(r' data-block-key="[a-z0-9]{5}"', "", html)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("5 * 3 * 2 snake_case_word", "<p>5 * 3 * 2 snake_case_word</p>"),
        ("line one\nline two", "<p>line one line two</p>"),
        ("line one\\\nline two", "<p>line one<br/>line two</p>"),
        ("a **b** *c* ***d***", "<p>a <b>b</b> <i>c</i> <i><b>d</b></i></p>"),
        (
            "See [the map][m].\n\n[m]: https://e.com",
            '<p>See <a href="https://e.com">the map</a>.</p>',
        ),
        (
            "[p](wagtail://page?id=3) [d](wagtail://document?id=4)",
            '<p><a id="3" linktype="page">p</a> <a id="4" linktype="document">d</a></p>',
        ),
        ("- a\n\n- b\n  - c", "<ul><li>a</li> <li>b<ul><li>c</li> </ul></li> </ul>"),
        ("> one\n>\n> two", "<blockquote>one<br/>two</blockquote>"),
        ("x<sup>2</sup> ~~no~~ `a*b`", "<p>x<sup>2</sup> <s>no</s> <code>a*b</code></p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("a <b onclick=x>b</b>", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>"),
        ("---", "<hr/>"),
        ("## Hi", "<h2>Hi</h2>"),
    ],
)
def test_text_becomes_database_html(text: str, html: str) -> None:
    converted = to_html(text, ALL)
    assert _without_keys(converted.html).replace("> <", "><") == html.replace("> <", "><")
    assert not converted.warnings


@pytest.mark.parametrize(
    ("text", "html", "warning"),
    [
        ("[j](javascript:alert(1)) x", "<p>j x</p>", "the link to 'javascript:alert(1)' was rem"),
        ("[j](JaVaScRiPt:alert) x", "<p>j x</p>", "such addresses are not allowed"),
        ("[j](data:text/html,x) x", "<p>j x</p>", "such addresses are not allowed"),
        ('[t](https://e.com "T")', '<p><a href="https://e.com">t</a></p>', "link titles are not"),
        ("3. three", "<ol><li>three</li></ol>", "a numbered list starts at 1"),
        ("[a](wagtail://page?id=2#x)", '<p><a id="2" linktype="page">a</a></p>', "“#x” was dro"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "<p>a | b<br/>1 | 2</p>", "a table became lines"),
        ("a ![x](https://e.com/x.png)", "<p>a x</p>", "upload it first"),
        ("## Big", "<p>Big</p>", "a heading “Big” became plain text"),
        ("![A](wagtail://image?id=3)", "<p></p>", "a picture or embed was removed"),
        ("---", "", "a rule is left out: this field does not allow it"),
        ("a [x](wagtail://foo?id=1)", "<p>a x</p>", "a link “x” became plain text"),
    ],
)
def test_what_is_not_kept_is_told(text: str, html: str, warning: str) -> None:
    converted = to_html(text, FEW)
    assert _without_keys(converted.html).replace("> <", "><").replace(" </", "</") == html
    assert any(warning in told for told in converted.warnings), converted.warnings


@pytest.mark.parametrize("text", ["[x](wagtail://page)", "[x](wagtail://page?id=abc)"])
def test_a_reference_without_a_number_is_refused(text: str) -> None:
    with pytest.raises(MarkdownError, match=r"wagtail://page needs an id, as in \?id=3"):
        to_html(text, ALL)


@pytest.mark.parametrize("unit", ["[a](b", "![a](", "_a", "[", "*a ", "**a", "`", "<b", "~~a"])
def test_no_text_keeps_the_server_busy(unit: str) -> None:
    with pytest.raises(MarkdownError, match="too much markup"):
        to_html(unit * (200_000 // len(unit)), ALL)


@pytest.mark.parametrize(
    "html",
    [
        "<p>5 * 3 [x] `y` &lt;b&gt; 1. a # b_c_d</p>",
        "<p>a<br/>b</p>",
        "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
        "<h2>Hi</h2><hr/><blockquote>q <b>b</b></blockquote>",
        "<p>1. not a list</p><p>- nor this</p><p># nor this</p><p>&gt; nor this</p>",
        '<p><a href="https://e.com/a(b)?x=1&amp;y=2">e</a> <a href="mailto:a@b.c">m</a></p>',
    ],
)
def test_what_is_read_is_written_back_the_same(html: str) -> None:
    text = to_markdown(html, features_of(list(ALL)))
    again = to_html(text, ALL)
    assert to_markdown(again.html, features_of(list(ALL))) == text
    assert not again.warnings
