"""The shape of answers on the wire."""

import base64
import json
from typing import Any, Self

from fastmcp.tools.base import ToolResult
from mcp_types import (
    INVALID_REQUEST,
    CallToolResult,
    ContentBlock,
    ImageContent,
    TextContent,
)
from pydantic import BaseModel, PrivateAttr
from pydantic_core import to_jsonable_python

from mcp_server.results import Pictured, compact

SUCCESS = "success"


class Answer(ToolResult):
    """A tool result that remembers how the call ended, for metrics and the log."""

    _outcome: str = PrivateAttr(default=SUCCESS)

    @property
    def outcome(self) -> str:
        """``success``, or the code of the refusal: ``invalid``, ``conflict``, ``error``, …"""
        return self._outcome

    @classmethod
    def of(cls, result: Any) -> Self:
        """A success: the data once as it is, and once as text for clients that read only that."""
        data = structured(result)
        content: list[ContentBlock] = [_text(compact_json(data)), *_pictures(result)]
        # Not the constructor: it would look through data that is JSON already.
        return cls.model_construct(content=content, structured_content=data)

    def to_mcp_result(self) -> Any:
        if self.is_error or self.meta is not None or self.structured_content is None:
            return super().to_mcp_result()
        return _Ready.model_construct(
            content=self.content, structured_content=self.structured_content
        )

    @classmethod
    def refusal(cls, outcome: str, sentence: str) -> Self:
        """An error result, which the model reads, unlike a protocol error."""
        answer = cls(content=[_text(sentence)], is_error=True)
        answer._outcome = outcome
        return answer


class _Ready(CallToolResult):
    """A result whose data is JSON already, which pydantic would find out piece by piece."""

    def model_dump(self, **options: Any) -> dict[str, Any]:
        """As the SDK asks for it: under the names of the protocol."""
        rest = super().model_dump(exclude={"structured_content"}, **options)
        return {**rest, "structuredContent": self.structured_content}


def structured(result: Any) -> dict[str, Any]:
    """``result`` as a JSON object, which the protocol asks for; lists go under ``result``."""
    if isinstance(result, BaseModel):
        ready = compact(result)
    else:
        data = [compact(item) for item in result] if isinstance(result, list) else result
        ready = to_jsonable_python(data)
    return ready if isinstance(ready, dict) else {"result": ready}


def compact_json(data: Any) -> str:
    """JSON without spaces and escapes: every character costs the model."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def protocol_error(message: str, code: int = INVALID_REQUEST) -> dict[str, Any]:
    """A JSON-RPC error for a request that was not read; clients show no other kind of body."""
    return {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": message}}


def _pictures(result: Any) -> list[ImageContent]:
    picture = result.picture if isinstance(result, Pictured) else None
    if picture is None:
        return []
    data = base64.b64encode(picture.content).decode()
    return [ImageContent(type="image", data=data, mime_type=picture.mime_type)]


def _text(text: str) -> TextContent:
    return TextContent(type="text", text=text)
