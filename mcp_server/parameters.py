"""The parameters that many tools share.

A name that says what it is needs no description: each one costs the model in every session.
"""

from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

PageId = Annotated[int, Field(ge=1)]
ParentId = Annotated[int, Field(ge=1)]
RevisionId = Annotated[int, Field(ge=0)]
Limit = Annotated[int, Field(ge=1, le=50)]
Cursor = str | None
Confirm = Annotated[str, Field(description="From get_page_impact")]
Fields = Annotated[dict[str, Any], Field(description="{name: value}, see describe_page_type")]
Body = Annotated[
    str | list[dict[str, Any]],
    WithJsonSchema(
        {"type": ["string", "array"], "description": "Markdown or blocks"},
    ),
]
Slug = Annotated[str | None, Field(max_length=255)]
Title = Annotated[str, Field(min_length=1, max_length=255)]
