"""What waits for somebody's review, and what became of their own submissions."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from wagtail.models import Page, TaskState, WorkflowState, get_default_page_content_type

from mcp_server.actor import Actor

from .clock import shown
from .finding import visible_pages, within_limit
from .listing import for_listing
from .people import display_name
from .review_state import in_words, load_tasks
from .shapes import PageItem, site_roots_loaded

if TYPE_CHECKING:
    from wagtail.query import PageQuerySet

SHOWN = 30


class ReviewItem(PageItem):
    """A page in review: since when, submitted by whom, and what was said."""

    revision_id: int
    task_id: int
    review: str
    since: str
    submitted_by: str
    comment: str | None = None


class ReviewTasks(BaseModel):
    """``for_you`` waits for this user; ``submitted_by_you`` waits for somebody else."""

    for_you: list[ReviewItem]
    submitted_by_you: list[ReviewItem]
    not_shown: int | None = None


def review_tasks(actor: Actor) -> ReviewTasks:
    """Tasks of pages that this user may act on, and the user's own running submissions."""
    waiting = TaskState.objects.reviewable_by(actor.user).values("workflow_state")
    active = WorkflowState.objects.active().filter(
        base_content_type=get_default_page_content_type()
    )
    mine = active.filter(requested_by=actor.user).exclude(pk__in=waiting)
    # The reviewers' explorer need not have the page: the task itself lets them see it.
    for_you, more = _items(within_limit(actor), active.filter(pk__in=waiting))
    submitted, more_submitted = _items(visible_pages(actor), mine)
    hidden = more + more_submitted
    return ReviewTasks(for_you=for_you, submitted_by_you=submitted, not_shown=hidden or None)


def _items(visible: "PageQuerySet", states: Any) -> tuple[list[ReviewItem], int]:
    """The first items, oldest first, and how many more there are."""
    states = list(states.select_related("requested_by", "current_task_state__finished_by"))
    pages = _pages(visible, [int(state.object_id) for state in states])
    seen = [state for state in states if int(state.object_id) in pages]
    seen.sort(key=lambda state: (state.current_task_state.started_at, state.pk))
    load_tasks(seen[:SHOWN])
    with site_roots_loaded():
        items = [_item(state, pages[int(state.object_id)]) for state in seen[:SHOWN]]
    return items, len(seen) - len(items)


def _pages(visible: "PageQuerySet", ids: Iterable[int]) -> dict[int, Page]:
    return {page.pk: page for page in for_listing(visible.filter(pk__in=ids))}


def _item(state: WorkflowState, page: Page) -> ReviewItem:
    task_state = state.current_task_state
    since = task_state.finished_at or task_state.started_at
    return ReviewItem.of(
        page,
        revision_id=page.latest_revision_id,
        task_id=task_state.pk,
        review=in_words(state) or "",
        since=shown(since),
        submitted_by=display_name(state.requested_by),
        comment=task_state.comment or None,
    )
