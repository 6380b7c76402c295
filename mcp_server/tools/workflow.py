"""Review: pages on their way through a workflow."""

from typing import Annotated

from pydantic import Field

from mcp_server.api import REVIEW, Actor, PageId, RevisionId, tool
from mcp_server.content import workflow
from mcp_server.content.review_tasks import ReviewTasks, review_tasks

Comment = Annotated[str, Field(max_length=2000)]


@tool(REVIEW, kind="read")
def list_review_tasks(actor: Actor) -> ReviewTasks:
    """Pages that wait for this user's review, and the user's own submissions."""
    return review_tasks(actor)


@tool(REVIEW, kind="draft")
def submit_for_review(
    actor: Actor, page_id: PageId, comment: Comment = "", revision_id: RevisionId | None = None
) -> workflow.ReviewSummary:
    """Hand a draft to its reviewers, or back to them."""
    return workflow.submit_for_review(actor, page_id, comment, revision_id)


@tool(REVIEW, kind="live")
def approve_review(
    actor: Actor,
    page_id: PageId,
    revision_id: RevisionId,
    comment: Comment = "",
    task_id: Annotated[int | None, Field(ge=1)] = None,
) -> workflow.ReviewSummary:
    """Approve a page in review; the last approval publishes it. Only when a person asked."""
    return workflow.approve_review(actor, page_id, revision_id, comment, task_id)


@tool(REVIEW, kind="draft")
def reject_review(
    actor: Actor, page_id: PageId, comment: Annotated[Comment, Field(min_length=1)]
) -> workflow.ReviewSummary:
    """Request changes to a page in review."""
    return workflow.reject_review(actor, page_id, comment)
