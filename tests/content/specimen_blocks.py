"""Specimens of blocks: every value of every kind, each in the smallest valid whole."""

from collections.abc import Iterator

from wagtail import blocks
from wagtail.blocks.list_block import ListBlock
from wagtail.blocks.stream_block import BaseStreamBlock
from wagtail.blocks.struct_block import BaseStructBlock
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.contrib.typed_table_block.blocks import BaseTypedTableBlock
from wagtail.images import get_image_model
from wagtail.images.blocks import ImageBlock

from mcp_server.content.rich_text import features_of

from .specimens import Specimen, beside, kind_of, objects, of_form_field, rich_text


def of_block(name: str, block: blocks.Block) -> Iterator[Specimen]:
    """Every value of every kind that the block can hold, each in the smallest valid whole."""
    if isinstance(block, BaseStreamBlock):
        for key, child in block.child_blocks.items():
            for one in of_block(key, child):
                pair = [{"type": key, "value": one.before}], [{"type": key, "value": one.after}]
                yield one.inside(*pair)
    elif isinstance(block, ListBlock):
        for one in of_block(name, block.child_block):
            pair = [{"value": one.before}] * 2, [{"value": one.before}, {"value": one.after}]
            yield one.inside(*pair)
            yield Specimen("list", *pair, one.depth + 1)
    elif isinstance(block, BaseStructBlock) and not isinstance(block, ImageBlock):
        yield from _of_struct(name, block)
    else:
        yield from _of_leaf(block)


def _of_struct(name: str, block: BaseStructBlock) -> Iterator[Specimen]:
    required = {
        key: next(of_block(key, child)).before
        for key, child in block.child_blocks.items()
        if getattr(child, "required", False)
    }
    for key, child in block.child_blocks.items():
        whole = beside(name, key, required)
        for one in of_block(key, child):
            yield one.inside({**whole, key: one.before}, {**whole, key: one.after})


def _of_leaf(block: blocks.Block) -> Iterator[Specimen]:
    if isinstance(block, ImageBlock):
        first, second = objects(get_image_model())
        value = {"image": first, "decorative": False, "alt_text": "A meadow"}
        yield Specimen("image", value, {**value, "image": second})
    elif isinstance(block, TableBlock):
        value = {"data": [["a", "b"], ["1", None]], "table_header_choice": "row"}
        yield Specimen("table", value, {**value, "data": [["a", "b"], ["2", "x"]]})
    elif isinstance(block, BaseTypedTableBlock):
        yield _of_typed_table(block)
    elif isinstance(block, blocks.RichTextBlock):
        yield rich_text(features_of(block.features))
    elif isinstance(block, blocks.ChooserBlock):
        yield Specimen(kind_of(block.model_class), *objects(block.model_class))
    elif not isinstance(block, blocks.StaticBlock | blocks.RawHTMLBlock):
        yield of_form_field(block.field)


def _of_typed_table(block: BaseTypedTableBlock) -> Specimen:
    columns = [{"type": key, "heading": key.title()} for key in block.child_blocks]
    cells = [next(of_block(key, child)) for key, child in block.child_blocks.items()]
    before, after = ([[getattr(one, side) for one in cells]] for side in ("before", "after"))
    whole = {"columns": columns, "caption": "Prices"}
    return Specimen("typed table", {**whole, "rows": before}, {**whole, "rows": after})
