"""What reaches visitors."""

from mcp_server.api import (
    PUBLISHING,
    Actor,
    Confirm,
    PageId,
    PageSummary,
    RevisionId,
    tool,
)
from mcp_server.content import publishing
from mcp_server.content.finding import readable_draft
from mcp_server.content.impact import Impact, page_impact


@tool(PUBLISHING, kind="read")
def get_page_impact(actor: Actor, page_id: PageId) -> Impact:
    """What removing, unpublishing or moving a page would touch, and the confirm value that those
    tools need."""
    return page_impact(actor, readable_draft(actor, page_id))


@tool(PUBLISHING, kind="live")
def publish_page(actor: Actor, page_id: PageId, revision_id: RevisionId) -> PageSummary:
    """Make a draft live. Only when a person asked for it. Takes the revision_id that you read;
    refused when a newer draft exists or required fields are empty."""
    return publishing.publish_page(actor, page_id, revision_id)


@tool(PUBLISHING, kind="live")
def unpublish_page(actor: Actor, page_id: PageId, confirm: Confirm) -> PageSummary:
    """Take a page offline; its content stays as a draft. Call get_page_impact first and pass
    its confirm value."""
    return publishing.unpublish_page(actor, page_id, confirm)
