"""Snippets of any registered type: listing, reading, creating, editing."""

from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from mcp_server.api import SNIPPETS, Actor, Cursor, Limit, Listing, tool
from mcp_server.content import snippets, snippets_writing

SnippetType = Annotated[str, Field(max_length=100)]
# Most keys are numbers, but none need be, nor what stands for a revision where there is none.
Key = Annotated[
    Annotated[int, Field(ge=0)] | Annotated[str, Field(max_length=255)],
    WithJsonSchema({"type": "string"}),
]
Fields = dict[str, Any]


@tool(SNIPPETS, kind="read")
def list_snippets(
    actor: Actor,
    type: SnippetType | None = None,
    query: Annotated[str, Field(max_length=200)] = "",
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Listing[snippets.SnippetItem | snippets.SnippetType]:
    """The snippets of a type, such as blog.Author; without a type, the types."""
    return snippets.list_snippets(actor, type, query, limit, cursor)


@tool(SNIPPETS, kind="read")
def get_snippet(actor: Actor, type: SnippetType, snippet_id: Key) -> snippets.SnippetContent:
    """Read a snippet: its fields, its state and the revision_id that a write needs."""
    return snippets.read_snippet(actor, type, snippet_id)


@tool(SNIPPETS, kind="draft", once=True)
def create_snippet(actor: Actor, type: SnippetType, fields: Fields) -> snippets.SnippetSummary:
    """Draft a snippet, with fields as in describe_page_type. A type without drafts is live at
    once, which takes Publishing."""
    return snippets_writing.create_snippet(actor, type, fields)


@tool(SNIPPETS, kind="draft")
def update_snippet(
    actor: Actor, type: SnippetType, snippet_id: Key, base_revision_id: Key, fields: Fields
) -> snippets.SnippetSummary:
    """Change only the given fields of a snippet, as a draft where its type has drafts."""
    return snippets_writing.update_snippet(actor, type, snippet_id, base_revision_id, fields)
