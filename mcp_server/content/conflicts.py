"""What happened to a page since somebody read it, in words: per field, and per block by id."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model
from wagtail.models import Page

from .clock import shown
from .fields import StreamFormField, form_fields
from .people import display_name
from .reading import field_value

SHOWN = 120


def operated(operations: list[Any], field: str) -> Mapping[str, Any]:
    """Which blocks of ``field`` some block operations are about, for the conflict sentence."""
    named = [item.get("id") or item.get("after") for item in operations if isinstance(item, dict)]
    return {field: [{"id": block_id} for block_id in named if block_id]}


def changed_fields(page: Model, before: Any, after: Any, user: Any) -> list[str]:
    """Names of the fields in which two versions of a page differ, as ``user`` sees them."""
    return [
        name
        for name, field in form_fields(type(page), user)
        if field_value(before, name, field) != field_value(after, name, field)
    ]


def conflict_sentence(
    page: Any, base_revision_id: int, values: Mapping[str, Any], user: Any
) -> str:
    """Who saved what when; which of the caller's changes still fit, and which collide."""
    latest = page.get_latest_revision()
    base = page.revisions.filter(pk=base_revision_id).first()
    who = f"{display_name(latest.user)} saved revision {latest.pk} at {shown(latest.created_at)}"
    if base is None:
        return f"Nothing was saved: {who}. {_next_step(page)}"
    before, now = base.as_object(), latest.as_object()
    changed = changed_fields(page, before, now, user)
    lines = [f"Nothing was saved: {who}, after revision {base_revision_id} that you read."]
    lines.append(f"Changed there: {', '.join(changed) or 'nothing that you can see'}.")
    fits = [name for name in values if name not in changed]
    if fits:
        lines.append(f"Not changed there, so yours still fits: {', '.join(fits)}.")
    fields = dict(form_fields(type(page)))
    for name in changed:
        if name in values:
            was, became = (field_value(state, name, fields[name]) for state in (before, now))
            lines += _collision(name, fields[name], was, became, values[name])
    return "\n".join([*lines, _next_step(page)])


def _collision(name: str, field: Any, before: Any, now: Any, mine: Any) -> list[str]:
    if isinstance(field, StreamFormField) and isinstance(mine, list):
        return _block_collisions(name, before, now, mine)
    if mine == now:
        return [f"{name} has your value there already."]
    return [f"{name} collides: theirs {_short(now)}, yours {_short(mine)}."]


def _block_collisions(name: str, before: list[Any], now: list[Any], mine: list[Any]) -> list[str]:
    """Blocks by id: a block that only one side changed does not collide."""
    old, theirs, yours = _by_id(before), _by_id(now), _by_id(mine)
    their_changes = {key for key in old.keys() | theirs.keys() if old.get(key) != theirs.get(key)}
    both = [
        key
        for key in their_changes
        if key in yours and yours[key] != old.get(key) and yours[key] != theirs.get(key)
    ]
    lines = [
        f"{name} block {key} collides: theirs {_short(_value(theirs.get(key)))}, "
        f"yours {_short(_value(yours[key]))}."
        for key in sorted(both)
    ]
    only_there = sorted(their_changes - set(both))
    if only_there:
        lines.append(f"{name} blocks changed there only: {', '.join(only_there[:12])}.")
    return lines


def _by_id(items: list[Any]) -> dict[str, Any]:
    return {item["id"]: item for item in items or [] if isinstance(item, dict) and item.get("id")}


def _value(item: Any) -> Any:
    return "removed" if item is None else item.get("value", "an edit of this block")


def _next_step(page: Any) -> str:
    read = f"get_page_content({page.pk})"
    if not isinstance(page, Page):
        read = f"get_snippet for {page._meta.label} {page.pk}"
    return f"Call {read}, put your change on top, and use its revision_id."


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return f"“{text[:SHOWN]}…”" if len(text) > SHOWN else f"“{text}”"
