"""One search over everything."""

from typing import Annotated

from pydantic import Field

from mcp_server.api import SEARCH, Actor, Cursor, Limit, tool
from mcp_server.content.everything import Hits, search_everything


@tool(SEARCH, kind="read")
def search_any(
    actor: Actor,
    query: Annotated[str, Field(min_length=1, max_length=200)],
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Hits:
    """Search pages, images, documents and snippets."""
    return search_everything(actor, query.strip(), limit, cursor)
