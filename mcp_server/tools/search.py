"""One search over everything."""

from typing import Annotated

from pydantic import Field

from mcp_server.api import SEARCH, Actor, Limit, tool
from mcp_server.content.everything import Hits, search_everything


@tool(SEARCH, kind="read")
def search_any(
    actor: Actor,
    query: Annotated[str, Field(min_length=1, max_length=200)],
    limit: Limit = 10,
) -> Hits:
    """Search pages, images, documents and snippets at once."""
    return search_everything(actor, query.strip(), limit)
