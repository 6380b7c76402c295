"""What the front page shows of the blog and the events."""

from typing import Any

from django import template
from django.db.models import QuerySet
from django.utils import timezone

from blog import listing
from blog.models import BlogPage, EventPage

register = template.Library()


@register.simple_tag
def latest_posts(count: int) -> QuerySet[Any]:
    """The newest live posts."""
    posts = BlogPage.objects.live().public().select_related("hero_image", "author")
    newest: QuerySet[Any] = posts.order_by("-date", "-pk")[:count]
    return newest


@register.simple_tag
def upcoming_events(count: int) -> QuerySet[Any]:
    """The next live events."""
    return listing.upcoming(EventPage.objects.live().public(), timezone.now())[:count]


@register.simple_tag
def more_posts(post: BlogPage, count: int) -> QuerySet[Any]:
    """Other live posts that share a tag with `post`, else simply the newest others."""
    others = BlogPage.objects.live().public().exclude(pk=post.pk).select_related("hero_image")
    newest: QuerySet[Any] = others.order_by("-date", "-pk")
    alike = newest.filter(tags__in=post.tags.all()).distinct()
    return alike[:count] or newest[:count]
