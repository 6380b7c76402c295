"""Publishing at a time."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from mcp_server.api import PUBLISHING, Actor, PageId, RevisionId, tool
from mcp_server.content import scheduling

Moment = Annotated[datetime, Field(description="ISO 8601; without a zone: the site's")]


@tool(PUBLISHING, kind="live")
def schedule_page(
    actor: Actor,
    page_id: PageId,
    revision_id: RevisionId,
    go_live_at: Moment | None,
    expire_at: datetime | None = None,
) -> scheduling.ScheduleSummary:
    """Publish a draft later. Only when a person asked; tell them the times in the reply.
    go_live_at null cancels the page's schedule."""
    return scheduling.schedule_page(actor, page_id, revision_id, go_live_at, expire_at)
