"""The site that is measured: the tests' small world with more posts, in a database of its own."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import servers

from .cases import Visitor

CLIENTS = 8


@dataclass(frozen=True)
class Site:
    """Who calls, and one page to edit for each client."""

    actor: Any
    secret: str
    parent_id: int
    page_ids: tuple[int, ...]
    image_id: int
    pages: int

    def visitor(self, number: int = 0) -> Visitor:
        return Visitor(self.parent_id, self.page_ids[number], self.image_id)


def environment(folder: Path) -> dict[str, str]:
    """The test settings with a database file in ``folder``."""
    return {
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "cms.settings.test",
        "REDIS_URL": "",
    }


def build(pages: int) -> Site:
    """Migrate, make the world, and add blog posts until the site has ``pages`` pages."""
    from django.core.management import call_command
    from wagtail.models import Page

    from blog.models import BlogPage
    from tests.world import build_world

    call_command("migrate", verbosity=0)
    world = build_world()
    missing = pages - Page.objects.filter(depth__gt=1).count()
    body = [{"type": "paragraph", "value": "<p>A paragraph with <b>words</b>.</p>"}] * 10
    for number in range(max(missing, CLIENTS)):
        post = BlogPage(title=f"Filler {number}", slug=f"filler-{number}", body=body)
        world.blog.add_child(instance=post).save_revision().publish()
    actor = world.actor("editor")
    newest = BlogPage.objects.order_by("-pk").values_list("pk", flat=True)
    return Site(
        actor=actor,
        secret=str(actor.token.token) if actor.token else "",
        parent_id=world.blog.pk,
        page_ids=tuple(newest[:CLIENTS]),
        image_id=world.image.pk,
        pages=Page.objects.filter(depth__gt=1).count(),
    )


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The site in one uvicorn process on a free loopback port; gives the MCP address."""
    given = environment(folder)
    site = servers.Site(
        sys.executable, given["DJANGO_SETTINGS_MODULE"], "cms.asgi:application", "/mcp/health"
    )
    with servers.served(site, folder, given["DATABASE_URL"]) as server:
        yield f"http://127.0.0.1:{server.port}/mcp/"
