"""Rich text between Wagtail's database HTML and the Markdown that models read and write."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from string import ascii_lowercase, digits
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.dammit import EntitySubstitution
from bs4.formatter import HTMLFormatter
from django.utils.crypto import get_random_string
from wagtail.admin.rich_text.converters.db_html import DbHTMLConverter
from wagtail.admin.rich_text.converters.editor_html import WhitelistRule
from wagtail.admin.rich_text.converters.markdown_db import MarkdownConverter
from wagtail.rich_text import features as feature_registry
from wagtail.whitelist import allow_without_attributes

from .commonmark import Rendering, lines_of, parser

Features = tuple[str, ...]
# Characters; longer texts are converted anew each time, or a few would fill the memory.
MAX_REMEMBERED = 4000
_WORDS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "heading"),
    **dict.fromkeys(("ul", "ol", "li"), "list"),
    "a": "link",
    "b": "bold text",
    "i": "italic text",
    "s": "struck text",
    "code": "code text",
    "hr": "rule",
    "blockquote": "quote",
    "embed": "picture or embed",
}
_BLOCKS = ["p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"]
_INLINE = frozenset({"a", "b", "i", "em", "strong", "sup", "sub", "del", "code", "s", "u", "span"})


class _AsStored(HTMLFormatter):
    """Writes attributes in the order in which they stood; bs4 would sort them."""

    def attributes(self, tag: Tag) -> Iterable[tuple[str, Any]]:
        return tag.attrs.items()


_AS_STORED = _AsStored(EntitySubstitution.substitute_xml)


@dataclass
class Converted:
    """Database HTML, and a sentence for everything that did not survive the conversion."""

    html: str
    warnings: list[str] = field(default_factory=list)


def features_of(features: Any) -> Features:
    """The feature list of a field or block; the site's default list where it names none."""
    return tuple(features if features is not None else feature_registry.get_default_features())


def to_markdown(html: str, features: Features) -> str:
    """Markdown with ``wagtail://page?id=3`` references; the same HTML gives the same text."""
    # What an embed reads like depends on the database as well as on the text.
    if len(html) > MAX_REMEMBERED or "<embed" in html:
        return _to_markdown.__wrapped__(html, features)
    return _to_markdown(html, features) if html else ""


@lru_cache(maxsize=2048)
def _to_markdown(html: str, features: Features) -> str:
    # A pure function of its arguments: read and write back ask for the same paragraph again.
    return str(MarkdownConverter(features).from_database_format(html, resolved=False)).strip()


def to_html(markdown: str, features: Features, stored: str = "") -> Converted:
    """Database HTML for ``markdown``; paragraphs that ``stored`` has already keep their form.

    A part of the text that equals the Markdown of a stored element becomes that very element,
    so that block keys, and marks that Markdown has no sign for, outlive an edit elsewhere.
    """
    text = markdown.strip()
    if stored and text == to_markdown(stored, features):
        return Converted(stored)
    converted = _merge(text, features, stored) if stored else _convert(text, features)
    return Converted(_with_keys(converted.html), converted.warnings)


def _merge(text: str, features: Features, stored: str) -> Converted:
    kept: dict[str, list[str]] = {}
    for element in _elements(stored):
        kept.setdefault(to_markdown(element, features), []).append(element)
    result = Converted("")
    for part in _parts(text):
        if kept.get(part):
            result.html += kept[part].pop(0)
        else:
            converted = _convert(part, features)
            result.html += converted.html
            result.warnings += converted.warnings
    result.html = _keep_keys(result.html, stored)
    return result


class _Sanitiser(DbHTMLConverter):
    """Wagtail's sanitiser, with the features that have rules for its editor only.

    Superscript, quotes, code and others are known to Draftail alone; without this, a field that
    allows them would lose them.
    """

    def __init__(self, features: Features) -> None:
        super().__init__(list(features))
        for name in features:
            if feature_registry.get_converter_rule("editorhtml", name) is None:
                drafts = feature_registry.get_converter_rule("contentstate", name) or {}
                tags = [tag for tag in drafts.get("from_database_format", {}) if tag.isalnum()]
                self.converter_rules += [
                    WhitelistRule(tag, allow_without_attributes) for tag in tags
                ]


def _convert(text: str, features: Features) -> Converted:
    rendering = Rendering.of(text)
    html, removals = _Sanitiser(features).clean(rendering.html)
    return Converted(_in_paragraphs(html), [*rendering.warnings, *map(_removal, removals)])


def _in_paragraphs(html: str) -> str:
    """Text that lost its element, such as a heading's, stands in a paragraph again."""
    soup = BeautifulSoup(html, "html.parser")
    loose = [child for child in soup.contents if _is_loose(child)]
    for child in loose:
        child.wrap(soup.new_tag("p"))
    return soup.decode(formatter=_AS_STORED) if loose else html


def _is_loose(child: Any) -> bool:
    return bool(str(child).strip()) and (not isinstance(child, Tag) or child.name in _INLINE)


def _removal(removal: Any) -> str:
    snippet = BeautifulSoup(removal.detail or "", "html.parser").get_text(" ", strip=True)
    what = _WORDS.get(removal.tag, f"<{removal.tag}>")
    about = f" “{snippet[:40]}”" if snippet else ""
    if removal.action == "removed":
        return f"a {what}{about} was removed: not allowed in this field"
    if not snippet:
        return f"a {what} is left out: this field does not allow it"
    return f"a {what}{about} became plain text: this field does not allow it"


def _elements(html: str) -> list[str]:
    soup = BeautifulSoup(html, "html.parser")
    return [
        child.decode(formatter=_AS_STORED) if isinstance(child, Tag) else str(child)
        for child in soup.contents
        if str(child).strip()
    ]


def _parts(text: str) -> list[str]:
    """The top-level elements of a Markdown text, as they stand in it."""
    lines = lines_of(text)
    spans = [
        token.map
        for token in parser().parse(text)
        if token.level == 0 and token.map and token.nesting >= 0
    ]
    return [part for start, end in spans if (part := "\n".join(lines[start:end]).strip())]


def _keep_keys(html: str, stored: str) -> str:
    """Give elements of ``html`` the ``data-block-key`` of the stored element they equal."""
    known: dict[tuple[str, str], list[str]] = {}
    for tag in _keyed(BeautifulSoup(stored, "html.parser")):
        known.setdefault((tag.name, tag.decode_contents()), []).append(str(tag["data-block-key"]))
    soup = BeautifulSoup(html, "html.parser")
    used = {str(tag["data-block-key"]) for tag in _keyed(soup)}
    changed = False
    for tag in soup.find_all(_BLOCKS):
        keys = [key for key in known.get((tag.name, tag.decode_contents()), []) if key not in used]
        if keys and not tag.has_attr("data-block-key"):
            tag["data-block-key"] = keys[0]
            used.add(keys[0])
            changed = True
    return soup.decode(formatter=_AS_STORED) if changed else html


def _with_keys(html: str) -> str:
    """Give every block a ``data-block-key``, as Draftail does.

    Without one the editor makes it on opening the page, takes the page for changed, and saves a
    draft that nobody wrote.
    """
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.find_all(_BLOCKS):
        if not tag.has_attr("data-block-key"):
            tag["data-block-key"] = get_random_string(5, ascii_lowercase + digits)
    return soup.decode(formatter=_AS_STORED)


def _keyed(soup: BeautifulSoup) -> list[Tag]:
    return [tag for tag in soup.find_all(True) if tag.has_attr("data-block-key")]
