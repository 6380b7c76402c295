"""Stored rich text read once, from front to end: headings, links, pictures and words."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

# A Chinese or Japanese word has about two characters, and no spaces around it.
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff]{1,2}|[^\W\u3040-\u30ff\u3400-\u9fff]+(?:['’-]\w+)*"
)
_HEADING = re.compile(r"h([1-6])$")


@dataclass
class RichContent:
    """What one rich text holds; links are ``(kind, id)``, pictures ``(id, alt or None)``.

    An address is what an ``href`` says; "" for a link that has none.
    """

    headings: list[tuple[int, str]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    pictures: list[tuple[str, str | None]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


def read_html(html: str) -> RichContent:
    """The parts of rich text or raw HTML; linear in its length, however deep it is nested."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_heading()
    return reader.found


def count_words(text: str) -> int:
    """Words of a plain text."""
    return len(_WORD.findall(text))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = RichContent()
        self.level = 0
        self.heading: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if match := _HEADING.match(tag):
            self.end_heading()
            self.level = int(match[1])
        elif tag == "a":
            self._link(given)
        elif tag == "img":
            # Its id is an anchor of the document, never a key of the library.
            self.found.pictures.append(("", given.get("alt")))
        elif tag == "embed" and given.get("embedtype") == "image":
            self.found.pictures.append((given.get("id") or "", given.get("alt")))

    def handle_endtag(self, tag: str) -> None:
        if _HEADING.match(tag):
            self.end_heading()

    def handle_data(self, data: str) -> None:
        self.found.text.append(data)
        if self.level:
            self.heading.append(data)

    def end_heading(self) -> None:
        if self.level:
            self.found.headings.append((self.level, " ".join("".join(self.heading).split())))
        self.level, self.heading = 0, []

    def _link(self, given: dict[str, str | None]) -> None:
        kind, number = given.get("linktype"), given.get("id")
        if kind and number:
            self.found.links.append((kind, number))
        elif (href := given.get("href")) is not None or not (given.get("name") or number):
            # Without name and id it is no anchor either, but a link that leads nowhere.
            self.found.addresses.append(href or "")
