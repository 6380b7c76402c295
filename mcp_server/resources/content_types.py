"""The content model."""

from typing import Any

from mcp_server.api import Actor, page_types, resource
from mcp_server.content.page_types import describe_type, type_list


@resource("content://types", needs=("list_page_types",))
def content_types(actor: Actor) -> dict[str, Any]:
    """The page types of this site and where you may create each."""
    return {"types": [item.model_dump(exclude_none=True) for item in type_list(actor)]}


@resource("content://types/{type}", needs=("describe_page_type",), complete={"type": page_types})
def content_type(actor: Actor, type: str) -> dict[str, Any]:
    """The fields, limits, blocks and an example of one page type, e.g. blog.BlogPage."""
    return describe_type(actor, type).model_dump(exclude_none=True)
