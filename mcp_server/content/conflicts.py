"""What happened to a page since somebody read it, in words: per field, and per block by id."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from wagtail.models import Page, Revision

from mcp_server.errors import Invalid

from .block_edits import MAX_OPERATIONS, BlockEdit
from .clock import shown
from .conflict_blocks import compare_blocks
from .fields import StreamFormField, form_fields
from .people import display_name
from .reading import field_value
from .revised import changed_fields
from .shortening import quoted, some_of
from .text import size_problem

MAX_REVISIONS = 5
MAX_NAMES = 12
MAX_COLLISIONS = 8


@dataclass(frozen=True)
class Operations:
    """A StreamField's new value that is given as operations on its blocks."""

    items: list[Any]

    def on(self, block: Any, value: list[Any]) -> list[Any]:
        """``value`` after those operations that fit it."""
        for operation in self.items[:MAX_OPERATIONS]:
            try:
                value = BlockEdit.of(block, value, [operation]).value
            except Invalid:
                # Told when the operations are made on the newest revision.
                continue
        return value

    def lost(self, before: list[Any], now: list[Any]) -> list[str]:
        """Blocks that something was to stand after, and that are gone."""
        named = [str(item.get("after")) for item in self.items if isinstance(item, dict)]
        gone = compare_blocks(before, now, before).there_only
        return [key for key in dict.fromkeys(named) if f"{key} (removed)" in gone]


@dataclass
class Told:
    """The three parts of the answer."""

    there_only: list[str] = field(default_factory=list)
    fits: list[str] = field(default_factory=list)
    collisions: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Empty parts are left out."""
        if self.there_only:
            yield f"Changed there only: {'; '.join(self.there_only)}."
        if self.fits:
            yield f"Unchanged there (yours can be applied again): {'; '.join(self.fits)}."
        yield from self.collisions[:MAX_COLLISIONS]
        rest = len(self.collisions) - MAX_COLLISIONS
        if rest > 0:
            yield f"And {rest} more collisions."


def operated(operations: list[Any], field: str) -> Mapping[str, Any]:
    """What some block operations make of ``field``, for the conflict sentence."""
    return {field: Operations(operations)}


def conflict_sentence(
    page: Any, base_revision_id: int, values: Mapping[str, Any], user: Any
) -> str:
    """Who saved what when; which of the caller's changes still fit, and which collide."""
    base = page.revisions.filter(pk=base_revision_id).first()
    latest = page.get_latest_revision()
    if base is None:
        who = f"{_who(latest)}. What you read had no revision to compare with"
        return f"Nothing was saved: {who}. {_next_step(page)}"
    lines = [f"Nothing was saved: after revision {base_revision_id} that you read,"]
    lines += _saves(page, base, latest, user)
    lines += _told(page, base, latest, values, user).lines()
    return "\n".join([*lines, _next_step(page)])


def _saves(page: Any, base: Revision, latest: Revision, user: Any) -> Iterator[str]:
    """Each revision since the base: by whom, when, which fields; the newest ones."""
    newer = page.revisions.filter(pk__gt=base.pk).select_related("user").order_by("-pk")
    found = list(newer[: MAX_REVISIONS + 1]) or [latest]
    rest = newer.count() - MAX_REVISIONS
    earlier = found.pop() if rest > 0 else base
    if rest > 0:
        yield f"{rest} earlier revision{'s' if rest > 1 else ''}, not shown;"
    before = earlier
    for revision in reversed(found):
        changed = changed_fields(type(page), before, revision, user)
        end = "." if revision is found[0] else ";"
        yield f"{_who(revision)}: {some_of(changed, MAX_NAMES) or 'nothing that you can see'}{end}"
        before = revision


def _told(
    page: Any, base: Revision, latest: Revision, values: Mapping[str, Any], user: Any
) -> Told:
    fields = dict(form_fields(type(page), user))
    changed = changed_fields(type(page), base, latest, user)
    before, now = base.as_object(), latest.as_object()
    # What is too deep or long is refused when it is written; here it would only take time.
    mine = {
        name: value
        for name, value in values.items()
        if name in fields
        and size_problem(value.items if isinstance(value, Operations) else value) is None
    }
    told = Told()
    only_there = some_of([name for name in changed if name not in mine], MAX_NAMES)
    fits = some_of([name for name in mine if name not in changed], MAX_NAMES)
    told.there_only += [only_there] if only_there else []
    told.fits += [fits] if fits else []
    for name in (name for name in changed if name in mine):
        was, became = (field_value(state, name, fields[name]) for state in (before, now))
        _tell_field(told, name, fields[name], was, became, mine[name])
    return told


def _tell_field(told: Told, name: str, field: Any, before: Any, now: Any, mine: Any) -> None:
    if isinstance(field, StreamFormField) and isinstance(mine, list | Operations):
        _tell_blocks(told, name, field, before, now, mine)
    elif mine == now:
        told.collisions.append(f"{name} has your value there already.")
    elif mine == before:
        told.there_only.append(name)
    elif not isinstance(mine, Operations):
        theirs, yours = quoted(now, mine)
        told.collisions.append(f"{name} collides: theirs {theirs}, yours {yours}.")


def _tell_blocks(told: Told, name: str, field: Any, before: Any, now: Any, mine: Any) -> None:
    """Blocks by id: a block that only one side changed does not collide."""
    if isinstance(mine, Operations):
        lost = mine.lost(before, now)
        told.collisions += [f"{name} block {key} was removed there: name another." for key in lost]
        mine = mine.on(field.block, before)
    found = compare_blocks(before, now, mine)
    told.collisions += [f"{name} {sentence}" for sentence in found.collisions]
    if found.there_only:
        told.there_only.append(f"{name} blocks {some_of(found.there_only, MAX_NAMES)}")
    if found.fits:
        told.fits.append(f"{name} blocks {some_of(found.fits, MAX_NAMES)}")


def _who(revision: Revision) -> str:
    name = display_name(revision.user)
    return f"{name} saved revision {revision.pk} at {shown(revision.created_at)}"


def _next_step(page: Any) -> str:
    read = f"get_page_content({page.pk})"
    if not isinstance(page, Page):
        read = f"get_snippet for {page._meta.label} {page.pk}"
    return f"Call {read}, put your change on top, and use its revision_id."
