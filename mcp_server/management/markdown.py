"""Markdown for the reference: tables, plain text, and schemas in words."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from mcp_server.registry import registry

_SIGNS = re.compile(r"[\\`*\[\]<>|]")
_NAME = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table; cells hold Markdown already."""
    rule = tuple("---" for _ in head)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def code(text: object) -> str:
    return f"`{text}`"


def plain(text: object) -> str:
    """Plain text as Markdown: signs escaped, names of tools turned into links."""
    escaped = _SIGNS.sub(r"\\\g<0>", str(text))
    return _NAME.sub(lambda match: _linked(match[0]), escaped).replace("\n", "  \n")


def tool_link(name: str) -> str:
    return f"[{name}](#{name})"


def _linked(name: str) -> str:
    return tool_link(name) if name in registry else name


def in_words(schema: dict[str, Any]) -> str:
    """A JSON schema in a few words: ``text, at most 255 characters``."""
    if "anyOf" in schema:
        return " or ".join(in_words(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(code(value) for value in schema["enum"])
    kind = schema.get("type", "any value")
    if isinstance(kind, list):
        return " or ".join(in_words({**schema, "type": name}) for name in kind)
    names = {"string": "text", "boolean": "true or false", "integer": "whole number"}
    word = names.get(kind, kind)
    if kind == "array":
        word = f"list of {in_words(schema.get('items', {}))}"
    return ", ".join([word, *_limits(schema)])


def _limits(schema: dict[str, Any]) -> Iterator[str]:
    if "format" in schema:
        yield str(schema["format"])
    low, high = schema.get("minimum"), schema.get("maximum")
    if high is not None:
        yield f"{low} to {high}" if low is not None else f"up to {high}"
    elif low is not None:
        yield f"from {low}"
    for key, unit in (("maxLength", "characters"), ("maxItems", "items")):
        if key in schema:
            yield f"at most {schema[key]} {unit}"
