"""Revisions: who saved what, when, through which tool."""

from typing import Any

from pydantic import BaseModel
from wagtail.models import Page, PageLogEntry, Revision

from .clock import shown
from .listing import offset_of, page_of
from .people import display_name
from .revised import changed_fields
from .shapes import Listing

LOG_ACTION = "mcp_server.call"


class RevisionItem(BaseModel):
    """One revision of a page, newest first in lists."""

    id: int
    by: str
    at: str
    through: str | None = None
    changed: list[str]
    state: str | None = None


def page_revisions(page: Page, user: Any, limit: int, cursor: str | None) -> Listing[RevisionItem]:
    """The revisions of a page; ``changed`` names the fields that differ from the one before."""
    start = offset_of(cursor)
    ordered = page.revisions.select_related("user").order_by("-created_at", "-pk")
    total = ordered.count()
    # One more than is shown: the oldest one shown is compared with it.
    found = list(ordered[start : start + limit + 1])
    shown_ones = found[:limit]
    tools = _tools(page, [revision.pk for revision in shown_ones])
    older = [*found[1:], None][: len(shown_ones)]
    items = [
        RevisionItem(
            id=revision.pk,
            by=display_name(revision.user),
            at=shown(revision.created_at),
            through=tools.get(revision.pk),
            changed=_changed(page, before, revision, user),
            state=_state(page, revision),
        )
        for revision, before in zip(shown_ones, older, strict=True)
    ]
    return page_of(items, total, start)


def _tools(page: Page, revision_ids: list[int]) -> dict[int, str]:
    """Which tool made a revision, and with which token."""
    entries = PageLogEntry.objects.filter(
        page_id=page.pk, action=LOG_ACTION, revision_id__in=revision_ids
    ).values_list("revision_id", "data")
    return {
        pk: f"{data.get('tool')} ({data['token']})" if data.get("token") else str(data.get("tool"))
        for pk, data in entries
    }


def _changed(page: Page, before: Revision | None, revision: Revision, user: Any) -> list[str]:
    if before is None:
        return ["everything (first revision)"]
    return changed_fields(type(page), before, revision, user)


def _state(page: Page, revision: Revision) -> str | None:
    states = []
    if page.live and revision.pk == page.live_revision_id:
        states.append("live")
    if revision.pk == page.latest_revision_id:
        states.append("newest draft")
    if revision.approved_go_live_at:
        states.append(f"goes live {shown(revision.approved_go_live_at)}")
    return ", ".join(states) or None
