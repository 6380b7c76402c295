"""What is measured: every tool that reads, and creating and updating a page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

Arguments = dict[str, Any]


@dataclass
class Visitor:
    """One client: the page that only this client edits, and the newest revision it knows."""

    parent_id: int
    page_id: int
    image_id: int
    revision_id: int = 0


@dataclass(frozen=True)
class Case:
    """A tool and the arguments of its next call."""

    tool: str
    arguments: Callable[[Visitor], Arguments]
    note: str = ""

    @property
    def name(self) -> str:
        return f"{self.tool} {self.note}".strip()


def learn(case: Case, visitor: Visitor, answer: Arguments) -> None:
    """Remember what the next call needs."""
    if case.tool in ("update_page", "get_page_content"):
        visitor.revision_id = answer["revision_id"]


def _nothing(_: Visitor) -> Arguments:
    return {}


def _page(visitor: Visitor) -> Arguments:
    return {"page_id": visitor.page_id}


def _new_post(visitor: Visitor) -> Arguments:
    return {
        "parent_id": visitor.parent_id,
        "title": f"Post {uuid4().hex[:12]}",
        "body": "## Heading\n\nA paragraph with *emphasis*.\n\n> A quote.\n> — Somebody",
    }


def _update(visitor: Visitor) -> Arguments:
    return {
        "page_id": visitor.page_id,
        "base_revision_id": visitor.revision_id,
        "fields": {"intro": f"Changed in {uuid4().hex[:12]}."},
    }


# Before update_page, which needs the newest revision.
READ_PAGE = Case("get_page_content", _page)

# What matters most first: a slow machine may not get to the end.
CASES = (
    Case("get_user_info", _nothing),
    Case("get_page_tree", _nothing),
    READ_PAGE,
    Case("search_pages", lambda visitor: {"query": "paragraph"}, "(words)"),
    Case("create_blog_post", _new_post),
    Case("update_page", _update),
    Case("describe_page_type", lambda visitor: {"type": "blog.BlogPage"}),
    Case("list_page_types", _nothing),
    Case("search_pages", _nothing, "(newest)"),
    Case("search_any", lambda visitor: {"query": "paragraph"}),
    Case("find_page", lambda visitor: {"url": "/blog/first/"}),
    Case("list_revisions", _page),
    Case("get_page_impact", _page),
    Case("list_blog_posts", _nothing),
    Case("list_events", _nothing),
    Case("search_images", _nothing),
    Case("get_image", lambda visitor: {"image_id": visitor.image_id}),
    Case("list_sites", _nothing),
)
