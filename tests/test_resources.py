"""What models read besides tools."""

import json
from typing import Any

import pytest
from wagtail.models import GroupCollectionPermission, Page

from home.blocks import BodyBlock, QuoteBlock
from mcp_server.api import create_page, visible_pages
from mcp_server.content.block_catalogue import MAX_SAMPLE, NO_VALUE, NOT_ALONE
from mcp_server.models import MCPToken
from mcp_server.resources.blocks import design_blocks
from mcp_server.resources.content_types import content_type, content_types
from mcp_server.resources.design import (
    design_renditions,
    design_templates,
    design_tokens_resource,
)
from mcp_server.transport import runner
from tests.transport.protocol import HANDSHAKE, MODERN, ask
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
        addresses = (
            "content://types",
            "content://types/blog.BlogPage",
            "design://blocks/blog.BlogPage/body/quote",
            "design://renditions",
        )
        answers = [ask(token.token, "resources/read", {"uri": uri}) for uri in addresses]
        listed = ask(token.token, "resources/list")["result"]["resources"]
        assert ("content://types" in str(listed)) is ("result" in answers[0])
        return ["result" in answer for answer in answers]

    with runner.in_calling_thread():
        assert there("list_page_types", "describe_page_type") == [True, True, True, True]
        assert there("list_page_types") == [True, False, False, True]
        assert there("get_user_info") == [False, False, False, True]


def blocks(world: World, user: str = "editor") -> dict[str, dict[str, Any]]:
    """The catalogue's blocks of the demo's page bodies, by name."""
    found = design_blocks(world.actor(user))["blocks"]
    return {item["block"]: item for item in found if "blog.BlogPage/body" in item["used_in"]}


def test_every_block_of_the_demo_has_fields_template_and_sample(world: World) -> None:
    found = blocks(world)
    assert set(found) == set(BodyBlock.base_blocks)
    for name, item in found.items():
        assert item["template"] == f"blocks/{name}.html"
        assert item["sample"]["html"].startswith("<"), name
    assert found["quote"]["fields"]["attribution"]["required"] is False
    assert found["quote"]["sample"]["value"] == {"text": "Example text"}
    assert "<blockquote><p>Example text</p></blockquote>" in found["quote"]["sample"]["html"]
    # The same block in four page types is told once.
    assert "home.HomePage/body" in found["quote"]["used_in"]


def test_a_sample_is_what_a_page_accepts(world: World) -> None:
    """What the catalogue shows as a value goes into a page as it is."""
    actor = world.actor("editor")
    samples = {name: item["sample"] for name, item in blocks(world).items()}
    body = [{"type": name, "value": sample["value"]} for name, sample in samples.items()]
    made = create_page(actor, "blog.BlogPage", world.blog.pk, {"title": "All", "body": body})
    assert made.warnings in (None, [])
    stored = Page.objects.get(pk=made.id).specific.body
    assert [block.block_type for block in stored] == list(samples)


def test_a_sample_shows_pictures_and_pages_that_the_caller_sees(world: World) -> None:
    world.secret_image.title = "Aaa secret"
    world.secret_image.save()
    type(world.image).objects.filter(pk=world.image.pk).update(collection=world.archive)
    type(world.secret_image).objects.filter(pk=world.secret_image.pk).update(
        collection=world.pictures
    )
    for user, image in (("editor", world.secret_image), ("moderator", world.image)):
        assert blocks(world, user)["image"]["sample"]["value"]["image"] == image.pk
    # Nobody gave the editor a collection with pictures: no sample instead of a foreign one.
    GroupCollectionPermission.objects.all().delete()
    sample = blocks(world)["image"]["sample"]
    assert sample == {"note": NO_VALUE}
    page_id = blocks(world, "outsider")["call_to_action"]["sample"]["value"]["page"]
    assert visible_pages(world.actor("outsider")).filter(pk=page_id).exists()


def test_a_template_that_fails_leaves_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: Any, **kwargs: Any) -> str:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(QuoteBlock, "render", fail)
    with caplog.at_level("INFO", logger="mcp_server"):
        found = blocks(world)
    assert found["quote"]["sample"] == {"value": {"text": "Example text"}, "note": NOT_ALONE}
    assert "html" in found["heading"]["sample"]
    assert "blog.BlogPage/body/quote" in caplog.text


def test_samples_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuoteBlock, "render", lambda *args, **kwargs: "q" * 100_000)
    sample = blocks(world)["quote"]["sample"]
    assert (len(sample["html"]), sample["cut"]) == (MAX_SAMPLE, True)
    monkeypatch.setattr("mcp_server.content.block_catalogue.MAX_SAMPLES", 1)
    left_out = blocks(world)["paragraph"]["sample"]
    assert left_out == {"at": "design://blocks/blog.BlogPage/body/paragraph"}


def test_a_block_by_its_address(world: World) -> None:
    token = MCPToken.objects.create(user=world.editor, name="t")

    def read(where: str) -> dict[str, Any]:
        with runner.in_calling_thread():
            return ask(token.token, "resources/read", {"uri": f"design://blocks/{where}"})

    text = read("blog.BlogPage/body/heading")["result"]["contents"][0]["text"]
    assert json.loads(text)["template"] == "blocks/heading.html"
    for where, allowed in (
        ("blog.BlogPage/body/nope", "allowed: heading, paragraph"),
        ("blog.BlogPage/nope/heading", "allowed: body"),
        ("blog.Nope/body/heading", "allowed: blog.BlogIndexPage"),
    ):
        assert allowed in read(where)["error"]["message"]


def test_fields_that_a_user_may_not_see_are_not_in_the_catalogue(
    world: World, settings: Any
) -> None:
    settings.MCP_SERVER = {"HIDDEN_FIELDS": {"blog.BlogPage": ["body"]}}
    found = design_blocks(world.actor("editor"))["blocks"]
    assert not [item for item in found if "blog.BlogPage/body" in item["used_in"]]


@pytest.mark.parametrize("era", [HANDSHAKE, MODERN])
def test_lists_and_resources_carry_cache_hints(world: World, settings: Any, era: str) -> None:
    token = MCPToken.objects.create(user=world.editor, name="t")
    asked: list[tuple[str, dict[str, Any] | None]] = [
        ("tools/list", None),
        ("prompts/list", None),
        ("resources/list", None),
        ("resources/templates/list", None),
        ("resources/read", {"uri": "content://style-guide"}),
    ]

    def hints(**mcp: Any) -> set[tuple[Any, Any]]:
        settings.MCP_SERVER = mcp
        with runner.in_calling_thread():
            answers = [ask(token.token, *item, era)["result"] for item in asked]
        return {(answer.get("ttlMs"), answer.get("cacheScope")) for answer in answers}

    # The older protocol has no such fields.
    modern = era == MODERN
    assert hints() == {(60_000, "private") if modern else (None, None)}
    assert hints(CACHE_SECONDS=5) == {(5_000, "private") if modern else (None, None)}
    assert hints(CACHE_SECONDS=0) == {(0, "private") if modern else (None, None)}


def test_a_prompt_and_a_tool_s_answer_carry_none(world: World) -> None:
    token = MCPToken.objects.create(user=world.editor, name="t")
    with runner.in_calling_thread():
        called = ask(token.token, "tools/call", {"name": "list_sites", "arguments": {}}, MODERN)
        params = {"name": "draft_blog_post", "arguments": {"topic": "moss"}}
        prompted = ask(token.token, "prompts/get", params, MODERN)
    assert "ttlMs" not in called["result"]
    assert "ttlMs" not in prompted["result"]
