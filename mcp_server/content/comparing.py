"""Two versions of a page side by side: what was added, removed and changed, in few words."""

from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import BaseModel
from wagtail.models import Page, Revision

from mcp_server.actor import Actor
from mcp_server.errors import Refused

from .clock import shown
from .differences import difference
from .fields import form_fields
from .finding import readable_draft
from .people import display_name
from .reading import field_value
from .writing import page_revision

MAX_CHARACTERS = 3_200

Live = Literal["live"]
# A field, and a line that tells how it differs.
Change = tuple[str, str]


class Comparison(BaseModel):
    """The way from the older version to the newer one; ``[-gone-]{+new+}`` inside a text."""

    page_id: int
    older: str
    newer: str
    changes: list[str]
    not_shown: str | None = None


def compare_revisions(actor: Actor, page_id: int, a: int | Live, b: int | Live) -> Comparison:
    """The differences between two revisions, or between one and what visitors see."""
    page = readable_draft(actor, page_id)
    # Whichever way round they are asked for: a change leads from the older to the newer one.
    older, newer = sorted((_version(page, a), _version(page, b)), key=lambda version: version[0])
    lines, hidden = fitting(changes(actor, page, older[2], newer[2]))
    return Comparison(
        page_id=page.pk,
        older=older[1],
        newer=newer[1],
        changes=lines,
        not_shown=hidden,
    )


def _version(page: Page, wanted: int | Live) -> tuple[int, str, Page]:
    """``(place in time, name, page)`` of one side."""
    if wanted != "live":
        revision = page_revision(page, wanted)
        return revision.pk, _name(revision), revision.as_object()
    if not page.live:
        raise Refused(
            f"Page {page.pk} has no live version: visitors cannot see it. "
            "Call list_revisions and compare two of those."
        )
    return page.live_revision_id or 0, "live, as visitors see it", page


def _name(revision: Revision) -> str:
    return f"revision {revision.pk} by {display_name(revision.user)}, {shown(revision.created_at)}"


def changes(actor: Actor, page: Page, older: Page, newer: Page) -> Iterator[Change]:
    """``(field, line)`` of everything that differs."""
    for name, field in form_fields(type(page), actor.user):
        values = [field_value(version, name, field) for version in (older, newer)]
        yield from ((name, line) for line in difference(name, *values))


def fitting(found: Iterable[Change], most: int = MAX_CHARACTERS) -> tuple[list[str], str | None]:
    """The lines that fit into a reply, and how many others there are, in which fields."""
    left, every = most, list(found)
    lines: list[str] = []
    for _, line in every:
        left -= len(line.encode()) + 4
        if left < 0:
            break
        lines.append(line)
    return lines, _count([name for name, _ in every[len(lines) :]])


def _count(hidden: list[str]) -> str | None:
    if not hidden:
        return None
    fields = ", ".join(dict.fromkeys(hidden))
    return f"{len(hidden)} more, in {fields[:200]}. Call get_page_content to read them."
