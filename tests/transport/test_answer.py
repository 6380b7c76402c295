"""An answer of ours on the wire is the one that FastMCP and the SDK would make of it."""

from typing import Any

import pytest
from fastmcp.tools.base import ToolResult
from mcp_types import CallToolResult
from pydantic import BaseModel

from mcp_server.results import Change, Picture, Pictured
from mcp_server.transport.answer import Answer

# How the SDK asks for it: https://modelcontextprotocol.io/specification/2026-07-28/server/tools
ON_THE_WIRE: dict[str, Any] = {"by_alias": True, "mode": "json", "exclude_none": True}


class Saved(Change):
    title: str
    blocks: list[dict[str, Any]]
    note: str | None = None


class Shown(Pictured):
    width: int


class Item(BaseModel):
    id: int


RESULTS: tuple[Any, ...] = (
    "Nothing was done.",
    None,
    [],
    [Item(id=1), Item(id=2)],
    {"held": None, "by": {"nested": [None, 1.5, True]}},
    Saved(title='"é\ud800"\u2028', blocks=[{"value": None}, {"type": "x"}]),
    Shown(width=3).showing(Picture(b"\x00\xff", "image/png")),
)


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: type(result).__name__)
def test_as_fastmcp_and_the_sdk_would_make_it(result: Any) -> None:
    answer = Answer.of(result)
    plain = ToolResult(content=answer.content, structured_content=answer.structured_content)
    assert plain.to_mcp_result() == (answer.content, answer.structured_content)
    made = CallToolResult(content=plain.content, structured_content=plain.structured_content)
    wanted = made.model_dump(**ON_THE_WIRE)
    assert answer.to_mcp_result().model_dump(**ON_THE_WIRE) == wanted
    assert (answer.is_error, answer.meta, answer.outcome) == (False, None, "success")


def test_a_refusal_is_marked_as_one() -> None:
    answer = Answer.refusal("conflict", "Read again.")
    dumped = answer.to_mcp_result().model_dump(**ON_THE_WIRE)
    assert dumped["isError"] is True
    assert "structuredContent" not in dumped
    assert dumped["content"] == [{"type": "text", "text": "Read again."}]
    assert answer.outcome == "conflict"
