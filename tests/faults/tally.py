"""Tokens for many agents, and what became of their writes: functions for ``scene.inspect``."""

from collections import Counter
from collections.abc import Iterable, Mapping

WHO = "editor"


def more_tokens(names: Iterable[str]) -> dict[str, str]:
    """A token of the editor for each name; name → secret."""
    from django.contrib.auth import get_user_model

    from mcp_server.models import MCPToken

    user = get_user_model().objects.get(username=WHO)
    return {name: str(MCPToken.objects.create(user=user, name=name).token) for name in names}


def pages_titled(titles: Iterable[str]) -> dict[str, int]:
    """Title → pages that have it."""
    from wagtail.models import Page

    found = Counter(Page.objects.filter(title__in=[*titles]).values_list("title", flat=True))
    return {title: found[title] for title in titles}


def lost_edits(expected: Mapping[int, str]) -> list[int]:
    """Of page → intro those pages whose newest draft does not have it."""
    from wagtail.models import Page

    pages = Page.objects.filter(pk__in=expected).select_related("latest_revision")
    intros = {page.pk: page.latest_revision.content["intro"] for page in pages}
    return [page for page, intro in expected.items() if intros.get(page) != intro]
