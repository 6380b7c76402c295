"""search_any and search_pages: the best first, where each hit stands, and what may be done."""

from typing import Any, get_args

import pytest
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify
from wagtail.models import Page, PageViewRestriction, Revision

from blog.models import Author, BlogPage
from mcp_server.api import Actor, PageItem, for_listing, listed, visible_pages
from mcp_server.content import matching
from mcp_server.content.searching import Status
from mcp_server.tools.pages import search_pages
from mcp_server.tools.search import search_any
from tests.kitchen.models import Course
from tests.world import World


def renamed(page: Any, title: str) -> None:
    """A new title that stands in the draft only."""
    page.title = title
    page.save_revision()


def test_kinds_are_ranked_together_by_how_near_the_title_is(world: World) -> None:
    Author.objects.create(name="Meadow", role="Guide")
    Author.objects.create(name="Somebody", role="A meadow keeper")
    world.first.title = "The meadow in May"
    world.first.save_revision().publish()
    items = search_any(world.actor("admin"), "meadow").items
    assert [(item.kind, item.title) for item in items] == [
        ("blog.Author", "Meadow"),
        ("page", "The meadow in May"),
        ("image", "A meadow"),
        ("blog.Author", "Somebody"),
    ]


def test_a_hit_says_where_it_stands_and_what_may_be_done(world: World) -> None:
    author = Author.objects.create(name="First aid")
    Course.objects.create(name="First course")
    world.image.title = "First picture"
    world.image.save()

    def hits(person: str) -> dict[str, Any]:
        return {item.kind: item for item in search_any(world.actor(person), "first").items}

    editor, moderator = hits("editor"), hits("moderator")
    assert (editor["page"].path, editor["page"].status) == ("/blog/first/", "live")
    assert (editor["page"].may, moderator["page"].may) == (["edit"], ["edit", "publish"])
    assert (editor["image"].collection, editor["image"].may) == ("Pictures", ["use", "edit"])
    assert "blog.Author" not in editor
    found = hits("admin")["blog.Author"]
    assert (found.type, found.id, found.status) == ("blog.Author", author.pk, "live")
    assert found.may == ["edit", "publish"]
    assert hits("admin")["kitchen.Course"].may == ["edit"]


def test_what_is_locked_for_somebody_may_not_be_edited_by_them(world: World) -> None:
    page = world.first
    page.save_revision()
    page.get_workflow().start(page, world.editor)
    Page.objects.filter(pk=world.second.pk).update(locked=True, locked_by=world.moderator)

    def may(person: str, words: str) -> list[str]:
        (hit,) = (hit for hit in search_any(world.actor(person), words).items if hit.kind == "page")
        return hit.may

    assert (may("editor", "first"), may("moderator", "first")) == ([], ["edit", "publish"])
    assert "edit" not in may("editor", "second")
    assert "edit" in may("moderator", "second")


def test_what_leads_to_a_section_may_only_be_looked_at(world: World) -> None:
    PageViewRestriction.objects.create(page=world.home, restriction_type="login")
    (hit,) = search_any(world.actor("editor"), "home").items
    assert (hit.id, hit.may, hit.restricted) == (world.home.pk, [], "logged-in users")


def test_an_alias_is_not_offered_for_editing(world: World) -> None:
    world.first.create_alias(parent=world.blog, update_slug="first-alias")
    hits = search_any(world.actor("moderator"), "first").items
    assert sorted(item.may for item in hits) == [["edit", "publish"], ["publish"]]


def test_the_answer_has_a_limit_and_tells_how_much_there_is(world: World) -> None:
    for index in range(8):
        Author.objects.create(name=f"Meadow {index}")
    found = search_any(world.actor("admin"), "meadow", limit=3)
    assert len(found.items) == 3
    assert found.totals == {"image": 1, "blog.Author": 8}
    assert found.total == 9


def test_signs_of_a_new_title_stand_for_themselves(world: World) -> None:
    renamed(world.first, "Now 50% off, by_hand")

    def found(words: str) -> list[int]:
        return [item.id for item in search_pages(world.actor("editor"), words).items]

    assert found("50% BY_HAND off") == found("50%") == [world.first.pk]
    # In LIKE these would be any text, and any letter.
    assert not found("N%w")
    assert not found("by hand 5_%")


def test_a_new_title_elsewhere_is_not_found(world: World) -> None:
    renamed(world.home, "Zanzibar at home")
    assert search_pages(world.actor("admin"), "zanzibar").total == 1
    token = world.actor("editor").token
    assert token is not None
    token.root_page = world.blog
    limited = Actor(world.editor, token)
    assert search_pages(limited, "zanzibar").total == 0


def test_queries_do_not_grow_with_the_hits(
    world: World, django_assert_max_num_queries: Any
) -> None:
    actor = world.actor("moderator")
    search_any(actor, "meadow first", limit=2)
    with django_assert_max_num_queries(100) as few:
        search_any(actor, "meadow", limit=20)
    for index in range(10):
        world.blog.add_child(
            instance=type(world.first)(title=f"Meadow {index}", slug=f"m{index}", body=[])
        )
    with django_assert_max_num_queries(len(few) + 8):
        assert len(search_any(actor, "meadow", limit=20).items) == 11


def test_a_title_that_stands_in_the_draft_only_is_found(world: World) -> None:
    renamed(world.first, "Zebras and giraffes")
    editor = world.actor("editor")
    for query in ("zebras", "giraffes zebras", "ZEBRA"):
        assert [item.id for item in search_pages(editor, query).items] == [world.first.pk]
        assert [item.id for item in search_any(editor, query).items] == [world.first.pk]
    assert [item.title for item in search_pages(editor, "first").items] == ["Zebras and giraffes"]
    assert not search_pages(editor, "zebras lions").items
    assert not search_pages(world.actor("outsider"), "zebras").items


@pytest.mark.parametrize("status", get_args(Status))
def test_words_and_a_status_together(world: World, status: Status) -> None:
    moderator = world.actor("moderator")
    now = timezone.now()
    for title in get_args(Status):
        page = world.blog.add_child(
            instance=BlogPage(title=f"Okapi {title}", slug=slugify(title), body=[], live=False)
        )
        revision = page.save_revision()
        if title.startswith("live"):
            revision.publish()
        if title == "live + draft":
            BlogPage.objects.get(pk=page.pk).save_revision()
        if title == "in review":
            page.get_workflow().start(page, world.editor)
        if title == "scheduled":
            Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=now)
        if title == "expired":
            Page.objects.filter(pk=page.pk).update(expired=True)
    found = search_pages(moderator, "okapi", status=status)
    assert [(item.title, item.status) for item in found.items] == [(f"Okapi {status}", status)]


def test_a_page_is_listed_once_and_the_cursor_goes_on(world: World) -> None:
    for index in range(3):
        page = world.blog.add_child(
            instance=type(world.first)(title=f"Zebra {index}", slug=f"z{index}", body=[])
        )
        renamed(page, f"A new zebra {index}")
    renamed(world.first, "Zebra")
    editor = world.actor("editor")
    seen, cursor = [], None
    for _ in range(6):
        answer = search_pages(editor, "zebra", limit=1, cursor=cursor)
        seen += [item.id for item in answer.items]
        cursor = answer.next_cursor
        if cursor is None:
            break
    assert (answer.total, len(seen), len(set(seen))) == (4, 4, 4)


@pytest.mark.parametrize(
    ("part", "wanted"),
    [((0, 2), [1, 2]), ((1, 4), [2, 3, 4]), ((2, 4), [3, 4]), ((3, 9), [4, 5]), ((5, 9), [])],
)
def test_two_lists_as_one(part: tuple[int, int], wanted: list[int]) -> None:
    class Rest(list[Page]):
        def count(self) -> int:  # type: ignore[override]
            return len(self)

    first, rest = [Page(pk=1), Page(pk=2)], Rest([Page(pk=3), Page(pk=4), Page(pk=5)])
    parts = (matching.Part(first, len(first)), matching.Part(rest))
    joined = matching.Matches(parts)
    assert joined.keys(*part) == wanted
    assert joined.count() == 5


def test_of_very_many_the_titles_with_the_words_come_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = [{"type": "paragraph", "value": "<p>An okapi, and another okapi.</p>"}]
    for title in ("One", "An okapi", "Two", "Okapi moor"):
        world.blog.add_child(instance=BlogPage(title=title, slug=slugify(title), body=body))
    scored = search_pages(world.actor("editor"), "okapi")
    monkeypatch.setattr(matching, "MAX_SCORED", 2)
    newest, cursor = [], None
    for _ in range(4):
        answer = search_pages(world.actor("editor"), "okapi", limit=1, cursor=cursor)
        newest += [item.title for item in answer.items]
        cursor = answer.next_cursor
    assert (scored.total, answer.total, cursor) == (4, 4, None)
    assert set(newest[:2]) == {"An okapi", "Okapi moor"}
    assert set(newest[2:]) == {"One", "Two"}


def test_the_cursor_goes_through_the_ranked_hits(world: World) -> None:
    for index in range(8):
        Author.objects.create(name=f"Meadow {index}")
    actor, seen, cursor = world.actor("admin"), [], None
    for _ in range(3):
        answer = search_any(actor, "meadow", limit=4, cursor=cursor)
        seen += [(item.kind, item.id) for item in answer.items]
        cursor = answer.next_cursor
    assert (cursor, len(seen), len(set(seen))) == (None, 9, 9)


def test_a_snippet_may_have_the_name_of_a_kind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    Course.objects.create(name="Meadow")
    monkeypatch.setattr(Course._meta, "model_name", "image")
    found = search_any(world.actor("admin"), "meadow")
    assert found.totals == {"image": 1, "kitchen.Course": 1}
    assert {item.kind: item.collection for item in found.items} == {
        "image": "Pictures",
        "kitchen.Course": None,
    }


def test_a_list_of_a_sites_own_keeps_what_its_queryset_asks_for(world: World) -> None:
    pages = visible_pages(world.actor("editor")).filter(depth__gt=1).order_by("path")
    specific: list[Any] = []
    listed(for_listing(pages.specific()), shaped_into(specific), 20, None)
    assert {type(page) for page in specific} >= {BlogPage}
    annotated: list[Any] = []
    listed(pages.annotate(twice=F("numchild") * 2), shaped_into(annotated), 20, None)
    assert [page.twice for page in annotated] == [page.numchild * 2 for page in annotated]


def shaped_into(seen: list[Any]) -> Any:
    def shape(page: Any) -> PageItem:
        seen.append(page)
        return PageItem.of(page)

    return shape
