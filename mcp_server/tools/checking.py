"""A page looked over before it is published."""

from mcp_server.api import PAGES, Actor, PageId, tool, visible_page
from mcp_server.content import checking
from mcp_server.content.reading import Version


@tool(PAGES, kind="read")
def check_page(actor: Actor, page_id: PageId, version: Version = "draft") -> checking.Checkup:
    """What an editor looks for before publishing: headings, alt texts, links, required fields,
    lengths, duplicates; each with its block and a suggestion."""
    return checking.check_page(actor, visible_page(actor, page_id), version)
