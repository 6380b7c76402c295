"""Input schemas without the words that cost a model tokens and tell it nothing."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

# Values, not schemas: a "title" inside them is the tool's own.
_VALUES = frozenset({"const", "default", "enum", "examples", "required"})
_NAMED = frozenset({"properties", "patternProperties", "$defs"})
# `additionalProperties` is said when a call gets it wrong; `discriminator` is OpenAPI's.
# Limits too: a call that breaks one is told it in a sentence, and most calls never come near.
_NOISE = frozenset(
    {
        "title",
        "additionalProperties",
        "discriminator",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
    }
)
_REF = "#/$defs/"


def compact_schema(schema: Schema) -> Schema:
    """A JSON schema as pydantic makes it, cut down to what a caller needs.

    No titles; optional fields are not required instead of nullable; no empty defaults;
    definitions that are used once stand where they are used.
    """
    definitions = schema.get("$defs", {})
    uses = Counter(_references(schema))
    once = {
        name: definition
        for name, definition in definitions.items()
        if uses[name] == 1 and name not in _reachable(name, definitions)
    }
    tidy: Schema = _tidy(schema, once)
    kept = {name: part for name, part in tidy.pop("$defs", {}).items() if name not in once}
    return {**tidy, "$defs": kept} if kept else tidy


def _tidy(node: Any, once: dict[str, Schema]) -> Any:
    if isinstance(node, list):
        return [_tidy(item, once) for item in node]
    if not isinstance(node, dict):
        return node
    inlined = once.get(_target(node))
    if inlined is not None:
        return _tidy({**inlined, **{k: v for k, v in node.items() if k != "$ref"}}, once)
    out = {key: _part(key, value, once) for key, value in node.items() if key not in _NOISE}
    if isinstance(node.get("additionalProperties"), dict):
        out["additionalProperties"] = _tidy(node["additionalProperties"], once)
    if "properties" in out:
        _optional(out)
    return out


def _part(key: str, value: Any, once: dict[str, Schema]) -> Any:
    if key in _VALUES:
        return value
    if key in _NAMED and isinstance(value, dict):
        return {name: _tidy(part, once) for name, part in value.items()}
    if key == "description" and isinstance(value, str):
        return " ".join(value.split())
    return _tidy(value, once)


def _optional(node: Schema) -> None:
    required = node.get("required", [])
    node["properties"] = {
        name: part if name in required else _without_null(part)
        for name, part in node["properties"].items()
    }


def _without_null(part: Schema) -> Schema:
    out = {key: value for key, value in part.items() if key != "default" or _telling(value)}
    choices = [choice for choice in out.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        rest = {key: value for key, value in out.items() if key != "anyOf"}
        return {**choices[0], **rest}
    return {**out, "anyOf": choices} if choices else out


def _telling(default: Any) -> bool:
    return default not in (None, "", [], {}, False, 0)


def _target(node: Schema) -> str:
    reference = node.get("$ref")
    return reference.removeprefix(_REF) if isinstance(reference, str) else ""


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    elif isinstance(node, dict):
        if target := _target(node):
            yield target
        for key, value in node.items():
            # The mapping of a discriminator names the same definitions once more.
            if key != "discriminator":
                yield from _references(value)


def _reachable(name: str, definitions: dict[str, Schema]) -> set[str]:
    """The definitions that ``name`` leads to; itself, when it is recursive."""
    seen: set[str] = set()
    queue = [name]
    while queue:
        for target in _references(definitions.get(queue.pop(), {})):
            if target not in seen:
                seen.add(target)
                queue.append(target)
    return seen
