"""What a token changed, newest first."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from pydantic import BaseModel
from wagtail.models import Page

from mcp_server.actor import Actor
from mcp_server.conf import mcp_settings
from mcp_server.models import MCPCall

from .clock import comparable, shown
from .listing import listed
from .shapes import Listing

if TYPE_CHECKING:
    from django.db.models import QuerySet


class ChangeItem(BaseModel):
    """One change; ``before`` and ``after`` are revisions of the page."""

    id: int
    tool: str
    at: str
    page_id: int | None = None
    object_id: str | None = None
    title: str
    before: int | None = None
    after: int | None = None
    undone: bool | None = None


def changes_of(actor: Actor) -> "QuerySet[MCPCall]":
    """The changes that this token made and that are young enough to be undone."""
    oldest = timezone.now() - timedelta(days=mcp_settings().UNDO_DAYS)
    mine = MCPCall.objects.filter(outcome="success", at__gte=oldest).exclude(object_id="")
    # Without authentication there is no token; then the user's own changes are meant.
    return mine.filter(token=actor.token) if actor.token else mine.filter(user_id=actor.user.pk)


def list_changes(
    actor: Actor, since: datetime | None, limit: int, cursor: str | None
) -> Listing[ChangeItem]:
    """Changes of this token, newest first; only those after ``since`` when it is given."""
    found = changes_of(actor).order_by("-pk")
    if since is not None:
        found = found.filter(at__gte=comparable(since))
    return listed(found, _item, limit, cursor)


def is_page(call: MCPCall) -> bool:
    """Whether the call changed a page, and not an image or another object."""
    return call.content_type_id == ContentType.objects.get_for_model(Page).pk


def _item(call: MCPCall) -> ChangeItem:
    page = is_page(call)
    return ChangeItem(
        id=call.pk,
        tool=call.tool,
        at=shown(call.at),
        page_id=int(call.object_id) if page else None,
        object_id=None if page else call.object_id,
        title=call.object_title,
        before=call.revision_before,
        after=call.revision_after,
        undone=True if call.undone_at else None,
    )
