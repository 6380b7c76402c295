"""docs/shaping-content.md: its examples are run, and a hidden field is hidden everywhere."""

import json
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from blog.models import BlogPage
from mcp_server.content.markdown import Mapping, to_blocks
from mcp_server.errors import Conflict, Invalid
from mcp_server.tools.pages import describe_page_type, get_page_content, update_page
from mcp_server.tools.review import compare_revisions, list_revisions
from tests.world import World

PAGE = Path(__file__).resolve().parent.parent / "docs" / "shaping-content.md"


def _fences(language: str) -> list[str]:
    tokens = MarkdownIt("commonmark").parse(PAGE.read_text())
    return [token.content for token in tokens if token.type == "fence" and token.info == language]


def _run(source: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    exec(source, made)  # noqa: S102 - our own documentation
    return made


@pytest.fixture
def examples() -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """The stream of the page, and the two settings, one after the other."""
    stream, mapping, hiding = _fences("python")
    return _run(stream)["StoryBlock"](), _run(mapping)["MCP_SERVER"], _run(hiding)["MCP_SERVER"]


def test_the_mapping_makes_the_blocks_that_the_page_shows(examples: Any, settings: Any) -> None:
    stream, settings.MCP_SERVER, _ = examples
    warnings: list[str] = []
    made = to_blocks(_fences("markdown")[0], stream, "body", warnings)
    assert {"body": made} == json.loads(_fences("json")[0])
    assert warnings == []


def test_without_the_setting_the_heading_is_no_chapter(examples: Any, settings: Any) -> None:
    stream, _, _ = examples
    settings.MCP_SERVER = {}
    made = to_blocks(_fences("markdown")[0], stream, "body", [])
    assert [block["type"] for block in made] == ["prose", "photograph"]


def test_a_block_that_a_stream_lacks_leaves_it_alone(examples: Any, settings: Any) -> None:
    stream, _, _ = examples
    settings.MCP_SERVER = {"MARKDOWN_BLOCKS": {"heading": "nowhere", "quote": "photograph"}}
    assert Mapping(stream).types == {"paragraph": "prose", "image": "photograph"}


@pytest.fixture(params=[True, False], ids=["saved", "draft only"])
def saved(request: pytest.FixtureRequest) -> bool:
    """Whether the row of the page is in the database yet."""
    return bool(request.param)


@pytest.fixture
def hidden(world: World, examples: Any, settings: Any, saved: bool) -> World:
    """The blog post with values in the fields that the page's example hides."""
    settings.MCP_SERVER = {**settings.MCP_SERVER, **examples[2]}
    world.first.intro = "TOPSECRET"
    world.first.search_description = "TOPSECRET"
    world.first.related_links.create(title="More", url="https://topsecret.example.org/")
    if saved:
        # Until then, the row is part of the draft only and has no id.
        world.first.save()
    world.first.save_revision(user=world.admin)
    return world


def test_a_hidden_field_is_neither_read_nor_described(hidden: World) -> None:
    actor = hidden.actor("editor")
    read = get_page_content(actor, hidden.first.pk).model_dump_json()
    assert "topsecret" not in read.lower()
    described = describe_page_type(actor, "blog.BlogPage")
    text = described.model_dump_json()
    assert '"related_links"' in text
    for name in ("intro", "search_description"):
        assert name not in described.fields
        assert f'"{name}"' not in text
    assert "url" not in described.fields["related_links"]["fields"]


@pytest.mark.parametrize(
    "fields",
    [
        {"intro": "x"},
        {"search_description": "x"},
        {"related_links": [{"title": "x", "url": "https://example.org/"}]},
    ],
    ids=["field", "inherited", "row"],
)
def test_a_hidden_field_is_refused_as_unknown(hidden: World, fields: dict[str, Any]) -> None:
    actor = hidden.actor("editor")
    revision = get_page_content(actor, hidden.first.pk).revision_id
    with pytest.raises(Invalid, match="no such field here"):
        update_page(actor, hidden.first.pk, revision, fields)


def test_a_hidden_field_survives_an_edit_beside_it(hidden: World) -> None:
    actor = hidden.actor("editor")
    content = get_page_content(actor, hidden.first.pk)
    links = [{**content.fields["related_links"][0], "title": "Most"}]
    changes = {"title": "New", "related_links": links}
    update_page(actor, hidden.first.pk, content.revision_id, changes)
    draft = BlogPage.objects.get(pk=hidden.first.pk).get_latest_revision_as_object()
    assert (draft.intro, draft.search_description) == ("TOPSECRET", "TOPSECRET")
    assert draft.related_links.get().url == "https://topsecret.example.org/"
    assert draft.related_links.get().title == "Most"


def test_no_history_tells_of_a_hidden_field(hidden: World) -> None:
    actor, page = hidden.actor("editor"), hidden.first
    base = get_page_content(actor, page.pk).revision_id
    page.intro, page.title = "NEWSECRET", "Changed"
    page.related_links.get().url = "https://newsecret.example.org/"
    newest = page.save_revision(user=hidden.moderator)
    with pytest.raises(Conflict) as conflict:
        update_page(actor, page.pk, base, {"intro": "x", "title": "y"})
    told = [
        str(conflict.value),
        compare_revisions(actor, page.pk, base, newest.pk).model_dump_json(),
        list_revisions(actor, page.pk).model_dump_json(),
    ]
    for text in told:
        assert "title" in text
        assert "secret" not in text.lower()
        assert "intro: " not in text
    assert list_revisions(actor, page.pk).items[0].changed == ["title"]
