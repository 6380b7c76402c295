"""Validation errors of forms and blocks as ``(path, message)``, e.g. ``body[2].quote.text``."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from wagtail.blocks.list_block import ListBlockValidationError
from wagtail.blocks.stream_block import StreamBlockValidationError
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.contrib.typed_table_block.blocks import TypedTableBlockValidationError

from .codec import is_list_item
from .leaves import messages

Problem = tuple[str, str]


def field_of(path: str) -> str:
    """The field that a path such as ``body[2].quote.text`` begins with."""
    return path.split(".")[0].split("[")[0]


def block_problems(error: ValidationError, raw: Any, path: str) -> Iterator[Problem]:
    """The problems inside a block value; ``raw`` is its stored form, which knows the types."""
    for child, value, child_path in _child_errors(error, raw, path):
        yield from block_problems(child, value, child_path)
    own = getattr(error, "non_block_errors", None)
    for item in [error] if own is None else own.as_data():
        yield from ((path, message) for message in messages(item))


def _child_errors(
    error: ValidationError, raw: Any, path: str
) -> Iterator[tuple[ValidationError, Any, str]]:
    if isinstance(error, StreamBlockValidationError):
        for index, child in error.block_errors.items():
            yield child, raw[index]["value"], f"{path}[{index}].{raw[index]['type']}"
    elif isinstance(error, ListBlockValidationError):
        for index, child in error.block_errors.items():
            item = raw[index]
            yield child, item["value"] if is_list_item(item) else item, f"{path}[{index}]"
    elif isinstance(error, StructBlockValidationError):
        for name, child in error.block_errors.items():
            yield child, raw.get(name) if isinstance(raw, dict) else None, f"{path}.{name}"
    elif isinstance(error, TypedTableBlockValidationError):
        for row, cells in (error.cell_errors or {}).items():
            for column, child in cells.items():
                yield child, None, f"{path}.rows[{row}][{column}]"


def form_problems(form: forms.BaseForm, prefix: str = "") -> Iterator[Problem]:
    """The problems of a bound form and of its child formsets."""
    for name, errors in form.errors.as_data().items():
        field = form.fields.get(name)
        path = "" if name == NON_FIELD_ERRORS else name
        for error in errors:
            yield from (
                ((f"{prefix}{path}").rstrip("."), message) for message in messages(error, field)
            )
    for name, formset in getattr(form, "formsets", {}).items():
        for error in formset.non_form_errors().as_data():
            yield from ((f"{prefix}{name}", message) for message in messages(error))
        for index, child in enumerate(formset.forms):
            yield from form_problems(child, f"{prefix}{name}[{index}].")
