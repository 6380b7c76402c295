"""What a model reads of a tool's parameters."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from mcp_server.registry import registry
from mcp_server.transport.adapter import EditorTool
from mcp_server.transport.arguments import Arguments
from mcp_server.transport.schema import compact_schema

from . import throwaway

SORT_PLANTS = next(spec for spec in throwaway.SPECS if spec.name == "sort_plants")


def test_compaction() -> None:
    schema = Arguments(SORT_PLANTS).schema()
    assert list(schema["properties"]) == [
        "name", "parts", "body", "version", "seen", "tags", "copy"
    ]  # fmt: skip
    assert schema == {
        "type": "object",
        "required": ["name", "parts", "body"],
        "properties": {
            "name": {
                "type": "string",
                "description": "Botanical name",
            },
            "parts": {
                "type": "array",
                "items": {
                    "type": "object",
                    "description": "One part.",
                    "required": ["kind"],
                    "properties": {
                        "kind": {"type": "string", "enum": ["stem", "leaf"]},
                        "size": {"type": "integer"},
                    },
                },
            },
            "body": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "object"}}]},
            "version": {"type": "string", "enum": ["draft", "live"], "default": "draft"},
            "seen": {"type": "string", "format": "date"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "copy": {"type": "boolean"},
        },
    }


def test_no_parameters() -> None:
    assert Arguments(throwaway.SPECS[0]).schema() == {"type": "object", "properties": {}}


class Leaf(BaseModel):
    title: str
    length: Annotated[float, Field(title="Length in centimetres", gt=0)]


class Branch(BaseModel):
    leaves: list[Leaf]
    spare: Leaf
    parent: int | None


class Tree(BaseModel):
    children: list["Tree"]


def test_shared_definitions_stay_and_titles_that_are_names_too() -> None:
    schema = compact_schema(Branch.model_json_schema())
    assert schema["$defs"]["Leaf"]["properties"] == {
        "title": {"type": "string"},
        "length": {"type": "number"},
    }
    assert schema["properties"]["spare"] == {"$ref": "#/$defs/Leaf"}


def test_required_and_nullable_stays_nullable() -> None:
    schema = compact_schema(Branch.model_json_schema())
    assert {"type": "null"} in schema["properties"]["parent"]["anyOf"]


def test_a_recursive_definition_is_not_inlined() -> None:
    schema = compact_schema(Tree.model_json_schema())
    assert "Tree" in schema["$defs"]


def noise(node: Any, inside_names: bool = False) -> list[str]:
    if isinstance(node, list):
        return [word for item in node for word in noise(item)]
    if not isinstance(node, dict):
        return []
    words = [] if inside_names else [key for key in node if key == "title"]
    if not inside_names and node.get("type") == "null":
        words.append("null")
    for key, value in node.items():
        words += noise(value, inside_names=not inside_names and key == "properties")
    return words


def without_choices_of_none(schema: Any) -> Any:
    """Without parameters that are required and may be null: there, null says something."""
    properties = {
        name: part
        for name, part in schema["properties"].items()
        if not (name in schema.get("required", []) and {"type": "null"} in part.get("anyOf", []))
    }
    return {**schema, "properties": properties}


@pytest.mark.parametrize("spec", list(registry), ids=lambda spec: spec.name)
def test_the_site_s_tools_are_free_of_noise(spec: Any) -> None:
    tool = EditorTool.of(spec).to_mcp_tool().model_dump(by_alias=True, exclude_none=True)
    assert not noise(without_choices_of_none(tool["inputSchema"]))
    assert "outputSchema" not in tool
    assert "_meta" not in tool
    assert "title" not in tool["annotations"]


@pytest.mark.parametrize(
    ("kind", "hints"),
    [
        ("read", {"readOnlyHint": True, "openWorldHint": False}),
        ("draft", {"readOnlyHint": False, "destructiveHint": False, "openWorldHint": False}),
        ("live", {"readOnlyHint": False, "destructiveHint": True, "openWorldHint": False}),
        ("destructive", {"readOnlyHint": False, "destructiveHint": True, "openWorldHint": False}),
    ],
)
def test_annotations_come_from_the_kind(kind: str, hints: dict[str, bool]) -> None:
    spec = next(spec for spec in throwaway.SPECS if spec.kind == kind)
    tool = EditorTool.of(spec).to_mcp_tool().model_dump(by_alias=True, exclude_none=True)
    assert tool["annotations"] == hints
