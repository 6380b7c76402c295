"""What models read besides tools."""

from typing import Any

from mcp_server.guides import guides
from mcp_server.models import MCPToken
from mcp_server.registry import registry
from mcp_server.resources.content_types import content_type, content_types
from mcp_server.resources.design import (
    design_renditions,
    design_templates,
    design_tokens_resource,
)
from mcp_server.transport import runner
from tests.transport.protocol import ask
from tests.world import World


def test_tokens_are_read_from_the_stylesheet(world: World) -> None:
    found = design_tokens_resource(world.actor("editor"))["stylesheets"]["css/site.css"]
    groups = found[":root"]
    assert len(groups) >= 4
    names = {name for properties in groups.values() for name in properties}
    assert len(names) >= 20
    assert all(name.startswith("--") for name in names)
    assert any("prefers-color-scheme" in selector for selector in found)


def test_tokens_follow_a_change_of_the_stylesheet(
    world: World, settings: Any, tmp_path: Any
) -> None:
    sheet = tmp_path / "mine.css"
    sheet.write_text("/* Colours */ :root { /* Ink */ --ink: #111; --gap: calc(1rem * 2) }")
    settings.STATICFILES_DIRS = [tmp_path]
    settings.MCP_SERVER = {"STYLESHEETS": ["mine.css", "missing.css"]}
    found = design_tokens_resource(world.actor("editor"))["stylesheets"]
    assert found == {"mine.css": {":root": {"Ink": {"--ink": "#111", "--gap": "calc(1rem * 2)"}}}}


def test_templates_name_the_blocks_that_pages_fill(world: World) -> None:
    found = design_templates(world.actor("editor"))
    assert "content" in found["base"]["blocks"]
    assert found["types"]["blog.BlogPage"]["template"] == "blog/blog_page.html"
    assert "content" in found["types"]["blog.BlogPage"]["fills"]


def test_renditions_tell_their_sizes(world: World) -> None:
    found = design_renditions(world.actor("editor"))["renditions"]
    assert found["width-800" if "width-800" in found else "width-400"]["width"] in (400, 800)
    assert found["fill-800x450"] == {"width": 800, "height": 450, "crop": True}


def test_types_say_where_the_caller_may_create_them(world: World) -> None:
    found = {item["type"]: item for item in content_types(world.actor("editor"))["types"]}
    assert found["blog.BlogPage"]["create_below"] == [world.blog.pk]
    assert "create_below" not in found["home.FlexPage"]
    described = content_type(world.actor("editor"), "blog.BlogPage")
    assert described["fields"]["title"] == {
        "type": "text",
        "required": True,
        "max_length": 255,
        "help": "The page title as you'd like it to be seen by the public",
    }


def test_types_are_told_to_tokens_with_the_tools_that_tell_them(world: World) -> None:
    def there(*tools: str) -> list[bool]:
        token = MCPToken.objects.create(user=world.editor, name="t", allowed_tools=list(tools))
        addresses = ("content://types", "content://types/blog.BlogPage", "design://renditions")
        answers = [ask(token.token, "resources/read", {"uri": uri}) for uri in addresses]
        listed = ask(token.token, "resources/list")["result"]["resources"]
        assert ("content://types" in str(listed)) is ("result" in answers[0])
        return ["result" in answer for answer in answers]

    with runner.in_calling_thread():
        assert there("list_page_types", "describe_page_type") == [True, True, True]
        assert there("list_page_types") == [True, False, True]
        assert there("get_user_info") == [False, False, True]


def test_the_blog_prompt_is_offered_where_its_tool_is(world: World) -> None:
    spec = next(spec for spec in guides.prompts() if spec.name == "draft_blog_post")
    assert spec.offered_to(world.actor("editor"))
    assert not spec.offered_to(world.actor("editor", allowed_tools=["search_pages"]))
    text = spec.func(world.actor("editor"), "moss", "beginners")
    assert "moss for beginners" in text
    assert all(word in registry for word in ("create_blog_post", "get_page_content"))
    assert "Do not publish." in text
