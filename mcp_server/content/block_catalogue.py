"""The blocks of the site's StreamFields: fields, template, and a sample as visitors see it."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wagtail import blocks

from mcp_server.actor import Actor
from mcp_server.errors import Refused

from .decoding import decode
from .describing import describe_block
from .examples import Nothing, example_block
from .fields import StreamFormField, form_fields
from .leaves import Notes
from .page_types import page_model, page_models

logger = logging.getLogger("mcp_server")

# Characters of one sample's HTML, and of all samples of one answer.
MAX_SAMPLE = 4_000
MAX_SAMPLES = 40_000
NOT_ALONE = "This block's template needs the page around it."
NO_VALUE = "There is nothing on this site yet that could fill it, or it takes no example."


@dataclass(frozen=True)
class Place:
    """A block where it stands: at the top of a StreamField of a page type."""

    type: str
    field: str
    name: str
    block: blocks.Block

    @property
    def uri(self) -> str:
        return f"design://blocks/{self.type}/{self.field}/{self.name}"


def block_catalogue(actor: Actor) -> dict[str, Any]:
    """Every block that an editor can insert, once, with the places where it is the same."""
    found: dict[str, dict[str, Any]] = {}
    room = MAX_SAMPLES
    for place in places(actor):
        entry = _described(place)
        key = json.dumps(entry, default=str)
        if key not in found:
            sample = block_sample(actor, place) if room > 0 else {"at": place.uri}
            room -= len(sample.get("html", ""))
            found[key] = {**entry, "used_in": [], "sample": sample}
        found[key]["used_in"].append(f"{place.type}/{place.field}")
    return {"blocks": list(found.values())}


def block_entry(actor: Actor, type: str, field: str, block: str) -> dict[str, Any]:
    """One block of one field; refuses a name that is not there with those that are."""
    label = str(page_model(type)._meta.label)
    here = [place for place in places(actor) if place.type == label]
    fields = _named(here, "field", field)
    place = _named(fields, "name", block)[0]
    return {**_described(place), "sample": block_sample(actor, place)}


def places(actor: Actor) -> Iterator[Place]:
    """The top blocks of every StreamField that this user's page forms have."""
    for label, model in sorted(page_models().items()):
        for name, field in form_fields(model, actor.user):
            if isinstance(field, StreamFormField):
                for child, block in field.block.child_blocks.items():
                    yield Place(label, name, child, block)


def block_sample(actor: Actor, place: Place) -> dict[str, Any]:
    """``{"value", "html"}``: what a model may send, and what the block's template makes of it.

    Pages and pictures in it are some that the actor sees. A template that fails is said to.
    """
    value, notes = example_block(actor, place.name, place.block), Notes()
    stored = None if value is Nothing else decode(place.block, value, place.name, notes)
    if value is Nothing or notes.problems:
        return {"note": NO_VALUE}
    try:
        html = _rendered(place.block, stored)
    except Exception as error:  # noqa: BLE001 - a site's template may raise anything
        logger.info("%s does not render by itself: %r", place.uri, error)
        return {"value": value, "note": NOT_ALONE}
    cut = {"cut": True} if len(html) > MAX_SAMPLE else {}
    return {"value": value, "html": html[:MAX_SAMPLE], **cut}


def _rendered(block: blocks.Block, stored: Any) -> str:
    html = str(block.render(block.normalize(block.to_python(stored))))
    return "\n".join(line.strip() for line in html.splitlines() if line.strip())


def _described(place: Place) -> dict[str, Any]:
    described = describe_block(place.block)
    entry = described if isinstance(described, dict) else {"type": described}
    meta = place.block.meta
    return {
        "block": place.name,
        "label": str(place.block.label),
        **({"description": str(text)} if (text := getattr(meta, "description", "")) else {}),
        "template": str(getattr(meta, "template", "") or "") or None,
        **entry,
    }


def _named(found: list[Place], kind: str, name: str) -> list[Place]:
    matching = [place for place in found if getattr(place, kind) == name]
    if not matching:
        allowed = ", ".join(dict.fromkeys(getattr(place, kind) for place in found)) or "none"
        raise Refused(f"No {kind} {name[:60]!r} here (allowed: {allowed}).")
    return matching
