"""Validation of StreamFields that does not ask the database once for each chosen object."""

from copy import copy
from typing import Any

from wagtail import blocks


def without_lookups(block: blocks.Block) -> Any:
    """A copy of ``block`` whose choosers accept the objects that ``to_python`` has just read.

    Wagtail's own ``clean`` looks each of them up again. ``to_python`` has read them in bulk, from
    the same manager, so what is there needs no second look; what is not there is None by then.
    """
    made = copy(block)
    if isinstance(made, blocks.ChooserBlock):
        if _is_plain(made):
            made.clean = lambda value: value if value is not None else type(made).clean(made, value)
        return made
    children = getattr(made, "child_blocks", None)
    if children is not None:
        made.child_blocks = type(children)(
            (name, without_lookups(child)) for name, child in children.items()
        )
    if hasattr(made, "child_block"):
        made.child_block = without_lookups(made.child_block)
    return made


def _is_plain(chooser: blocks.ChooserBlock) -> bool:
    """Whether nothing but the look-up would happen: no rules of the project's own."""
    made = type(chooser)
    own = made.clean is not blocks.ChooserBlock.clean or made.field is not blocks.ChooserBlock.field
    return not own and not chooser._validators
