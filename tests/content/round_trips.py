"""One value's way through a page: written, read, written back, changed, read again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from unittest.mock import patch

from django.core.files.base import ContentFile
from django.db.models import Model
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page

from mcp_server.actor import Actor
from mcp_server.content import forms
from mcp_server.content.page_types import page_models
from mcp_server.tools.pages import get_page_content, update_page
from tests.world import World

from .specimen_fields import cells, merged, specimens_of
from .specimens import Object

Values = dict[str, Any]
NOTHING = ["Nothing differs from the newest draft; not saved."]
# What every new revision of the same content has of its own; the title is there a second time,
# as it was before this revision was saved.
OF_A_REVISION = {
    *("latest_revision", "latest_revision_created_at", "has_unpublished_changes", "draft_title"),
}


def page_of(world: World, label: str) -> Page:
    """A page of this type, with a draft."""
    if label.startswith("kitchen."):
        page = page_models()[label](title="Dish", slug="dish", live=False)
        world.home.add_child(instance=page)
    else:
        known = (world.home, world.about, world.blog, world.first, world.events, world.tour)
        page = next(page for page in known if page._meta.label == label)
        page = type(page).objects.get(pk=page.pk)
    page.save_revision(user=world.admin)
    return page


def round_trip(world: World, label: str, kind: str) -> None:
    """Assert the whole way of everything that ``specimens`` has in one cell of the table."""
    page = page_of(world, label)
    found = specimens_of(type(page))
    pairs = {
        name: resolved(world, merged([one for one in found[name] if one.kind == kind]))
        for name in cells()[label, kind]
    }
    before, after = ({name: pair[side] for name, pair in pairs.items()} for side in (0, 1))
    check(world.actor("admin"), page, before, after)


def check(actor: Actor, page: Page, before: Values, after: Values) -> None:
    """Write ``before``, read it, write that back, change it to ``after``, and read again."""
    write(actor, page, before)
    fields, stored = read(actor, page), stored_fields(page)
    assert differing(fields, before) == {}
    written_back(actor, page)
    changed = {name: with_ids(fields.get(name), value) for name, value in after.items()}
    write(actor, page, changed)
    assert differing(read(actor, page), changed) == {}
    now = stored_fields(page)
    own = set[str]().union(*(_belonging(name) for name in after))
    assert {key for key in stored if now[key] != stored[key]} - own == set()


def written_back(actor: Actor, page: Page, *, converted: bool = True) -> None:
    """Assert that writing what is read changes nothing: not even with every value converted."""
    stored, content = stored_fields(page), get_page_content(actor, page.pk)
    fields = content.model_dump(mode="json")["fields"]
    answer = update_page(actor, page.pk, content.revision_id, fields)
    assert answer.warnings == NOTHING
    assert answer.revision_id == content.revision_id
    if converted:
        with every_value_converted():
            update_page(actor, page.pk, content.revision_id, fields)
    assert stored_fields(page) == stored


@contextmanager
def every_value_converted() -> Iterator[None]:
    """Without the short cut for values that stand in the page already."""
    with patch.object(forms, "_stands", lambda *_: False):
        yield


def read(actor: Actor, page: Page) -> dict[str, Any]:
    """The fields of the newest draft."""
    dumped = get_page_content(actor, page.pk).model_dump(mode="json")
    fields: dict[str, Any] = dumped["fields"]
    return fields


def write(actor: Actor, page: Page, fields: Values) -> None:
    """A new draft on top of the newest one."""
    revision = get_page_content(actor, page.pk).revision_id
    update_page(actor, page.pk, revision, fields)


def stored_fields(page: Page) -> dict[str, Any]:
    """The content of the newest revision, apart from what every revision has of its own."""
    content = type(page).objects.get(pk=page.pk).latest_revision.content
    return {key: _parsed(value) for key, value in content.items() if key not in OF_A_REVISION}


def _parsed(value: Any) -> Any:
    """JSON in a text as what it says: PostgreSQL keeps the keys of an object in its own order."""
    if isinstance(value, dict):
        return {key: _parsed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_parsed(item) for item in value]
    if isinstance(value, str) and value.startswith(("[", "{")):
        try:
            return _parsed(json.loads(value))
        except ValueError:
            return value
    return value


def resolved(world: World, value: Any) -> Any:
    """The value with the keys of real objects."""
    if isinstance(value, Object):
        return _key(world, value)
    if isinstance(value, dict):
        return {key: resolved(world, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [resolved(world, item) for item in value]
    return value


def with_ids(stands: Any, value: Any) -> Any:
    """``value`` with the ids of the blocks and rows that stand at the same places."""
    if isinstance(value, dict) and isinstance(stands, dict):
        own = {"id": stands["id"]} if "id" in stands else {}
        return {**{key: with_ids(stands.get(key), item) for key, item in value.items()}, **own}
    if isinstance(value, list) and isinstance(stands, list):
        pairs = zip([*stands, *[None] * len(value)], value, strict=False)
        return [with_ids(*pair) for pair in pairs]
    return value


def differing(fields: Values, wrote: Values) -> Values:
    """Of the fields that were written, what was read, where it is not that."""
    return {name: fields.get(name) for name in wrote if not alike(fields.get(name), wrote[name])}


def alike(read: Any, wrote: Any) -> bool:
    """Whether what was read is what was written: times in any zone, and with the ids it got."""
    if isinstance(wrote, dict):
        return isinstance(read, dict) and all(alike(read.get(key), wrote[key]) for key in wrote)
    if isinstance(wrote, list) and all(isinstance(item, int | str) for item in wrote):
        # Tags and chosen objects have no order of their own.
        return isinstance(read, list) and sorted(read) == sorted(wrote)
    if isinstance(wrote, list):
        same = isinstance(read, list) and len(read) == len(wrote)
        return same and all(alike(*pair) for pair in zip(read, wrote, strict=True))
    return bool(read == wrote) or _moment(read) == _moment(wrote) is not None


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def _belonging(name: str) -> set[str]:
    # Tags are kept under the name of their own table.
    return {"tags": {"tagged", "tagged_items"}}.get(name, {name})


def _key(world: World, wanted: Object) -> Any:
    if wanted.model is Page:
        return (world.events if wanted.second else world.blog).pk
    name = "second" if wanted.second else "first"
    if issubclass(wanted.model, get_image_model()):
        return (world.secret_image if wanted.second else world.image).pk
    if issubclass(wanted.model, get_document_model()):
        file = ContentFile(b"text", name=f"{name}.txt")
        return _made(wanted.model, title=name, defaults={"file": file})
    return _made(wanted.model, name=name)


def _made(model: type[Model], **fields: Any) -> Any:
    return model._default_manager.get_or_create(**fields)[0].pk
