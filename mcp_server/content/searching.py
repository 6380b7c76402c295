"""Finding pages: by words, type, place and status; and the page tree."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel
from wagtail.models import Page, Revision, WorkflowState

from mcp_server.actor import Actor
from mcp_server.prepared import Param, prepared

from .explorable import Reach
from .finding import no_such_page, reach_of, visible_page, visible_pages
from .listing import listed, listed_pages, page_items
from .matching import matching_pages, searchable
from .page_types import page_model
from .shapes import Listing, PageItem, site_roots_loaded

Status = Literal["live", "draft", "live + draft", "in review", "scheduled", "expired"]
MAX_DEPTH = 4
MAX_TREE = 1000
MAX_CHILDREN = 50


class TreeNode(PageItem):
    """A page in the tree; ``children`` are left out below the asked depth.

    ``more_children`` counts those that are not shown: search_pages(under_id=…) lists them.
    """

    child_count: int
    children: list["TreeNode"] | None = None
    more_children: int | None = None


class Tree(BaseModel):
    """The tree below a page; ``truncated`` when there was more than one reply holds."""

    root: TreeNode
    truncated: str | None = None


def search_pages(
    actor: Actor, query: str, type_label: str | None, under_id: int | None,
    status: Status | None, limit: int, cursor: str | None,
) -> Listing[PageItem]:  # fmt: skip
    """Pages the actor may see, by relevance when there are words, newest change first otherwise."""
    pages = visible_pages(actor).filter(depth__gt=1)
    if type_label:
        pages = pages.type(page_model(type_label))
    if under_id is not None:
        pages = pages.descendant_of(visible_page(actor, under_id))
    wanted = with_status(pages, status) if status else pages
    if words := search_words(query):
        if status:
            wanted = searchable(pages, wanted)
        return listed(matching_pages(wanted, words), PageItem.of, limit, cursor)
    return listed_pages(wanted.order_by("-latest_revision_created_at", "-pk"), limit, cursor)


def search_words(query: str) -> str:
    """The words of a query; quotation marks and the like mean something to search backends."""
    return " ".join(re.sub(r"[\"'()*:^{}\\~<>|&!\x00]", " ", query).split())


def with_status(pages: Any, status: Status) -> Any:
    """Pages whose status, in the words of ``page_status``, is this one."""

    reviewed = [
        int(pk)
        for pk in WorkflowState.objects.filter(status=WorkflowState.STATUS_IN_PROGRESS)
        .filter(base_content_type__app_label="wagtailcore", base_content_type__model="page")
        .values_list("object_id", flat=True)
    ]
    if status == "in review":
        return pages.filter(pk__in=reviewed)
    pages = pages.exclude(pk__in=reviewed)
    if status in ("live", "live + draft"):
        return pages.live().filter(has_unpublished_changes=status == "live + draft")
    scheduled = [
        int(pk)
        for pk in Revision.page_revisions.exclude(approved_go_live_at=None).values_list(
            "object_id", flat=True
        )
    ]
    pages = pages.not_live()
    if status == "scheduled":
        return pages.filter(pk__in=scheduled)
    return pages.exclude(pk__in=scheduled).filter(expired=status == "expired")


def page_tree(actor: Actor, root: Page, depth: int) -> Tree:
    """``root`` and its visible descendants, ``depth`` levels down, in the order of the site."""
    reach = reach_of(actor).below(root.path)
    # Paths first: most of the pages are only counted.
    found = _paths(*reach.shape).all(**reach.values, deepest=root.depth + depth + 1)
    children: dict[str, list[str]] = defaultdict(list)
    for path, _ in found[:MAX_TREE]:
        children[path[: -Page.steplen]].append(path)
    cut = (
        f"Only the first {MAX_TREE} pages are shown. Call again with another root_id or less depth."
        if len(found) > MAX_TREE
        else None
    )
    keys = dict(found)
    shown = [keys[path] for path in _shown(root.path, children, depth) if path in keys]
    pages = {page.path: page for page in page_items(shown)}
    with site_roots_loaded():
        # A page that the user only reviews is in no list of theirs, and was loaded whole.
        top = pages.get(root.path, root)
        if top.get_deferred_fields() and top is root:
            # Moved or deleted since.
            raise no_such_page(root.pk)
        return Tree(root=_node(top, pages, children, depth), truncated=cut)


@prepared
def _paths(*shape: int) -> Any:
    pages = Reach.of_params(*shape).pages.filter(depth__lte=Param("deepest")).order_by("path")
    return pages.values_list("path", "pk")[: MAX_TREE + 1]


def _shown(path: str, children: dict[str, list[str]], depth: int) -> Iterator[str]:
    yield path
    if depth > 0:
        for child in children[path][:MAX_CHILDREN]:
            yield from _shown(child, children, depth - 1)


def _node(
    page: Page, pages: dict[str, Page], children: dict[str, list[str]], depth: int
) -> TreeNode:
    below = children[page.path]
    # A page may have been moved away since the paths were read.
    shown = [pages[path] for path in below[:MAX_CHILDREN] if path in pages] if depth > 0 else []
    return TreeNode.of(
        page,
        child_count=len(below),
        children=[_node(child, pages, children, depth - 1) for child in shown] or None,
        more_children=(len(below) - len(shown) if shown else 0) or None,
    )
