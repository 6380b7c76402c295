"""How deep and how long a value from a model may be."""

from typing import Any

from mcp_server.conf import mcp_settings


def size_problem(value: Any) -> str | None:
    """Why a value is nested deeper or longer than the settings allow; None when it is not."""
    settings = mcp_settings()
    pending: list[tuple[Any, int]] = [(value, 1)]
    items = 0
    while pending:
        current, depth = pending.pop()
        if depth > settings.MAX_DEPTH:
            return f"nested too deeply (allowed: {settings.MAX_DEPTH} levels)"
        if isinstance(current, str) and len(current) > settings.MAX_TEXT:
            return f"text too long (allowed: {settings.MAX_TEXT} characters)"
        children = _children(current)
        items += sum(isinstance(child, dict) for child in children)
        # A block is an object, and its value is often another one.
        if items > settings.MAX_BLOCKS * 3:
            return f"too many items (allowed: {settings.MAX_BLOCKS} blocks)"
        pending.extend((child, depth + 1) for child in children)
    return None


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
