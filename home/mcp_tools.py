"""The tool for flexible pages."""

from mcp_server.api import (
    PAGES,
    Actor,
    Body,
    PageSummary,
    ParentId,
    Slug,
    Title,
    create_page,
    tool,
)


@tool(PAGES, kind="draft", once=True)
def create_flex_page(
    actor: Actor, parent_id: ParentId, title: Title, body: Body, slug: Slug = None
) -> PageSummary:
    """Draft a flexible page made of blocks."""
    values = {"title": title, "body": body, **({"slug": slug} if slug else {})}
    return create_page(actor, "home.FlexPage", parent_id, values)
