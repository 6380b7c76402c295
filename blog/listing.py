"""What the two index pages list: posts by tag and page, events by time."""

from datetime import datetime
from typing import Any

from django.core.paginator import Page as ListPage
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from taggit.models import Tag

# One wide card and three full rows of three.
POSTS_PER_PAGE = 10
PAST_EVENTS_PER_PAGE = 6


def page_of(items: QuerySet[Any], request: HttpRequest, size: int) -> ListPage[Any]:
    """The page of the list that `?page=` names; the first or last one for a wrong number."""
    return Paginator(items, size).get_page(request.GET.get("page"))


def tags_of(posts: QuerySet[Any]) -> QuerySet[Tag]:
    """The tags that at least one of the posts has, by name."""
    used = posts.order_by().values("tagged_items__tag_id")
    tags: QuerySet[Tag] = Tag.objects.filter(pk__in=used).order_by("name")
    return tags


def with_tag(posts: QuerySet[Any], slug: str) -> QuerySet[Any]:
    found: QuerySet[Any] = posts.filter(tags__slug=slug) if slug else posts
    return found


def upcoming(events: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """Events that have not ended, the next one first. Without an end, the start counts."""
    dated = events.annotate(last=Coalesce("end", "start"))
    found: QuerySet[Any] = dated.filter(last__gte=now).order_by("start")
    return found


def past(events: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """Events that are over, the latest first."""
    over = Q(end__lt=now) | Q(end__isnull=True, start__lt=now)
    return events.filter(over).order_by("-start")
