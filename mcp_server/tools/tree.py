"""The page tree: looking around, moving, copying, deleting."""

from typing import Annotated

from pydantic import Field

from mcp_server.api import (
    TREE,
    Actor,
    Confirm,
    PageId,
    PageSummary,
    ParentId,
    Refused,
    Title,
    tool,
)
from mcp_server.content import publishing, writing
from mcp_server.content.finding import find_by_address, tree_page, tree_root
from mcp_server.content.searching import MAX_DEPTH, Tree, page_tree


@tool(TREE, kind="read")
def get_page_tree(
    actor: Actor,
    root_id: Annotated[int | None, Field(description="Default: the top", ge=1)] = None,
    depth: Annotated[int, Field(ge=1, le=MAX_DEPTH)] = 2,
) -> Tree:
    """The pages below a page, in order, with status and child count."""
    root = tree_page(actor, root_id) if root_id else tree_root(actor)
    if root is None:
        raise Refused("This user has no page to work on. An admin can give page permissions.")
    return page_tree(actor, root, depth)


@tool(TREE, kind="read")
def find_page(
    actor: Actor,
    url: Annotated[str, Field(min_length=1, max_length=2000)],
) -> PageSummary:
    """The page at a URL or path such as /blog/my-post/, or with a slug; drafts are found too."""
    return PageSummary.of(find_by_address(actor, url))


@tool(TREE, kind="draft", once=True)
def copy_page(
    actor: Actor,
    page_id: PageId,
    parent_id: Annotated[int | None, Field(description="Default: same parent", ge=1)] = None,
    title: Title | None = None,
    recursive: bool = False,
) -> PageSummary:
    """Copy a page as a draft, with its children when recursive."""
    return writing.copy_page(actor, page_id, parent_id, title, recursive)


@tool(TREE, kind="live")
def move_page(actor: Actor, page_id: PageId, parent_id: ParentId, confirm: Confirm) -> PageSummary:
    """Move a page and everything below it under another parent. Addresses change: call
    get_page_impact first and pass its confirm value."""
    return publishing.move_page(actor, page_id, parent_id, confirm)


@tool(TREE, kind="destructive")
def delete_page(actor: Actor, page_id: PageId, confirm: Confirm) -> publishing.Deleted:
    """Delete a page and everything below it. Call get_page_impact first, show the person what
    it says, and pass its confirm value only when they agree."""
    return publishing.delete_page(actor, page_id, confirm)
