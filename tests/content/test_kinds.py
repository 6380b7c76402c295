"""Page type × kind of field: what is read can be written back, and a change is read again.

The names of these tests are the table; ``python -m tests.content.kinds`` prints it in Markdown.
"""

import pytest

from mcp_server.content.fields import StreamFormField, form_fields
from mcp_server.content.page_types import page_models
from tests.world import World

from .round_trips import check, page_of, resolved, round_trip
from .specimen_fields import cells, merged, specimens_of
from .specimens import KINDS

# Every block of every StreamField of the demo's page types.
BLOCKS = [
    (label, name, block)
    for label, model in sorted(page_models().items())
    for name, field in form_fields(model)
    if label.startswith(("home.", "blog.")) and isinstance(field, StreamFormField)
    for block in field.block.child_blocks
]


@pytest.mark.parametrize(("label", "kind"), cells(), ids=map("-".join, cells()))
def test_round_trip(world: World, label: str, kind: str) -> None:
    round_trip(world, label, kind)


@pytest.mark.parametrize(("label", "field", "block"), BLOCKS, ids=map("-".join, BLOCKS))
def test_every_block_of_the_demo(world: World, label: str, field: str, block: str) -> None:
    page = page_of(world, label)
    found = [one for one in specimens_of(type(page))[field] if one.before[0]["type"] == block]
    before, after = resolved(world, merged(found))
    check(world.actor("admin"), page, {field: before}, {field: after})


def test_no_kind_is_missing() -> None:
    assert {kind for _, kind in cells()} == set(KINDS)
    assert len(BLOCKS) >= 4 * 6
