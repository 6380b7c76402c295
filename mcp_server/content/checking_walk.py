"""The pieces of any page, from its form fields: blocks, rich text and inline panels included."""

import re
from collections.abc import Iterator
from typing import Any

from django.db.models import CharField, Model, TextField
from django.forms.models import ModelChoiceField, ModelMultipleChoiceField
from wagtail import blocks
from wagtail.blocks.list_block import ListBlock
from wagtail.blocks.stream_block import BaseStreamBlock
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.contrib.typed_table_block.blocks import BaseTypedTableBlock
from wagtail.images import get_image_model
from wagtail.images.blocks import ImageBlock
from wagtail.models import Page

from .checking_parts import Content, Heading, Link, Picture, is_address
from .checking_text import count_words, read_html
from .codec import is_list_item, stored_stream, table_cells
from .fields import StreamFormField, is_rich_text, row_fields
from .markdown import Mapping
from .references import model_of

_ALT = ("alt_text", "alt")
_DECORATIVE = ("decorative", "is_decorative")
_OF_EVERY_PAGE = {item.name for item in Page._meta.get_fields()} - {"title"}


def content_of(page: Page, fields: dict[str, Any]) -> Content:
    """The pieces of ``page`` in these form fields, blocks and inline panels included."""
    walker = _Walker()
    for name, form_field in fields.items():
        walker.field(page, name, form_field, name)
    return walker.found


class _Walker:
    def __init__(self) -> None:
        self.found = Content()

    def field(self, instance: Model, name: str, form_field: Any, where: str) -> None:
        value = getattr(instance, name, None)
        if hasattr(form_field, "form"):
            for index, row in enumerate(value.all() if value is not None else []):
                for key, child in row_fields(form_field).items():
                    self.field(row, key, child, f"{where}[{index}].{key}")
        elif isinstance(form_field, StreamFormField):
            block = form_field.block
            self.block(block, stored_stream(block, value), where, where)
        elif is_rich_text(form_field):
            self._html(value, where)
        elif isinstance(form_field, ModelChoiceField):
            for model, key in _targets(instance, name, form_field):
                self._chosen(model, str(key), where)
        elif is_address(name, form_field, value):
            self.found.addresses.append((where, str(value)))
        elif _is_text(instance, name):
            self._text(value)

    def block(self, block: blocks.Block, raw: Any, where: str, path: str) -> None:
        """Walk a stored value; what does not have its block's form is passed over."""
        self.found.places[path] = where
        if raw in (None, "", [], {}):
            return
        if isinstance(block, blocks.RichTextBlock | blocks.RawHTMLBlock):
            self._html(raw, where)
        elif isinstance(block, blocks.ChooserBlock):
            self._chosen(block.model_class, str(raw), where)
        elif is_address(block.name, getattr(block, "field", None), raw):
            self.found.addresses.append((where, str(raw)))
        elif isinstance(block, TableBlock):
            self._table(raw)
        elif isinstance(block, blocks.CharBlock | blocks.TextBlock):
            self._text(raw)
        else:
            self._children(block, raw, where, path)

    def _children(self, block: blocks.Block, raw: Any, where: str, path: str) -> None:
        if isinstance(block, BaseStreamBlock):
            self._stream(block, raw, where, path)
        elif isinstance(block, ListBlock):
            for index, item in enumerate(raw):
                value, key = (item["value"], item.get("id")) if is_list_item(item) else (item, None)
                self.block(block.child_block, value, f"{where}.{key or index}", f"{path}[{index}]")
        elif isinstance(block, BaseTypedTableBlock) and isinstance(raw, dict):
            for child, cell in table_cells(block, raw):
                self.block(child, cell, where, path)
        elif isinstance(block, ImageBlock) or isinstance(raw, dict):
            self._struct(block, raw, where, path)

    def _stream(self, block: BaseStreamBlock, raw: Any, where: str, path: str) -> None:
        heading = Mapping(block).types.get("heading")
        for index, item in enumerate(raw):
            child = block.child_blocks.get(item["type"])
            if child is None:
                continue
            place = f"{where}.{item.get('id') or index}"
            if item["type"] == heading:
                self.found.headings.append(_heading(child, item["value"], place))
            self.block(child, item["value"], place, f"{path}[{index}].{item['type']}")

    def _struct(self, block: Any, raw: Any, where: str, path: str) -> None:
        values = raw if isinstance(raw, dict) else {"image": raw}
        said = _said(block, values, where) if isinstance(raw, dict) else {}
        for name, child in block.child_blocks.items():
            if said and values.get(name) and _is_image(child):
                place = self.found.places[f"{path}.{name}"] = f"{where}.{name}"
                self.found.pictures.append(Picture(key=str(values[name]), **said))
                self.found.links.append(Link(place, child.model_class, str(values[name])))
            else:
                self.block(child, values.get(name), f"{where}.{name}", f"{path}.{name}")

    def _html(self, html: Any, where: str) -> None:
        read = read_html(str(html or ""))
        found = self.found
        found.headings += [Heading(where, level, text) for level, text in read.headings]
        found.addresses += [(where, href) for href in read.addresses]
        for kind, key in read.links:
            if model := model_of(kind):
                found.links.append(Link(where, model, key))
        for key, alt in read.pictures:
            # Without alt text a rich-text picture gets an empty one, never the library's.
            found.pictures.append(Picture(where, key, alt=alt or "", decorative=alt == ""))
            if key:
                found.links.append(Link(where, get_image_model(), key))
        self._text("".join(read.text))

    def _chosen(self, model: type[Model], key: str, where: str) -> None:
        self.found.links.append(Link(where, model, key))
        if issubclass(model, get_image_model()):
            self.found.pictures.append(Picture(where, key))

    def _table(self, raw: Any) -> None:
        rows = raw.get("data") if isinstance(raw, dict) else None
        for row in rows or []:
            for cell in row or []:
                self._text(cell)

    def _text(self, text: Any) -> None:
        self.found.words += count_words(str(text or ""))


def _heading(block: blocks.Block, value: Any, where: str) -> Heading:
    """A heading block's text and level, from the children that Markdown would fill."""
    if not isinstance(value, dict):
        return Heading(where, None, _plain(value))
    level, text = None, ""
    for name, child in getattr(block, "child_blocks", {}).items():
        given = value.get(name)
        if isinstance(child, blocks.ChoiceBlock):
            digit = re.search(r"[1-6]", str(given or ""))
            level = int(digit[0]) if digit and level is None else level
        elif isinstance(child, blocks.CharBlock | blocks.TextBlock | blocks.RichTextBlock):
            text = text or _plain(given)
    return Heading(where, level, text)


def _plain(value: Any) -> str:
    return " ".join("".join(read_html(str(value or "")).text).split())


def _said(block: Any, values: dict[str, Any], where: str) -> dict[str, Any]:
    """What a struct says about its picture, when it has a child for the alt text."""
    children = block.child_blocks
    alt = next((name for name in _ALT if name in children), None)
    if alt is None:
        return {}
    decorative = any(values.get(name) for name in _DECORATIVE if name in children)
    given = str(values.get(alt) or "")
    return {"where": f"{where}.{alt}", "alt": given, "decorative": decorative}


def _is_image(block: blocks.Block) -> bool:
    return isinstance(block, blocks.ChooserBlock) and issubclass(
        block.model_class, get_image_model()
    )


def _targets(instance: Model, name: str, form_field: Any) -> Iterator[tuple[type[Model], Any]]:
    """``(model, key)`` of what a chooser field holds; nothing is loaded for a single one."""
    if isinstance(form_field, ModelMultipleChoiceField):
        yield from ((type(item), item.pk) for item in getattr(instance, name).all())
    elif (key := getattr(instance, f"{name}_id", None)) is not None:
        yield form_field.queryset.model, key


def _is_text(instance: Model, name: str) -> bool:
    """Whether visitors read the field: a text, and none of those that every page has for itself."""
    if isinstance(instance, Page) and name in _OF_EVERY_PAGE:
        return False
    found = next((item for item in instance._meta.get_fields() if item.name == name), None)
    return type(found) in (CharField, TextField) and not getattr(found, "choices", None)
