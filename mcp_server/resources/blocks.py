"""The design catalogue: every block, and what it looks like."""

from collections.abc import Mapping
from typing import Any

from mcp_server.api import Actor, Suggestions, matching, page_types, resource
from mcp_server.content.block_catalogue import Place, block_catalogue, block_entry, places


@resource("design://blocks", needs=("describe_page_type",))
def design_blocks(actor: Actor) -> dict[str, Any]:
    """The blocks that page bodies are made of: fields, limits, template, and a sample with the
    value to send and the HTML that it becomes."""
    return block_catalogue(actor)


def _fields(actor: Actor, typed: str, given: Mapping[str, str]) -> Suggestions:
    return matching(dict.fromkeys((place.field, "") for place in _within(actor, given)), typed)


def _blocks(actor: Actor, typed: str, given: Mapping[str, str]) -> Suggestions:
    field = given.get("field", "")
    here = (place for place in _within(actor, given) if place.field == field or not field)
    return matching(dict.fromkeys((place.name, str(place.block.label)) for place in here), typed)


@resource(
    "design://blocks/{type}/{field}/{block}",
    needs=("describe_page_type",),
    complete={"type": page_types, "field": _fields, "block": _blocks},
)
def design_block(actor: Actor, type: str, field: str, block: str) -> dict[str, Any]:
    """One block of one field, e.g. design://blocks/blog.BlogPage/body/quote."""
    return block_entry(actor, type, field, block)


def _within(actor: Actor, given: Mapping[str, str]) -> list[Place]:
    chosen = given.get("type", "").lower()
    return [place for place in places(actor) if not chosen or place.type.lower() == chosen]
