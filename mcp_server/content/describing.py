"""A page type as a model needs to know it: fields, limits, choices, blocks, an example."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.db.models import Model
from django.forms.models import ModelChoiceField, ModelMultipleChoiceField
from taggit.forms import TagField
from wagtail import blocks
from wagtail.blocks.list_block import ListBlock
from wagtail.blocks.stream_block import BaseStreamBlock
from wagtail.blocks.struct_block import BaseStructBlock
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.contrib.typed_table_block.blocks import BaseTypedTableBlock
from wagtail.models import Page

from .fields import StreamFormField, deferrable, form_fields, is_rich_text, row_fields
from .leaves import choices

MAX_CHOICES = 30
_FORM_TYPES: list[tuple[Any, str]] = [
    (TagField, "tags"),
    (forms.BooleanField, "boolean"),
    (forms.DateTimeField, "datetime"),
    (forms.DateField, "date"),
    (forms.TimeField, "time"),
    # Before IntegerField, of which Django derives both.
    (forms.FloatField | forms.DecimalField, "number"),
    (forms.IntegerField, "integer"),
    (forms.EmailField, "email"),
    (forms.URLField, "url"),
    (forms.MultipleChoiceField, "choices"),
    (forms.ChoiceField, "choice"),
    (forms.JSONField, "json"),
]


def describe_fields(model: type[Model], user: Any) -> dict[str, Any]:
    """``{name: {"type", "required", "max_length", "choices", "help", "blocks", …}}``."""
    late = deferrable(model)
    described = {}
    for name, field in form_fields(model, user):
        entry = _formset(field) if hasattr(field, "form") else _field(field)
        if entry.get("required") and name in late:
            # Wagtail lets a draft lack it; saying so keeps a model from inventing a value.
            entry["required"] = "to publish"
        if name == "slug" and issubclass(model, Page):
            # Wagtail makes one from the title.
            entry.pop("required", None)
        described[name] = entry
    return described


def describe_block(block: blocks.Block) -> Any:
    """A block's children and limits; a plain string where the type says it all."""
    if isinstance(block, BaseStreamBlock):
        return _compact({"type": "blocks", **_counts(block), "blocks": _children(block)})
    if isinstance(block, ListBlock):
        return _compact({"type": "list", **_counts(block), "of": describe_block(block.child_block)})
    if isinstance(block, BaseTypedTableBlock):
        return {"type": "typed table", "columns": _children(block)}
    if isinstance(block, BaseStructBlock):
        return _compact({"fields": _children(block), "help": _help(block)})
    return _leaf(block)


def _once(described: Any, known: dict[str, Any]) -> Any:
    """Nested blocks that stand at the top of the same field too, by reference to those."""
    if not isinstance(described, dict):
        return described
    return {
        name: "as above"
        if isinstance(value, dict) and known.get(name) == value
        else _once(value, known)
        for name, value in described.items()
    }


def _field(field: Any) -> dict[str, Any]:
    if isinstance(field, StreamFormField):
        inner = describe_block(field.block)
        top = inner["blocks"]
        inner["blocks"] = {name: _once(value, top) for name, value in top.items()}
        required = bool(field.block.required) or None
        return _compact({**inner, "required": required, "help": _text(field.help_text)})
    entry = {"type": form_type(field), "required": field.required or None, **_limits(field)}
    return _compact({**entry, "help": _text(field.help_text)})


def form_type(field: Any) -> str:
    """What a value of this form field is, in a word or two."""
    if is_rich_text(field):
        return f"markdown ({', '.join(field.rich_text_features)})"
    if isinstance(field, ModelMultipleChoiceField):
        return f"ids of {_model_name(field)}"
    if isinstance(field, ModelChoiceField):
        return f"id of {_model_name(field)}"
    return next((name for kind, name in _FORM_TYPES if isinstance(field, kind)), "text")


def _formset(formset: Any) -> dict[str, Any]:
    fields = {name: _field(field) for name, field in row_fields(formset).items()}
    low, high = formset.min_num or None, formset.max_num if formset.max_num < 1000 else None
    return _compact(
        {"type": "rows", "min": low, "max": high, "required": bool(low) or None, "fields": fields}
    )


def _limits(field: Any) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    longest = getattr(field, "max_length", None) or _max_length(field)
    if longest:
        limits["max_length"] = longest
    for name in ("min_value", "max_value"):
        if getattr(field, name, None) is not None:
            limits[name] = getattr(field, name)
    if isinstance(field, forms.ChoiceField) and not isinstance(field, ModelChoiceField):
        values = choices(field)
        limits["choices"] = values[:MAX_CHOICES]
    return limits


def _max_length(field: Any) -> Any:
    found = [item.limit_value for item in field.validators if isinstance(item, MaxLengthValidator)]
    return found[0] if found else None


def _leaf(block: blocks.Block) -> Any:
    if isinstance(block, blocks.StaticBlock):
        return "null"
    if isinstance(block, TableBlock):
        return {
            "type": "table",
            "value": {"data": [["cell"]], "table_header_choice": "row | column | both | neither"},
        }
    field = getattr(block, "field", None)
    if field is None:
        return "json"
    entry = {"type": _block_type(block, field), **_limits(field)}
    entry["required"] = None if block.required else False
    entry["help"] = _help(block)
    entry = _compact(entry)
    return entry["type"] if set(entry) == {"type"} else entry


def _block_type(block: blocks.Block, field: Any) -> str:
    if isinstance(block, blocks.RichTextBlock):
        return "markdown"
    if isinstance(block, blocks.ChooserBlock):
        return f"id of {block.model_class._meta.label}"
    if isinstance(block, blocks.RawHTMLBlock):
        return "raw HTML"
    return form_type(field)


def _children(block: Any) -> dict[str, Any]:
    return {name: describe_block(child) for name, child in block.child_blocks.items()}


def _counts(block: Any) -> dict[str, Any]:
    counts = {
        "min": getattr(block.meta, "min_num", None),
        "max": getattr(block.meta, "max_num", None),
    }
    per_type = getattr(block.meta, "block_counts", None)
    return {**counts, "counts": per_type or None}


def _help(block: blocks.Block) -> str | None:
    return _text(
        getattr(block.meta, "help_text", "")
        or getattr(getattr(block, "field", None), "help_text", "")
    )


def _text(text: Any) -> str | None:
    return " ".join(str(text).split())[:160] if text else None


def _model_name(field: Any) -> str:
    model = field.queryset.model
    target = getattr(field.widget, "target_models", None)
    if issubclass(model, Page) and target:
        return " or ".join(kind._meta.label for kind in target)
    return str(model._meta.label)


def _compact(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value is not None}
