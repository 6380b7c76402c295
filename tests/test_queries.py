"""How many queries a call makes: so many, and no more on a site with more pages."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Comment

from blog.models import BlogPage
from mcp_server.actor import Actor

from .calling import answered
from .world import World

FEW, MANY = range(25), range(25, 60)
Arguments = Callable[[World, dict[str, Any]], dict[str, Any]]


def nothing(world: World, page: dict[str, Any]) -> dict[str, Any]:
    return {}


def the_page(world: World, page: dict[str, Any]) -> dict[str, Any]:
    return {"page_id": world.first.pk}


def new_post(world: World, page: dict[str, Any]) -> dict[str, Any]:
    return {"parent_id": world.blog.pk, "title": uuid4().hex, "body": "## Heading\n\nText."}


def an_edit(world: World, page: dict[str, Any]) -> dict[str, Any]:
    return {**the_page(world, page), "base_revision_id": page["revision_id"], "fields": {
        "intro": uuid4().hex
    }}  # fmt: skip


def given(**arguments: Any) -> Arguments:
    return lambda world, page: arguments


# The most that a call may make, its own log entries and receipts included. A number that has to
# grow is a decision: a query is about half a millisecond. PostgreSQL makes one or two more in a
# write.
PINNED: dict[str, tuple[str, Arguments, int]] = {
    "whoami": ("get_user_info", nothing, 3),
    "sites": ("list_sites", nothing, 4),
    "tree": ("get_page_tree", nothing, 8),
    "children": ("search_pages", lambda world, page: {"under_id": world.blog.pk}, 9),
    "words": ("search_pages", given(query="filler"), 8),
    "newest": ("search_pages", nothing, 7),
    "everything": ("search_any", given(query="filler"), 12),
    "page": ("get_page_content", the_page, 11),
    "address": ("find_page", given(url="/blog/first/"), 7),
    "revisions": ("list_revisions", the_page, 7),
    "posts": ("list_blog_posts", nothing, 8),
    "events": ("list_events", nothing, 7),
    "types": ("list_page_types", nothing, 10),
    "images": ("search_images", nothing, 6),
    "create": ("create_blog_post", new_post, 90),
    "update": ("update_page", an_edit, 48),
}


MOST_OF_A_PAGE = 13


@pytest.mark.parametrize("name", PINNED)
def test_queries_are_pinned_and_do_not_grow_with_the_site(world: World, name: str) -> None:
    tool, arguments, most = PINNED[name]
    grow(world, FEW)
    few = counted(world, tool, arguments)
    grow(world, MANY)
    assert counted(world, tool, arguments) <= few
    assert few <= most, f"{tool}: {few} queries, pinned at {most}"


def test_queries_do_not_grow_with_the_history_of_a_page(world: World) -> None:
    def saved(number: int) -> None:
        for _ in range(number):
            page = BlogPage.objects.get(pk=world.first.pk)
            page.title, page.author = uuid4().hex, page.author
            page.tags.add(uuid4().hex)
            page.save_revision(user=world.editor)
            Comment.objects.create(page=page, user=world.editor, text="?", contentpath="intro")

    def asked() -> tuple[int, int]:
        return (
            counted(world, "list_revisions", the_page),
            counted(world, "list_comments", the_page),
        )

    saved(3)
    few = asked()
    saved(15)
    assert asked() == few
    assert max(few) <= MOST_OF_A_PAGE


@pytest.mark.parametrize("person", ["editor", "moderator"])
@pytest.mark.parametrize(
    ("tool", "arguments", "most"),
    [("list_review_tasks", nothing, 20), ("search_any", given(query="filler", limit=50), 20)],
)
def test_queries_do_not_grow_with_the_pages_in_review(
    world: World, tool: str, arguments: Arguments, most: int, person: str
) -> None:
    grow(world, range(25))
    posts = list(BlogPage.objects.filter(slug__startswith="filler"))

    def submitted(some: list[BlogPage]) -> int:
        for post in some:
            post.save_revision(user=world.editor)
            post.get_workflow().start(post, world.editor)
        return counted(world, tool, arguments, person)

    few = submitted(posts[:2])
    assert submitted(posts[2:]) <= few
    assert few <= most


def grow(world: World, numbers: range) -> None:
    for number in numbers:
        post = BlogPage(title=f"Filler {number}", slug=f"filler-{number}", body=[])
        world.blog.add_child(instance=post).save_revision().publish()


def counted(world: World, tool: str, arguments: Arguments, person: str = "editor") -> int:
    """The queries of a second call: what is looked up once per process or minute is known."""
    token = world.actor(person).token
    _queries(world, token, tool, arguments)
    return _queries(world, token, tool, arguments)


def _queries(world: World, token: Any, tool: str, arguments: Arguments) -> int:
    page = answered(_request(token), "get_page_content", page_id=world.first.pk)
    actor = _request(token)
    with CaptureQueriesContext(connection) as queries:
        answered(actor, tool, **arguments(world, page))
    return len(queries)


def _request(token: Any) -> Actor:
    # A user fetched anew: Wagtail keeps permissions on the instance.
    return Actor(get_user_model().objects.get(pk=token.user_id), token)
