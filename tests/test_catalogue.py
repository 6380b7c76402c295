"""Invariants over all tools: names, kinds, descriptions, and what they cost a model."""

import json
from typing import Any

import pytest

from mcp_server.registry import MAX_DESCRIPTION, ToolSpec, registry
from mcp_server.transport.adapter import EditorTool

ALL_LIMIT = 26_000
DRAFTING_LIMIT = 14_000
SPECS = list(registry)

# What issue-readers, clients and benchmarks rely on: name → (group, kind).
CATALOGUE = {
    "get_user_info": ("account", "read"),
    "list_sites": ("account", "read"),
    "search_any": ("search", "read"),
    "get_page_tree": ("tree", "read"),
    "find_page": ("tree", "read"),
    "copy_page": ("tree", "draft"),
    "move_page": ("tree", "live"),
    "delete_page": ("tree", "destructive"),
    "get_page_content": ("pages", "read"),
    "search_pages": ("pages", "read"),
    "list_page_types": ("pages", "read"),
    "describe_page_type": ("pages", "read"),
    "create_page": ("pages", "draft"),
    "create_flex_page": ("pages", "draft"),
    "update_page": ("pages", "draft"),
    "edit_page_blocks": ("pages", "draft"),
    "check_page": ("pages", "read"),
    "list_revisions": ("review", "read"),
    "compare_revisions": ("review", "read"),
    "preview_page": ("review", "read"),
    "revert_page": ("review", "draft"),
    "list_comments": ("review", "read"),
    "add_comment": ("review", "draft"),
    "resolve_comment": ("review", "draft"),
    "submit_for_review": ("review", "draft"),
    "list_review_tasks": ("review", "read"),
    "approve_review": ("review", "live"),
    "reject_review": ("review", "draft"),
    "get_page_impact": ("publishing", "read"),
    "publish_page": ("publishing", "live"),
    "unpublish_page": ("publishing", "live"),
    "schedule_page": ("publishing", "live"),
    "list_redirects": ("redirects", "read"),
    "create_redirect": ("redirects", "live"),
    "get_translation_status": ("translations", "read"),
    "copy_for_translation": ("translations", "draft"),
    "list_my_changes": ("changes", "read"),
    "undo_change": ("changes", "draft"),
    "list_blog_posts": ("blog", "read"),
    "create_blog_post": ("blog", "draft"),
    "list_events": ("events", "read"),
    "create_event": ("events", "draft"),
    "search_images": ("images", "read"),
    "get_image": ("images", "read"),
    "upload_image": ("images", "draft"),
    "update_image": ("images", "draft"),
    "search_documents": ("documents", "read"),
    "upload_document": ("documents", "draft"),
    "list_snippets": ("snippets", "read"),
    "get_snippet": ("snippets", "read"),
    "create_snippet": ("snippets", "draft"),
    "update_snippet": ("snippets", "draft"),
}


def _visible(spec: ToolSpec) -> dict[str, Any]:
    tool = EditorTool.of(spec)
    return {
        "name": tool.name,
        "description": tool.description,
        "inputSchema": tool.parameters,
    }


def model_bytes(specs: list[ToolSpec]) -> int:
    """Bytes of names, descriptions and input schemas, as compact JSON."""
    text = json.dumps([_visible(spec) for spec in specs], separators=(",", ":"), ensure_ascii=False)
    return len(text.encode())


def test_the_catalogue_is_what_it_says() -> None:
    assert {spec.name: (spec.group.name, spec.kind) for spec in SPECS} == CATALOGUE


def test_all_tools_are_cheap_for_the_model() -> None:
    assert model_bytes(SPECS) <= ALL_LIMIT
    drafting = [spec for spec in SPECS if spec.kind in ("read", "draft")]
    assert model_bytes(drafting) <= DRAFTING_LIMIT


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_a_tool_describes_itself(spec: ToolSpec) -> None:
    assert 20 <= len(spec.description) <= MAX_DESCRIPTION
    assert spec.description[0].isupper()
    assert spec.description.endswith(".")
    schema = json.dumps(EditorTool.of(spec).parameters)
    assert '"title": "' not in schema
    assert "$defs" not in schema


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_what_changes_a_page_needs_what_was_read(spec: ToolSpec) -> None:
    names = set(spec.parameters)
    if spec.name in (
        "update_page",
        "update_snippet",
        "publish_page",
        "schedule_page",
        "approve_review",
        "revert_page",
    ):
        assert names & {"base_revision_id", "revision_id"}
    if spec.name in ("move_page", "delete_page", "unpublish_page"):
        assert "confirm" in names
    assert "publish" not in names


def test_annotations_follow_the_kind() -> None:
    hints = {spec.name: EditorTool.of(spec).annotations for spec in SPECS}
    for spec in SPECS:
        found = hints[spec.name]
        assert found is not None
        assert bool(found.read_only_hint) == (spec.kind == "read")
        assert bool(found.destructive_hint) == (spec.kind in ("live", "destructive"))
