"""Pages of any type: reading, finding, creating, editing."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from mcp_server.api import (
    PAGES,
    Actor,
    Cursor,
    Fields,
    Invalid,
    Limit,
    Listing,
    PageId,
    PageItem,
    PageSummary,
    ParentId,
    RevisionId,
    Slug,
    Title,
    tool,
    visible_page,
)
from mcp_server.content import searching, writing
from mcp_server.content.page_types import PageType, TypeItem, describe_type, type_list
from mcp_server.content.reading import PageContent, Version, read_page
from mcp_server.content.shapes import BlocksSummary

TypeName = Annotated[str, Field(max_length=100)]


class Types(BaseModel):
    """The page types of the site."""

    types: list[TypeItem]


@tool(PAGES, kind="read")
def get_page_content(actor: Actor, page_id: PageId, version: Version = "draft") -> PageContent:
    """Read a page: its fields (rich text as Markdown, StreamFields as blocks with ids), status,
    locks, who has it open, and the revision_id that every write needs."""
    return read_page(actor, visible_page(actor, page_id), version)


@tool(PAGES, kind="read")
def search_pages(
    actor: Actor,
    query: Annotated[str, Field(max_length=200)] = "",
    type: TypeName | None = None,
    under_id: Annotated[int | None, Field(ge=1)] = None,
    status: searching.Status | None = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Listing[PageItem]:
    """Find pages by words, type, place and status. Without words: newest first."""
    return searching.search_pages(actor, query, type, under_id, status, limit, cursor)


@tool(PAGES, kind="read")
def list_page_types(actor: Actor) -> Types:
    """The page types (as blog.BlogPage) of this site and where you may create each."""
    return Types(types=type_list(actor))


@tool(PAGES, kind="read")
def describe_page_type(actor: Actor, type: TypeName) -> PageType:
    """The fields of a page type with limits, choices, help texts and blocks, where such a page
    may be created, and an example for create_page."""
    return describe_type(actor, type)


@tool(PAGES, kind="draft", once=True)
def create_page(
    actor: Actor,
    type: TypeName,
    parent_id: ParentId,
    title: Title,
    fields: Fields = {},  # noqa: B006 - never changed; {} shows as the default
    slug: Slug = None,
) -> PageSummary:
    """Create a draft of any page type. A StreamField takes Markdown or a list of
    {"type", "value"} blocks; rich text takes Markdown, with links as
    [text](wagtail://page?id=3) and images ![alt](wagtail://image?id=3)."""
    given = {"title": title, **({"slug": slug} if slug else {})}
    twice = [name for name in given if fields.get(name, given[name]) != given[name]]
    if twice:
        raise Invalid((f"fields.{name}", "given twice, with two values") for name in twice)
    return writing.create_page(actor, type, parent_id, {**fields, **given})


@tool(PAGES, kind="draft")
def edit_page_blocks(
    actor: Actor,
    page_id: PageId,
    base_revision_id: RevisionId,
    operations: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=50)],
    field: Annotated[str, Field(max_length=100)] = "body",
) -> BlocksSummary:
    """Change single blocks of a StreamField by id, nested ones too; all operations or none. Each
    is {"op": …}: insert (after: id or null, or into: "id.child"; block), replace (id, block),
    set (id, path: "attribution", value), move (id, after), remove (id)."""
    return writing.edit_page_blocks(actor, page_id, base_revision_id, operations, field)


@tool(PAGES, kind="draft")
def update_page(
    actor: Actor, page_id: PageId, base_revision_id: RevisionId, fields: Fields
) -> PageSummary:
    """Save a new draft in which only the given fields change; visitors see nothing new. Send
    blocks back with their ids."""
    return writing.update_page(actor, page_id, base_revision_id, fields)
