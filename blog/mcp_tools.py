"""Tools for the blog and the events: the example that a site developer copies.

A tool finds, acts and answers; what it may see and do is decided by ``mcp_server.api``.
"""

from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from mcp_server.api import (
    Actor,
    Body,
    Cursor,
    Limit,
    Listing,
    PageItem,
    PageSummary,
    ParentId,
    Slug,
    Title,
    ToolGroup,
    comparable,
    create_page,
    for_listing,
    listed,
    needs,
    prompt,
    shown,
    tool,
    visible_pages,
)

from .models import BlogPage, EventPage

BLOG = ToolGroup("blog", _("Blog"), order=70, needs=needs.pages)
EVENTS = ToolGroup("events", _("Events"), order=80, needs=needs.pages)

Moment = Annotated[str, Field(description="ISO 8601")]
OptionalMoment = datetime | None


class PostItem(PageItem):
    """A blog post in a list."""

    date: str
    tags: list[str] | None = None


class EventItem(PageItem):
    """An event in a list; times in the site's zone."""

    start: str
    end: str | None = None
    location: str | None = None


@tool(BLOG, kind="read")
def list_blog_posts(
    actor: Actor,
    tag: Annotated[str | None, Field(max_length=100)] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Listing[PostItem]:
    """Blog posts, newest first, drafts included."""
    posts = BlogPage.objects.filter(pk__in=visible_pages(actor).values("pk"))
    if tag:
        posts = posts.filter(tags__name__iexact=tag)
    posts = for_listing(posts.order_by("-date", "-pk")).prefetch_related("tagged_items__tag")
    return listed(posts, _post, limit, cursor)


@tool(BLOG, kind="draft", once=True)
def create_blog_post(
    actor: Actor,
    parent_id: ParentId,
    title: Title,
    body: Body,
    intro: str = "",
    date: Annotated[str | None, Field(description="Default: today")] = None,
    tags: list[str] = [],  # noqa: B006 - never changed; [] shows as the default
    image_id: Annotated[int | None, Field(ge=1)] = None,
    slug: Slug = None,
) -> PageSummary:
    """Draft a blog post below a blog index page. Pictures in a Markdown body:
    ![alt](wagtail://image?id=3)."""
    given = {"intro": intro, "date": date, "tags": tags, "hero_image": image_id, "slug": slug}
    return create_page(actor, "blog.BlogPage", parent_id, _values(title, body, given))


@tool(EVENTS, kind="read")
def list_events(
    actor: Actor,
    after: OptionalMoment = None,
    before: OptionalMoment = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Listing[EventItem]:
    """Events by start, earliest first, drafts included."""
    events = EventPage.objects.filter(pk__in=visible_pages(actor).values("pk"))
    if after:
        events = events.filter(start__gte=comparable(after))
    if before:
        events = events.filter(start__lt=comparable(before))
    return listed(for_listing(events.order_by("start", "pk")), _event, limit, cursor)


@tool(EVENTS, kind="draft", once=True)
def create_event(
    actor: Actor,
    parent_id: ParentId,
    title: Title,
    start: Moment,
    end: Moment | None = None,
    location: str = "",
    body: Body = "",
    slug: Slug = None,
) -> PageSummary:
    """Draft an event below an event index page."""
    given = {"start": start, "end": end, "location": location, "slug": slug}
    return create_page(actor, "blog.EventPage", parent_id, _values(title, body, given))


@prompt(needs=("create_blog_post",))
def draft_blog_post(actor: Actor, topic: str, audience: str = "", length: str = "") -> str:
    """Plan and draft a blog post that fits the site, and leave it for review."""
    readers = f" for {audience}" if audience else ""
    words = f" of about {length}" if length else ""
    return (
        f"Draft a blog post{words} about: {topic}{readers}.\n\n"
        "1. Call get_user_info, then list_blog_posts: note where you may add posts, and the tone, "
        "length and tags of recent ones.\n"
        "2. Call describe_page_type for blog.BlogPage and search_images for a fitting picture. "
        "Where facts are missing, ask instead of inventing them.\n"
        "3. Show an outline and wait for agreement.\n"
        "4. Call create_blog_post with a Markdown body (## headings, short paragraphs, existing "
        "tags) and read the result back with get_page_content.\n"
        "5. Give the edit_url and list what a person should check. Do not publish."
    )


def _values(title: str, body: Any, given: dict[str, Any]) -> dict[str, Any]:
    filled = {name: value for name, value in given.items() if value not in (None, "", [])}
    return {"title": title, "body": body, **filled}


def _post(post: BlogPage) -> PostItem:
    tags = [item.tag.name for item in post.tagged_items.all()]
    return PostItem.of(post, date=post.date.isoformat(), tags=tags or None)


def _event(event: EventPage) -> EventItem:
    return EventItem.of(
        event,
        start=shown(event.start),
        end=shown(event.end) if event.end else None,
        location=event.location or None,
    )
