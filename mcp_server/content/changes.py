"""What a token changed, newest first."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from pydantic import BaseModel
from wagtail.models import Page

from mcp_server.actor import Actor
from mcp_server.models import MCPCall

from .clock import comparable, shown
from .listing import listed
from .shapes import Listing

if TYPE_CHECKING:
    from django.db.models import QuerySet


class ChangeItem(BaseModel):
    """One change; ``before`` and ``after`` are revisions, ``was`` are an image's values before."""

    id: int
    tool: str
    at: str
    page_id: int | None = None
    object_id: str | None = None
    type: str | None = None
    title: str
    before: int | None = None
    after: int | None = None
    was: dict[str, Any] | None = None
    undone: bool | None = None


def changes_of(actor: Actor) -> "QuerySet[MCPCall]":
    """The changes that this token made and that are young enough to be undone."""
    mine = MCPCall.objects.changes()
    # Without authentication there is no token; then the user's own changes are meant.
    return mine.filter(token=actor.token) if actor.token else mine.filter(user_id=actor.user.pk)


def list_changes(
    actor: Actor, since: datetime | None, limit: int, cursor: str | None
) -> Listing[ChangeItem]:
    """Changes of this token, newest first; only those after ``since`` when it is given."""
    found = changes_of(actor).select_related("content_type").order_by("-pk")
    if since is not None:
        found = found.filter(at__gte=comparable(since))
    return listed(found, _item, limit, cursor)


def is_page(call: MCPCall) -> bool:
    """Whether the call changed a page, and not an image or another object."""
    return call.content_type_id == ContentType.objects.get_for_model(Page).pk


def _item(call: MCPCall) -> ChangeItem:
    page = is_page(call)
    model = None if page or not call.content_type else call.content_type.model_class()
    return ChangeItem(
        id=call.pk,
        tool=call.tool,
        at=shown(call.at),
        page_id=int(call.object_id) if page else None,
        object_id=None if page else call.object_id,
        type=str(model._meta.label) if model else None,
        title=call.object_title,
        before=call.revision_before,
        after=call.revision_after,
        was=call.data.get("image", {}).get("before"),
        undone=True if call.undone_at else None,
    )
