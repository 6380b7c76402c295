"""The reference as one Markdown page, made from what the code declares."""

import inspect
from collections.abc import Iterator
from json import dumps
from typing import Any, get_args, get_type_hints

from django.utils import translation
from pydantic import BaseModel

from mcp_server.guides import guides
from mcp_server.registry import ToolSpec, registry
from mcp_server.transport.arguments import Arguments

from .markdown import code, in_words, plain, table, tool_link
from .operations import commands, metrics, settings, system_checks

INTRODUCTION = """# Reference

Written by `manage.py mcp_docs` from the code; run it again instead of editing this file.

Kinds: **read** changes nothing; **draft** writes a revision or an upload that visitors do not
see; **live** changes what visitors see; **destructive** removes something."""


def reference() -> str:
    """The whole page; the same for the same code, whatever language the site speaks."""
    with translation.override("en"):
        sections = [
            INTRODUCTION,
            *_tools(),
            *_resources(),
            *_prompts(),
            *settings(),
            *system_checks(),
            *metrics(),
            *commands(),
        ]
    return "\n\n".join(sections) + "\n"


def _tools() -> Iterator[str]:
    yield "## Tools"
    rows = [
        (str(group.label), tool_link(spec.name), spec.kind, plain(spec.summary))
        for group, specs in registry.grouped()
        for spec in specs
    ]
    yield table(("Group", "Tool", "Kind", "What it does"), rows)
    for spec in registry:
        yield from _tool(spec)


def _tool(spec: ToolSpec) -> Iterator[str]:
    yield f"### {spec.name}"
    yield f"{spec.group.label} · {spec.kind} · {code(spec.func.__module__)}"
    yield plain(spec.description)
    # What a client reads, so that the page and the protocol cannot differ.
    schema = Arguments(spec).schema()
    rows = [
        (code(name), in_words(part), _default(name, schema), plain(part.get("description", "")))
        for name, part in schema["properties"].items()
    ]
    if rows:
        yield table(("Parameter", "Type", "Default", "Meaning"), rows)
    yield f"Answer: {_answer(get_type_hints(spec.func)['return'])}."


def _default(name: str, schema: dict[str, Any]) -> str:
    if name in schema.get("required", []):
        return "required"
    part = schema["properties"][name]
    return code(dumps(part["default"])) if "default" in part else "none"


def _answer(result: Any, depth: int = 2) -> str:
    """The names in a tool's result, those of objects inside it in brackets."""
    model = _model(result)
    if model is None or depth == 0:
        return ""
    names = []
    for name, field in model.model_fields.items():
        inner = _answer(field.annotation, depth - 1)
        names.append(f"{code(name)} ({inner})" if inner else code(name))
    return ", ".join(names)


def _model(annotation: Any) -> type[BaseModel] | None:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model(part))), None)


def _resources() -> Iterator[str]:
    yield "## Resources"
    rows = [
        (code(spec.uri), spec.mime_type, plain(spec.description)) for spec in guides.resources()
    ]
    yield table(("Address", "Type", "What it holds"), rows)


def _prompts() -> Iterator[str]:
    yield "## Prompts"
    rows = [
        (
            code(spec.name),
            ", ".join(_argument(item) for item in _arguments(spec.func)),
            ", ".join(tool_link(name) for name in spec.needs),
            plain(spec.description),
        )
        for spec in guides.prompts()
    ]
    yield table(("Prompt", "Arguments", "Offered with", "What it does"), sorted(rows))


def _arguments(func: Any) -> list[inspect.Parameter]:
    return list(inspect.signature(func).parameters.values())[1:]


def _argument(item: inspect.Parameter) -> str:
    return code(item.name) + ("" if item.default is item.empty else " (optional)")
