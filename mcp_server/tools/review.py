"""Looking back and looking ahead: revisions, comparisons, previews."""

from typing import Annotated

from pydantic import Field, WithJsonSchema

from mcp_server.api import (
    REVIEW,
    Actor,
    Cursor,
    Limit,
    Listing,
    PageId,
    PageSummary,
    RevisionId,
    tool,
)
from mcp_server.content import comparing, previewing, writing
from mcp_server.content.finding import readable_draft
from mcp_server.content.history import RevisionItem, page_revisions

RevisionPick = Annotated[int, Field(ge=1)]
LiveOrRevision = Annotated[int | comparing.Live, WithJsonSchema({"type": ["integer", "string"]})]


@tool(REVIEW, kind="read")
def list_revisions(
    actor: Actor, page_id: PageId, limit: Limit = 20, cursor: Cursor = None
) -> Listing[RevisionItem]:
    """Who saved a page when, through which tool, and which fields changed; newest first."""
    return page_revisions(readable_draft(actor, page_id), actor.user, limit, cursor)


@tool(REVIEW, kind="read")
def compare_revisions(
    actor: Actor, page_id: PageId, a: RevisionPick, b: LiveOrRevision = "live"
) -> comparing.Comparison:
    """What changed between two revisions, or one and the live version: per field and block."""
    return comparing.compare_revisions(actor, page_id, a, b)


@tool(REVIEW, kind="read")
def preview_page(
    actor: Actor,
    page_id: PageId,
    revision_id: RevisionPick | None = None,
) -> previewing.Preview:
    """A draft (default: the newest) as visitors would see it: an address that works without a
    login for some hours, and its text, to check your own work."""
    return previewing.preview_page(actor, page_id, revision_id)


@tool(REVIEW, kind="draft")
def revert_page(
    actor: Actor,
    page_id: PageId,
    revision_id: RevisionId,
    base_revision_id: RevisionId | None = None,
) -> PageSummary:
    """Bring an earlier revision back as a draft; the live page stays."""
    return writing.revert_page(actor, page_id, revision_id, base_revision_id)
