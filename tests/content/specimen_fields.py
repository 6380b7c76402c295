"""Specimens of the fields of page types, and the cells of the table that they fill."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.db.models import Model
from django.forms.models import ModelMultipleChoiceField
from taggit.forms import TagField

from mcp_server.content.fields import StreamFormField, form_fields, is_rich_text, row_fields
from mcp_server.content.page_types import page_models

from .specimen_blocks import of_block
from .specimens import (
    DEEP,
    KINDS,
    LEFT_OUT,
    Specimen,
    beside,
    objects,
    of_form_field,
    rich_text,
)


@cache
def cells() -> dict[tuple[str, str], list[str]]:
    """``{(page type, kind): [field, …]}`` of every cell of the table that has something in it."""
    found: dict[tuple[str, str], list[str]] = {}
    for label, model in sorted(page_models().items()):
        for kind in KINDS:
            names = [
                name
                for name, specimens in specimens_of(model).items()
                if any(one.kind == kind for one in specimens)
            ]
            if names:
                found[label, kind] = names
    return found


def specimens_of(model: type[Model]) -> dict[str, list[Specimen]]:
    """Of every field that models may set, what can stand in it."""
    found = {}
    for name, field in form_fields(model):
        if name not in LEFT_OUT:
            found[name] = list(_of_field(name, field))
    return found


def merged(specimens: list[Specimen]) -> tuple[Any, Any]:
    """One value that holds them all, before and after."""
    if isinstance(specimens[0].before, list) and specimens[0].depth:
        before, after = ([part for one in side for part in one] for side in zip(*(
            (specimen.before, specimen.after) for specimen in specimens
        ), strict=True))  # fmt: skip
        return before, after
    return specimens[0].before, specimens[0].after


def _of_field(name: str, field: Any) -> Iterator[Specimen]:
    if hasattr(field, "form"):
        yield from _rows(name, field)
    elif isinstance(field, StreamFormField):
        for specimen in of_block(name, field.block):
            deep = specimen.depth >= DEEP
            yield specimen
            kind = "StreamField nested three deep" if deep else "StreamField"
            if specimen.kind != kind:
                yield Specimen(kind, specimen.before, specimen.after, specimen.depth)
    elif is_rich_text(field):
        yield rich_text(field.rich_text_features)
    elif isinstance(field, TagField):
        yield Specimen("tags", ["one", "two words"], ["two words", "three"])
    elif isinstance(field, ModelMultipleChoiceField):
        first, second = objects(field.queryset.model)  # type: ignore[union-attr]  # set by its form
        yield Specimen("multi-select", [first], [second, first])
    else:
        yield of_form_field(field)


def _rows(name: str, formset: Any) -> Iterator[Specimen]:
    required = {
        key: next(_of_field(key, field)).before
        for key, field in row_fields(formset).items()
        if field.required
    }
    for key, field in row_fields(formset).items():
        row = beside(name, key, required)
        before, after = merged(list(_of_field(key, field)))
        kind = "inline panel"
        if isinstance(field, StreamFormField):
            kind = "inline panel with a StreamField"
        yield Specimen(kind, [{**row, key: before}], [{**row, key: after}], 1)
