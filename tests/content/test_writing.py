"""Creating and editing: what is refused, with which words, and what a draft is."""

import re
from typing import Any

import pytest
from wagtail.models import Page, PageLogEntry

from mcp_server.content.shortening import apart
from mcp_server.errors import Conflict, Invalid, Refused, explain
from mcp_server.tools.pages import create_page, get_page_content, update_page
from tests.kitchen.models import DishPage, KitchenPage
from tests.world import World


@pytest.fixture
def kitchen(world: World) -> int:
    """The id of a page below which dishes may be created."""
    page = world.home.add_child(instance=KitchenPage(title="Kitchen", slug="kitchen"))
    return int(page.pk)


def _problem(world: World, fields: dict[str, Any]) -> str:
    kitchen = world.home.add_child(instance=KitchenPage(title="Kitchen", slug="kitchen")).pk
    actor = world.actor("admin")
    before = Page.objects.count()
    with pytest.raises(Invalid) as caught:
        create_page(actor, "kitchen.DishPage", kitchen, "Soup", fields)
    assert Page.objects.count() == before
    return str(caught.value)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"nope": 1}, "nope: no such field here (allowed: title, summary"),
        ({"servings": "many"}, "servings: Enter a whole number."),
        ({"servings": [1]}, "servings: expected a number"),
        ({"vegan": "yes"}, "vegan: expected true or false"),
        ({"summary": {"a": 1}}, "summary: expected text"),
        ({"summary": "x" * 101}, "summary: Ensure this value has at most 100 characters"),
        ({"spice": "lava"}, "spice: not one of the choices (allowed: mild, hot)"),
        ({"served_on": "tomorrow"}, "served_on: Enter a valid date. Write it as in 2026-05-31."),
        ({"website": "javascript:alert(1)"}, "website: Enter a valid URL."),
        ({"photo": 999}, "photo: no image 999 here"),
        ({"photo": "abc"}, "photo: expected the id of: image"),
        ({"goes_with": 99999}, "goes_with: no page 99999 here"),
        ({"course": 5}, "course: no course 5 here"),
        ({"courses": [5]}, "courses: no course 5 here"),
        ({"courses": 5}, "courses: expected a list of ids"),
        ({"tags": "a"}, "tags: expected a list of texts"),
        ({"sources": [{"url": "https://example.org"}]}, "sources[0].title: required"),
        ({"sources": [{"title": "a", "x": 1}]}, "sources[0].x: no such field here"),
        ({"sources": [{"id": 7, "title": "a"}]}, "sources[0].id: no such row"),
        ({"sources": [{"title": str(n)} for n in range(6)]}, "sources: Please submit at most 5"),
        ({"notes": 5}, "notes: expected text"),
        ({"notes": "[x](wagtail://page?id=999)"}, "notes: no page 999 here"),
        ({"notes": "[x](wagtail://page)"}, "notes: not usable as Markdown"),
        ({"body": 7}, "body: expected Markdown text or a list"),
        ({"body": [{"value": 1}]}, 'body[0]: expected a block {"type", "value"} (allowed: heading'),
        ({"body": [{"type": "nope", "value": 1}]}, "body[0]: no block type 'nope' here (allowed:"),
        (
            {"body": [{"type": "heading", "value": "x", "extra": 1}]},
            "body[0]: unknown key 'extra' (allowed: type, value, id)",
        ),
        (
            {"body": [{"type": "heading", "value": "x", "id": "made-up"}]},
            "body[0].id: no block with this id",
        ),
        (
            {"body": [{"type": "heading", "value": 5.5}, {"type": "heading"}]},
            "body[1].heading: req",
        ),
        ({"body": [{"type": "heading", "value": ""}]}, "body[0].heading: required"),
        ({"body": [{"type": "step", "value": {}}]}, "body[0].step.title: required"),
        ({"body": [{"type": "step", "value": "x"}]}, "body[0].step: expected an object"),
        (
            {"body": [{"type": "step", "value": {"title": "a", "oops": 1}}]},
            "body[0].step.oops: unknown (allowed: title, minutes",
        ),
        (
            {"body": [{"type": "step", "value": {"title": "a", "level": "no"}}]},
            "body[0].step.level: not one of the choices (allowed: easy, hard)",
        ),
        (
            {
                "body": [
                    {
                        "type": "step",
                        "value": {
                            "title": "a",
                            "content": [{"type": "ingredients", "value": [{"grams": "x"}]}],
                        },
                    }
                ]
            },
            "body[0].step.content[0].ingredients[0].grams: Enter a whole number.",
        ),
        ({"body": [{"type": "related", "value": 999}]}, "body[0].related: no page 999 here"),
        (
            {"body": [{"type": "related", "value": "x"}]},
            "body[0].related: expected the id of: page",
        ),
        ({"body": [{"type": "image", "value": 999}]}, "body[0].image.image: no image 999 here"),
        ({"body": [{"type": "code", "value": "<script>"}]}, "body[0].code: raw HTML is not"),
        ({"body": [{"type": "day", "value": "2026-99-99"}]}, "body[0].day: Enter a valid date."),
        ({"body": [{"type": "pattern", "value": "xx"}]}, "body[0].pattern: Enter a valid value."),
        ({"body": [{"type": "link", "value": "javascript:x"}]}, "body[0].link: Enter a valid URL."),
        ({"body": [{"type": "table", "value": {"data": 1}}]}, "body[0].table: expected"),
        (
            {"body": [{"type": "prices", "value": {"columns": [{"type": "zzz"}]}}]},
            "body[0].prices.columns[0].type: unknown (allowed: text, amount, note)",
        ),
        (
            {
                "body": [
                    {
                        "type": "prices",
                        "value": {"columns": [{"type": "amount"}], "rows": [["much"]]},
                    }
                ]
            },
            "body[0].prices.rows[0][0]: Enter a number.",
        ),
    ],
)
def test_a_problem_names_its_path_and_what_is_allowed(
    world: World, fields: dict[str, Any], expected: str
) -> None:
    assert expected in _problem(world, fields)


def test_every_problem_is_told_at_once(world: World) -> None:
    text = _problem(world, {"servings": [1], "body": [{"type": "heading", "value": ""}, 5]})
    assert "servings: expected a number" in text
    assert "body[0].heading: required" in text
    assert "body[1]: expected a block" in text


def test_what_the_form_would_say_is_told_with_the_rest(world: World) -> None:
    fields = {"titel": "A", "date": "tomorrow", "author": 999, "intro": "x" * 3000}
    with pytest.raises(Invalid) as caught:
        create_page(world.actor("admin"), "blog.BlogPage", world.blog.pk, "Soup", fields)
    told = [line.split(":")[0] for line in str(caught.value).splitlines()[1:]]
    assert sorted(told) == ["author", "date", "intro", "titel"]


def test_deep_and_big_values_are_refused_before_any_work(world: World) -> None:
    deep: Any = "x"
    for _ in range(3000):
        deep = [deep]
    many = [{"type": "plain", "value": "x"}] * 2000
    text = _problem(world, {"body": deep, "story": "x" * 200_001, "sources": many})
    assert "body: nested too deeply" in text
    assert "story: text too long" in text
    assert "sources: too many items" in text


@pytest.mark.parametrize(
    "text",
    [
        "<b>" * 3000 + "x" + "</b>" * 3000,
        "> " * 3000 + "x",
        "[a](b" * 20_000,
        "_a" * 30_000,
        "[" * 3000,
        "*a " * 3000,
    ],
)
def test_rich_text_nested_thousands_deep_is_answered(world: World, kitchen: int, text: str) -> None:
    actor = world.actor("admin")
    try:
        create_page(actor, "kitchen.DishPage", kitchen, "Deep", {"notes": text})
    except Exception as error:  # noqa: BLE001 - whatever comes has to be an answer in words
        code, sentence = explain(error)
    else:
        code, sentence = "ok", "notes"
    assert code in ("ok", "invalid")
    assert "notes" in sentence


def test_what_the_field_cannot_keep_becomes_a_warning(world: World, kitchen: int) -> None:
    actor = world.actor("admin")
    answer = create_page(
        actor, "kitchen.DishPage", kitchen, "Soup", {"notes": "## Big\n\ntext\u202e\u200b"}
    )
    assert answer.warnings is not None
    assert any("notes: a heading “Big” became plain text" in text for text in answer.warnings)
    assert "notes: invisible control characters were removed" in answer.warnings
    stored = DishPage.objects.get(pk=answer.id).notes
    assert "\u202e" not in stored
    assert "\u200b" not in stored


def test_an_image_without_a_format_gets_the_first_one(world: World, kitchen: int) -> None:
    actor = world.actor("admin")
    text = f"![A meadow](wagtail://image?id={world.image.pk})"
    answer = create_page(actor, "kitchen.DishPage", kitchen, "Soup", {"notes": text})
    stored = DishPage.objects.get(pk=answer.id).notes
    assert 'embedtype="image"' in stored
    assert 'format="fullwidth"' in stored


def test_a_new_page_is_a_draft_of_the_user_with_one_revision(world: World) -> None:
    actor = world.actor("editor")
    answer = create_page(actor, "blog.BlogPage", world.blog.pk, "Hello", {"body": "Hello."})
    page = Page.objects.get(pk=answer.id)
    assert (page.live, page.owner, answer.status) == (False, actor.user, "draft")
    assert page.latest_revision.user == actor.user
    assert answer.revision_id == page.latest_revision_id
    assert answer.path == "/blog/hello/"
    assert PageLogEntry.objects.filter(page=page.pk, action="wagtail.create").count() == 1


def test_the_slug_is_made_unique_or_refused(world: World) -> None:
    actor = world.actor("editor")
    answer = create_page(actor, "blog.BlogPage", world.blog.pk, "First", {"body": "x"})
    assert answer.path == "/blog/first-1/"
    with pytest.raises(Invalid, match=r"slug: .*already in use"):
        create_page(actor, "blog.BlogPage", world.blog.pk, "New", {"body": "x"}, slug="first")


def test_a_missing_required_field_is_told_but_does_not_stop_a_draft(world: World) -> None:
    answer = create_page(world.actor("editor"), "blog.BlogPage", world.blog.pk, "Bare")
    assert answer.warnings == ["Needed before publishing: body"]


def test_a_field_that_the_database_needs_is_required_at_once(world: World) -> None:
    with pytest.raises(Invalid, match="start: required"):
        create_page(world.actor("editor"), "blog.EventPage", world.events.pk, "No start")


def test_a_page_type_is_refused_where_it_may_not_stand(world: World) -> None:
    actor = world.actor("editor")
    with pytest.raises(
        Refused, match=r"No blog.EventPage below page .* \(allowed: blog.BlogPage\)"
    ):
        create_page(actor, "blog.EventPage", world.blog.pk, "x")
    with pytest.raises(Refused, match=r"No page type 'blog.Nope' here \(allowed: "):
        create_page(actor, "blog.Nope", world.blog.pk, "x")


def test_a_stale_base_is_refused_with_who_and_what(world: World) -> None:
    editor, moderator = world.actor("editor"), world.actor("moderator")
    read = get_page_content(editor, world.first.pk)
    update_page(moderator, world.first.pk, read.revision_id, {"intro": "Theirs", "title": "Now"})
    with pytest.raises(Conflict) as caught:
        update_page(editor, world.first.pk, read.revision_id, {"intro": "Mine"})
    text = str(caught.value)
    assert re.search(r"Moderator saved revision \d+ at .*: title, intro\.\n", text)
    assert "Changed there only: title." in text
    assert "intro collides: theirs “Theirs”, yours “Mine”." in text
    assert explain(caught.value)[0] == "conflict"


def test_each_revision_since_the_base_is_named_with_what_it_changed(world: World) -> None:
    editor, moderator = world.actor("editor"), world.actor("moderator")
    read = newest = get_page_content(editor, world.first.pk).revision_id
    for actor, fields in [
        (moderator, {"title": "0"}),
        (moderator, {"title": "1", "intro": "1"}),
        (world.actor("admin"), {"intro": "2"}),
    ]:
        newest = update_page(actor, world.first.pk, newest, fields).revision_id or 0
    told = _stale(world, read)
    assert re.search(
        r"Moderator saved revision \d+ at .*: title;\n"
        r"Moderator saved revision \d+ at .*: title, intro;\n"
        r"Admin saved revision \d+ at .*: intro\.\n",
        told,
    )
    for number in range(4):
        changed = update_page(moderator, world.first.pk, newest, {"title": f"More {number}"})
        newest = changed.revision_id or 0
    told = _stale(world, read)
    assert "2 earlier revisions, not shown;\nAdmin saved revision" in told
    assert told.count(" saved revision ") == 5


def _stale(world: World, read: int) -> str:
    with pytest.raises(Conflict) as caught:
        update_page(world.actor("editor"), world.first.pk, read, {"date": "2031-05-02"})
    assert "Unchanged there (yours can be applied again): date." in str(caught.value)
    return str(caught.value)


def test_long_values_are_cut_around_their_first_difference(world: World) -> None:
    editor, same = world.actor("editor"), "Same words. " * 15
    read = get_page_content(editor, world.first.pk).revision_id
    update_page(world.actor("moderator"), world.first.pk, read, {"intro": f"{same}Theirs"})
    with pytest.raises(Conflict, match=r"theirs “….*Theirs”, yours “….*Mine”"):
        update_page(editor, world.first.pk, read, {"intro": f"{same}Mine"})


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a", "b", ("a", "b")),
        ("x" * 200 + "a", "x" * 200 + "b", ("…" + "x" * 119 + "a", "…" + "x" * 119 + "b")),
        ("a" * 130, "b", ("a" * 120 + "…", "b")),
        (
            "x" * 100 + "a" * 200,
            "x" * 100 + "b" * 200,
            ("…" + "x" * 30 + "a" * 90 + "…", "…" + "x" * 30 + "b" * 90 + "…"),
        ),
        ("x" * 300, "x" * 301, ("…" + "x" * 119, "…" + "x" * 120)),
    ],
)
def test_two_texts_are_shortened_so_that_they_differ(
    one: str, other: str, expected: tuple[str, str]
) -> None:
    assert apart(one, other) == expected
    assert apart(other, one) == expected[::-1]


def test_a_revision_of_another_page_is_no_base(world: World) -> None:
    editor = world.actor("editor")
    other = get_page_content(editor, world.second.pk).revision_id
    with pytest.raises(Refused, match="has no revision"):
        update_page(editor, world.first.pk, other, {"intro": "x"})


def test_a_field_that_the_user_may_not_change_is_refused(world: World) -> None:
    page = world.blog.get_parent().add_child(instance=DishPage(title="D", slug="d", live=False))
    revision = page.save_revision()
    with pytest.raises(Invalid, match="secret: this user may not change this field"):
        update_page(world.actor("moderator"), page.pk, revision.pk, {"secret": "x"})
    update_page(world.actor("admin"), page.pk, revision.pk, {"secret": "x"})


def test_hidden_fields_are_neither_read_nor_written(world: World, settings: Any) -> None:
    settings.MCP_SERVER = {**settings.MCP_SERVER, "HIDDEN_FIELDS": {"blog.BlogPage": ["intro"]}}
    actor = world.actor("editor")
    world.first.intro = "Hidden"
    revision = world.first.save_revision()
    assert "intro" not in get_page_content(actor, world.first.pk).fields
    with pytest.raises(Invalid, match="intro: no such field here"):
        update_page(actor, world.first.pk, revision.pk, {"intro": "x"})
