"""`python -m tests.live.figures`: sizes of replies, racing edits and retries of a served demo."""

import argparse
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .asking import ask, edit, say, send

if TYPE_CHECKING:
    from .site import LiveSite

LIST_LIMIT = LONG_PAGE_LIMIT = 4_500
WRITE_LIMIT, ALL_LIMIT, DRAFTING_LIMIT = 600, 26_000, 14_000


def main() -> None:
    argparse.ArgumentParser(prog="python -m tests.live.figures", description=__doc__).parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")
    import django

    django.setup()
    # They need Django, which says on what database the site is to run.
    from .races import race, retries
    from .site import live_site

    with (
        tempfile.TemporaryDirectory(prefix="editorial-figures-") as name,
        live_site(Path(name)) as site,
    ):
        say(f"{django.db.connection.vendor}, one server process\n")
        _sizes(site)
        race(site)
        retries(site)


def _bytes(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def _row(name: str, size: int, limit: int | None = None) -> None:
    verdict = "" if limit is None else f"{limit:>8,}  {'ok' if size <= limit else 'over'}"
    say(f"{name:44} {size:>8,} {verdict}".rstrip())


def _sizes(site: "LiveSite") -> None:
    say(f"{'bytes':44} {'':>8} {'limit':>8}")
    _catalogue(site)
    _writes(site, _replies(site))


def _catalogue(site: "LiveSite") -> None:
    from mcp_server.registry import registry

    kinds = {spec.name: spec.kind for spec in registry}
    for who in ("admin", "editor"):
        tools = [
            {key: tool[key] for key in ("name", "description", "inputSchema")}
            for tool in send(site, who, "tools/list")["tools"]
        ]
        drafting = [tool for tool in tools if kinds[tool["name"]] in ("read", "draft")]
        _row(f"tools/list, {who}: {len(tools)} tools", _bytes(tools), ALL_LIMIT)
        _row(f"  of these read and draft: {len(drafting)}", _bytes(drafting), DRAFTING_LIMIT)


def _replies(site: "LiveSite") -> int:
    """What reading costs; returns the id of the blog."""
    found = ask(site, "admin", "search_pages", limit=20)
    _row(f"search_pages, {len(found['items'])} items", _bytes(found), LIST_LIMIT)
    _row("get_page_tree", _bytes(ask(site, "admin", "get_page_tree")))
    posts = ask(site, "admin", "list_blog_posts", limit=20)
    _row(f"list_blog_posts, {len(posts['items'])} items", _bytes(posts), LIST_LIMIT)
    longest = max(_contents(site), key=lambda page: _bytes(page["fields"].get("body")))
    _row(f"get_page_content, {longest['path']}", _bytes(longest), LONG_PAGE_LIMIT)
    blog = ask(site, "admin", "find_page", url="/blog/")
    _row("find_page", _bytes(blog))
    described = ask(site, "admin", "describe_page_type", type="blog.BlogPage")
    _row("describe_page_type, blog.BlogPage", _bytes(described))
    _row("get_user_info, editor", _bytes(ask(site, "editor", "get_user_info")))
    return int(blog["id"])


def _contents(site: "LiveSite") -> Iterator[dict[str, Any]]:
    """Every page of the site, read."""
    cursor: dict[str, Any] = {}
    while True:
        listed = ask(site, "admin", "search_pages", limit=50, **cursor)
        for item in listed["items"]:
            yield ask(site, "admin", "get_page_content", page_id=item["id"])
        if not listed.get("next_cursor"):
            return
        cursor = {"cursor": listed["next_cursor"]}


def _writes(site: "LiveSite", blog: int) -> None:
    body = "## Measured\n\nA *short* text."
    post = ask(
        site, "editor", "create_blog_post", parent_id=blog, title="What a write costs", body=body
    )
    _row("create_blog_post", _bytes(post), WRITE_LIMIT)
    edited = ask(site, "editor", "update_page", **edit(post["id"], post["revision_id"], "New."))
    _row("update_page", _bytes(edited), WRITE_LIMIT)


if __name__ == "__main__":
    main()
