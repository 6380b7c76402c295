"""One valid example of a page type's fields, built from the definitions themselves."""

from typing import Any

from django import forms
from django.db.models import Model
from django.forms.models import ModelChoiceField, ModelMultipleChoiceField
from taggit.forms import TagField
from wagtail import blocks
from wagtail.blocks.list_block import ListBlock
from wagtail.blocks.stream_block import BaseStreamBlock
from wagtail.blocks.struct_block import BaseStructBlock
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.contrib.typed_table_block.blocks import BaseTypedTableBlock
from wagtail.images.blocks import ImageBlock

from mcp_server.actor import Actor

from .clock import local
from .fields import StreamFormField, form_fields, is_rich_text, row_fields
from .leaves import choices
from .references import visible_objects

# Wagtail fills these itself; an example that sets them would teach to set them.
_LEFT_OUT = {"slug", "seo_title", "search_description", "show_in_menus"}
MAX_BLOCKS = 3
Nothing = object()


def example_fields(actor: Actor, model: type[Model]) -> dict[str, Any]:
    """``{name: value}`` that create_page accepts; optional fields only where they show a form."""
    found = {}
    for name, field in form_fields(model, actor.user):
        if name in _LEFT_OUT:
            continue
        value = _field(actor, name, field)
        if value is not Nothing and value not in (None, "", []):
            found[name] = value
    return found


def _field(actor: Actor, name: str, field: Any) -> Any:
    if hasattr(field, "form"):
        return [_row(actor, field)] if field.min_num else Nothing
    if isinstance(field, StreamFormField):
        return _stream(actor, field.block)
    if isinstance(field, TagField):
        return ["example"]
    if is_rich_text(field):
        return "A paragraph with **bold** text."
    if isinstance(field, ModelChoiceField) and not field.required:
        return Nothing
    return _scalar(actor, name, field)


def _row(actor: Actor, formset: Any) -> dict[str, Any]:
    return {
        name: value
        for name, field in row_fields(formset).items()
        if (value := _field(actor, name, field)) is not Nothing
    }


def _scalar(actor: Actor, name: str, field: Any) -> Any:
    if isinstance(field, ModelChoiceField):
        key = _first(actor, field.queryset.model)  # type: ignore[union-attr]  # set by its form
        return [key] if isinstance(field, ModelMultipleChoiceField) and key is not None else key
    if isinstance(field, forms.ChoiceField):
        values = choices(field)
        first = values[0] if values else ""
        return [first] if isinstance(field, forms.MultipleChoiceField) else first
    return _plain(name, field)


def _plain(name: str, field: Any) -> Any:
    now = local().replace(minute=0, second=0, microsecond=0)
    if isinstance(field, forms.DateTimeField):
        # An end that lies after its start is what most pairs of such fields ask for.
        later = now.replace(hour=20 if "end" in name else 18)
        return later.isoformat(timespec="minutes")
    if isinstance(field, forms.DateField):
        return now.date().isoformat()
    if isinstance(field, forms.TimeField):
        return "18:00"
    if isinstance(field, forms.BooleanField):
        return True if field.required else Nothing
    if isinstance(field, forms.IntegerField | forms.FloatField | forms.DecimalField):
        return field.min_value if field.min_value is not None else 1
    if isinstance(field, forms.EmailField):
        return "office@example.org"
    if isinstance(field, forms.URLField):
        return "https://example.org/"
    text = f"Example {name.replace('_', ' ')}"
    return text[: field.max_length] if getattr(field, "max_length", None) else text


def _stream(actor: Actor, block: BaseStreamBlock) -> list[dict[str, Any]]:
    needed = {
        name for name, count in (block.meta.block_counts or {}).items() if count.get("min_num")
    }
    names = sorted(block.child_blocks, key=lambda name: name not in needed)
    limit = max(MAX_BLOCKS, block.meta.min_num or 0, len(needed))
    found: list[dict[str, Any]] = []
    for name in names:
        value = _block(actor, name, block.child_blocks[name])
        if value is not Nothing and len(found) < min(limit, block.meta.max_num or limit):
            found.append({"type": name, "value": value})
    return found


def _block(actor: Actor, name: str, block: blocks.Block) -> Any:
    if isinstance(block, BaseStreamBlock):
        return _stream(actor, block)
    if isinstance(block, ListBlock):
        item = _block(actor, name, block.child_block)
        return Nothing if item is Nothing else [item] * max(1, block.meta.min_num or 1)
    if isinstance(block, ImageBlock):
        image = _block(actor, "image", block.child_blocks["image"])
        return Nothing if image is Nothing else {"image": image, "alt_text": "What it shows"}
    if isinstance(block, BaseTypedTableBlock | TableBlock | blocks.RawHTMLBlock):
        return Nothing
    if isinstance(block, BaseStructBlock):
        return _struct(actor, block)
    return _leaf(actor, name, block)


def _struct(actor: Actor, block: BaseStructBlock) -> Any:
    values = {}
    for name, child in block.child_blocks.items():
        value = _block(actor, name, child)
        if value is Nothing and getattr(child, "required", False):
            return Nothing
        if value is not Nothing and getattr(child, "required", True):
            values[name] = value
    try:
        # A block with rules across its children may refuse what each child alone allows.
        block.clean(block.to_python(values))
    except (forms.ValidationError, TypeError, AttributeError):
        return Nothing
    return values


def _leaf(actor: Actor, name: str, block: blocks.Block) -> Any:
    if isinstance(block, blocks.StaticBlock):
        return None
    if isinstance(block, blocks.RichTextBlock):
        return "A paragraph with **bold** text."
    if isinstance(block, blocks.ChooserBlock):
        first = _first(actor, block.model_class)
        return Nothing if first is None else first
    field = getattr(block, "field", None)
    return Nothing if field is None else _scalar(actor, name, field)


def _first(actor: Actor, model: type[Model]) -> Any:
    return visible_objects(actor, model).order_by("pk").values_list("pk", flat=True).first()
