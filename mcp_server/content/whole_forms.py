"""The whole admin form of an object, filled with what the object holds.

Validation that looks at several fields, as many projects write it in ``clean()``, needs them all.
"""

from typing import Any

from django.db.models import Model
from django.forms.models import ModelMultipleChoiceField
from taggit.forms import TagField
from wagtail.models import COMMENTS_RELATION_NAME

from .codec import stored_stream
from .fields import StreamFormField, form_class, is_rich_text, panel_names, row_fields


def whole_form_class(model: type[Model]) -> Any:
    """The form with every field that has a panel; comments are not part of the content."""
    return form_class(model, frozenset(panel_names(model)) - {COMMENTS_RELATION_NAME})


def held_values(instance: Model, made: Any) -> dict[str, Any]:
    """``{name: value}`` of all fields of the form, as ``build_form_data`` takes them."""
    values = {name: _held(instance, name, field) for name, field in made.base_fields.items()}
    for name, formset in getattr(made, "formsets", {}).items():
        values[name] = [_row(row, formset) for row in getattr(instance, name).all()]
    return values


def _row(row: Model, formset: Any) -> dict[str, Any]:
    fields = row_fields(formset, hidden=False)
    held = {name: _held(row, name, field) for name, field in fields.items()}
    return {**held, row._meta.pk.name: row.pk}


def _held(instance: Model, name: str, field: Any) -> Any:
    value = getattr(instance, name, None)
    if isinstance(field, StreamFormField):
        return field.block.to_python(stored_stream(field.block, value))
    if is_rich_text(field):
        return value or ""
    if isinstance(field, TagField):
        return [tag.name for tag in value.all()] if value is not None else []
    if isinstance(field, ModelMultipleChoiceField):
        return [item.pk for item in value.all()] if value is not None else []
    return value.pk if isinstance(value, Model) else value
