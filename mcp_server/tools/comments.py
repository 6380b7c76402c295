"""Comments on fields and blocks: the conversation with the people in the editor."""

from typing import Annotated

from pydantic import Field

from mcp_server.api import REVIEW, Actor, PageId, tool
from mcp_server.content import commenting

Text = Annotated[str, Field(max_length=4000)]
CommentId = Annotated[int, Field(ge=1)]


@tool(REVIEW, kind="read")
def list_comments(actor: Actor, page_id: PageId) -> commenting.Comments:
    """The open comments of Wagtail's editor, with replies."""
    return commenting.page_comments(actor, page_id)


@tool(REVIEW, kind="draft")
def add_comment(
    actor: Actor,
    page_id: PageId,
    text: Text,
    contentpath: Annotated[
        str, Field(description="Field, or body.<block id>[.<child>]", max_length=500)
    ],
) -> commenting.CommentItem:
    """Comment for the editors on a field or block (its first input) of the newest draft."""
    return commenting.add_comment(actor, page_id, text, contentpath)


@tool(REVIEW, kind="draft")
def resolve_comment(
    actor: Actor,
    comment_id: CommentId,
    reply: Text = "",
    keep_open: bool = False,
) -> commenting.CommentItem:
    """Close a comment, with a reply if given; keep_open only replies."""
    return commenting.resolve_comment(actor, comment_id, reply, keep_open)
