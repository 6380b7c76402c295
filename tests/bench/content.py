"""`python -m tests.bench.content PAGES FILE`: the measured site, in a database without pages.

Sections of twenty posts, eight pages with a long StreamField, one editor with a token of each
server. What a client has to know is written to FILE as JSON.
"""

import json
import sys
from pathlib import Path
from typing import Any

import django
from django.db import connection

SECTION = 20
# One for each client of the widest case: two editors of one page would conflict.
LONG_PAGES = 8


def main() -> None:
    django.setup()
    from django.core.management import call_command

    pages, target = int(sys.argv[1]), Path(sys.argv[2])
    from .bulk import extracted_once

    target.write_text(json.dumps(build(pages)))
    with extracted_once():
        call_command("update_index", verbosity=0)
    if connection.vendor == "postgresql":
        # Not left to the moment at which the database gets round to it.
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def build(pages: int) -> dict[str, Any]:
    """Fill the database up to ``pages`` pages below the root; gives ids and tokens."""
    from wagtail.models import Page

    from .bulk import section

    editor, home = _site()
    drafts = _index(home, editor, "Drafts")
    reads = _index(home, editor, "Long reads")
    long = [_long_page(reads, editor, number) for number in range(LONG_PAGES)]
    first, number = None, 0
    while missing := pages - Page.objects.filter(depth__gt=1).count():
        below = section(home, editor, number, min(SECTION, missing - 1))
        first, number = first or below, number + 1
    assert first is not None
    return {
        "pages": Page.objects.filter(depth__gt=1).count(),
        "editor": editor.get_username(),
        "section_id": first.pk,
        "drafts_id": drafts.pk,
        "long_ids": [page.pk for page in long],
        **_tokens(editor),
    }


def _site() -> tuple[Any, Any]:
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group, Permission
    from wagtail.models import GroupPagePermission, Page, Site

    from home.models import HomePage

    Page.objects.filter(depth__gt=1).delete()
    home = Page.objects.get(depth=1).add_child(instance=HomePage(title="Home", slug="home"))
    Site.objects.all().delete()
    Site.objects.create(hostname="127.0.0.1", root_page=home, is_default_site=True)
    editor = get_user_model().objects.create_user("editor", "editor@example.org")
    group = Group.objects.create(name="Writers")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for action in ("add", "change", "publish"):
        permission = Permission.objects.get(
            codename=f"{action}_page", content_type__app_label="wagtailcore"
        )
        GroupPagePermission.objects.create(
            group=group, page=Page.objects.get(pk=home.pk), permission=permission
        )
    editor.groups.add(group)
    return editor, home


def _index(home: Any, owner: Any, title: str) -> Any:
    from blog.models import BlogIndexPage

    return home.add_child(instance=BlogIndexPage(title=title, owner=owner))


def _long_page(parent: Any, owner: Any, number: int) -> Any:
    from blog.models import BlogPage

    from .texts import Writer

    writer = Writer(-number - 1)
    page = BlogPage(title=f"Long read {number}", intro=writer.text(2), owner=owner)
    page.body = json.dumps(writer.long())
    parent.add_child(instance=page).save_revision(user=owner).publish(user=owner)
    return page


def _tokens(editor: Any) -> dict[str, str]:
    from wagtail.models import APIToken

    from mcp_server.models import MCPToken

    ours = MCPToken.objects.create(user=editor, name="Benchmark").token
    return {
        "our_token": str(ours),
        "official_token": APIToken.create_token(user=editor, name="Benchmark")[1],
    }


if __name__ == "__main__":
    main()
