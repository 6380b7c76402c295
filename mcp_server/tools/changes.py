"""What this token changed, and taking it back."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from mcp_server.api import CHANGES, Actor, Cursor, Limit, Listing, tool
from mcp_server.content.changes import ChangeItem, list_changes
from mcp_server.content.undo import Undone
from mcp_server.content.undo import undo_change as take_back


@tool(CHANGES, kind="read")
def list_my_changes(
    actor: Actor,
    since: datetime | None = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Listing[ChangeItem]:
    """What this token changed, newest first, with the revisions before and after."""
    return list_changes(actor, since, limit, cursor)


@tool(CHANGES, kind="draft")
def undo_change(
    actor: Actor,
    change_id: Annotated[int, Field(ge=1)],
    with_later: bool = False,
) -> Undone:
    """Take a change back: drafts and unused uploads go, edits return to the revision before.
    with_later: all that this token did since, too. What others built upon is left and named."""
    return take_back(actor, change_id, with_later)
