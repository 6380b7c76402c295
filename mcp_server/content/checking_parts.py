"""What a page is made of, for those who look it over: each piece with the place where it stands."""

import re
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.forms import CharField, URLField

_ADDRESS = re.compile(r"/(?!/)|https?://", re.I)


@dataclass(frozen=True)
class Heading:
    """A heading in rich text, or a block for headings; ``level`` is None where it has none."""

    where: str
    level: int | None
    text: str


@dataclass(frozen=True)
class Picture:
    """An image of the library. ``alt`` is what this place says; None: the image's own is used."""

    where: str
    key: str
    alt: str | None = None
    decorative: bool = False


@dataclass(frozen=True)
class Link:
    """A reference to an object: a link in a text, or something chosen."""

    where: str
    model: type[Model]
    key: str


@dataclass
class Content:
    """A page's pieces in the order of its fields; ``places`` leads from paths to places.

    A path has indexes, ``body[2].quote.text``; a place has ids, ``body.<block id>.text``.
    """

    headings: list[Heading] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    addresses: list[tuple[str, str]] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    words: int = 0

    def place(self, path: str) -> str:
        """The place that a validation error's path means."""
        known, rest = path, ""
        while known and known not in self.places:
            cut = max(known.rfind("."), known.rfind("["), 0)
            known, rest = known[:cut], known[cut:] + rest
        return f"{self.places.get(known, '')}{rest}"


def is_address(name: str, form_field: Any, value: Any) -> bool:
    """Whether ``value`` of a field or block is an address, by its kind or by its name and look."""
    if not isinstance(value, str) or not value:
        return False
    named = name in ("url", "href", "link") or name.endswith(("_url", "_link"))
    return isinstance(form_field, URLField) or (
        isinstance(form_field, CharField) and named and bool(_ADDRESS.match(value))
    )
