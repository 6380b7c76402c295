"""Reads what a page shows, and what would make it invalid or inaccessible."""

from collections import Counter
from html.parser import HTMLParser

from django.test.html import parse_html

Attributes = dict[str, str]


class Page(HTMLParser):
    """The elements of a page by tag, in order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str, **wanted: str) -> list[Attributes]:
        return [
            attrs
            for name, attrs in self.elements
            if name == tag and all(attrs.get(key) == value for key, value in wanted.items())
        ]


def problems(source: str) -> list[str]:
    """Elements left open, ids used twice, and references to ids that are not there."""
    parse_html(source)
    page = Page(source)
    ids = Counter(attrs["id"] for _tag, attrs in page.elements if "id" in attrs)
    found = [f"id {name} is used {count} times" for name, count in ids.items() if count > 1]
    for tag, attrs in page.elements:
        named = [attrs["for"]] if tag == "label" and "for" in attrs else []
        named += attrs.get("aria-describedby", "").split()
        found += [f"<{tag}> refers to the missing id {name}" for name in named if name not in ids]
    labelled = {attrs.get("for") for attrs in page.all("label")}
    for attrs in page.all("input"):
        if attrs.get("type") != "hidden" and attrs.get("id") not in labelled:
            found.append(f"input {attrs} has no label")
    return found
