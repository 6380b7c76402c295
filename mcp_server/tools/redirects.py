"""Old addresses that lead to new ones."""

from typing import Annotated

from pydantic import Field

from mcp_server.api import REDIRECTS, Actor, Cursor, Limit, Listing, PageId, tool
from mcp_server.content import redirecting, redirects
from mcp_server.content.redirects import RedirectItem


@tool(REDIRECTS, kind="read")
def list_redirects(
    actor: Actor,
    query: Annotated[str, Field(max_length=200)] = "",
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Listing[RedirectItem]:
    """Find redirects by path or target."""
    return redirects.list_redirects(actor, query, limit, cursor)


@tool(REDIRECTS, kind="live", once=True)
def create_redirect(
    actor: Actor,
    old_path: Annotated[str, Field(min_length=1, max_length=2000)],
    page_id: PageId | None = None,
    url: Annotated[str | None, Field(max_length=2000)] = None,
    permanent: bool = True,
    site_id: Annotated[int | None, Field(ge=1)] = None,
) -> RedirectItem:
    """Lead a path that has no page to a page or url, at once."""
    return redirecting.create_redirect(actor, old_path, page_id, url, permanent, site_id)
