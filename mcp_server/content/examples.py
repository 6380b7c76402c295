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
from .references import sample_object

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
        key = sample_object(actor, field.queryset.model)  # type: ignore[union-attr]  # set by its form
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
        value = example_block(actor, name, block.child_blocks[name])
        if value is not Nothing and len(found) < min(limit, block.meta.max_num or limit):
            found.append({"type": name, "value": value})
    return found


def example_block(actor: Actor, name: str, block: blocks.Block) -> Any:
    if isinstance(block, BaseStreamBlock):
        return _stream(actor, block)
    if isinstance(block, ListBlock):
        item = example_block(actor, name, block.child_block)
        return Nothing if item is Nothing else [item] * max(1, block.meta.min_num or 1)
    if isinstance(block, ImageBlock):
        image = example_block(actor, "image", block.child_blocks["image"])
        return Nothing if image is Nothing else {"image": image, "alt_text": "What it shows"}
    if isinstance(block, blocks.RawHTMLBlock):
        return Nothing
    if isinstance(block, TableBlock):
        return {"data": [["Column", "Column"], ["Cell", "Cell"]], "table_header_choice": "row"}
    if isinstance(block, BaseTypedTableBlock):
        return _typed_table(actor, block)
    if isinstance(block, BaseStructBlock):
        return _struct(actor, block)
    return _leaf(actor, name, block)


def _struct(actor: Actor, block: BaseStructBlock) -> Any:
    values: dict[str, Any] = {}
    spare: dict[str, Any] = {}
    for name, child in block.child_blocks.items():
        value = example_block(actor, name, child)
        needed = getattr(child, "required", None)
        if value is Nothing and needed:
            return Nothing
        if value is not Nothing:
            (spare if needed is False else values)[name] = value
    # A block with rules across its children may ask for one of those that need not be there.
    tries = [values, *({**values, name: value} for name, value in spare.items())]
    return next((given for given in tries if _is_clean(block, given)), Nothing)


def _is_clean(block: blocks.Block, given: Any) -> bool:
    try:
        block.clean(block.to_python(given))
    except (forms.ValidationError, TypeError, AttributeError):
        return False
    return True


def _typed_table(actor: Actor, block: BaseTypedTableBlock) -> Any:
    cells = {name: example_block(actor, name, child) for name, child in block.child_blocks.items()}
    found = {name: value for name, value in cells.items() if value is not Nothing}
    columns = [{"type": name, "heading": "Column"} for name in found]
    return {"columns": columns, "rows": [list(found.values())]} if found else Nothing


def _leaf(actor: Actor, name: str, block: blocks.Block) -> Any:
    if isinstance(block, blocks.StaticBlock):
        return None
    if isinstance(block, blocks.RichTextBlock):
        return "A paragraph with **bold** text."
    if isinstance(block, blocks.ChooserBlock):
        first = sample_object(actor, block.model_class)
        return Nothing if first is None else first
    field = getattr(block, "field", None)
    value = Nothing if field is None else _scalar(actor, name, field)
    return value if value is not Nothing and _suits(field, value) else Nothing


def _suits(field: Any, value: Any) -> bool:
    """Whether the field's own validators, such as a pattern, let the made-up value pass."""
    try:
        field.clean(value)
    except forms.ValidationError:
        return False
    return True
