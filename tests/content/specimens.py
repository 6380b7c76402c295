"""Values of every kind of field for every page type, made from its panels and blocks."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Model
from django.forms.models import ModelChoiceField
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page

# The columns of the table.
KINDS = (
    "scalar", "choice", "multi-select", "date", "rich text", "tags",
    "page", "image", "document", "snippet",
    "StreamField", "StreamField nested three deep", "list", "table", "typed table",
    "inline panel", "inline panel with a StreamField",
)  # fmt: skip
# Containers around a value, the StreamField included, from which on it is nested deeply.
DEEP = 3


@dataclass(frozen=True)
class Object:
    """Stands for the key of an object of the test site: the first or the second of its model."""

    model: type[Model]
    second: bool = False


@dataclass(frozen=True)
class Specimen:
    """A value of one kind before and after a change, as a model would write it."""

    kind: str
    before: Any
    after: Any
    depth: int = 0

    def inside(self, before: Any, after: Any) -> "Specimen":
        return Specimen(self.kind, before, after, self.depth + 1)


# What else has to stand in a block or row of this name for it to be valid.
BESIDE: dict[str, list[dict[str, Any]]] = {
    "call_to_action": [
        {"title": "Come", "label": "Plan", "url": "https://example.org/"},
        {"title": "Come", "label": "Plan", "page": Object(Page)},
    ],
    "related_links": [
        {"title": "More", "url": "https://example.org/"},
        {"title": "More", "page": Object(Page)},
    ],
}
# What follows from other fields, or is not content of its own.
LEFT_OUT = {"slug", "secret"}
TEXTS: dict[type[forms.Field], tuple[Any, Any]] = {
    forms.EmailField: ("one@example.org", "two@example.org"),
    forms.URLField: ("https://example.org/one", "https://example.org/two"),
    forms.RegexField: ("AB12", "CD34"),
    forms.BooleanField: (False, True),
    forms.FloatField: (1.5, 2.25),
    forms.DecimalField: ("1.50", "2.25"),
    forms.IntegerField: (1, 2),
}
DATES: dict[type[forms.Field], tuple[str, str]] = {
    forms.DateTimeField: ("2031-05-02T10:00:00Z", "2031-05-02T11:30:00Z"),
    forms.DateField: ("2031-05-02", "2031-06-03"),
    forms.TimeField: ("10:00:00", "11:30:00"),
}
RICH = ("One **bold** word.", "One *slanted* word.")
ITEMS = ("\n\n- a\n- b", "\n\n- a\n- c")


def of_form_field(field: Any) -> Specimen:
    if isinstance(field, ModelChoiceField):
        model = field.queryset.model  # type: ignore[union-attr]  # set by its form
        return Specimen(kind_of(model), *objects(model))
    if isinstance(field, forms.MultipleChoiceField):
        first, second = _choices(field)[:2]
        return Specimen("multi-select", [first], [first, second])
    if isinstance(field, forms.ChoiceField):
        first, second = _choices(field)[:2]
        return Specimen("choice", first, second)
    for kind, (first, second) in DATES.items():
        if isinstance(field, kind):
            return Specimen("date", first, second)
    for other, values in TEXTS.items():
        if isinstance(field, other):
            return Specimen("scalar", *values)
    return Specimen("scalar", "One text", "Another text")


def _choices(field: forms.ChoiceField) -> list[str]:
    offered: Any = field.choices
    return [str(value) for value, _ in offered if value not in (None, "")]


def kind_of(model: type[Model]) -> str:
    known = ((Page, "page"), (get_image_model(), "image"), (get_document_model(), "document"))
    return next((kind for base, kind in known if issubclass(model, base)), "snippet")


def rich_text(features: Collection[str]) -> Specimen:
    before, after = (
        text + items * ("ul" in features) for text, items in zip(RICH, ITEMS, strict=True)
    )
    return Specimen("rich text", before, after)


def objects(model: type[Model]) -> tuple[Object, Object]:
    return Object(model), Object(model, second=True)


def beside(name: str, key: str, required: dict[str, Any]) -> dict[str, Any]:
    if name not in BESIDE:
        return required
    return next((row for row in BESIDE[name] if key in row), BESIDE[name][0])
