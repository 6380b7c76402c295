"""Taking back what is on a page but not in its text: a comment, a schedule."""

from collections.abc import Callable

from wagtail.locks import ScheduledForPublishLock
from wagtail.models import Comment, Page

from mcp_server.actor import Actor
from mcp_server.errors import Refused
from mcp_server.models import MCPCall

from .people import refuse_while_open_elsewhere
from .scheduling import unschedule


def withdraw_comment(actor: Actor, page: Page, call: MCPCall) -> Callable[[], Page]:
    """Delete a comment that nobody has answered yet; Wagtail lets only its author do that."""
    comment = Comment.objects.filter(pk=call.data["comment"], page=page).first()
    if comment is None:
        raise Refused(f"The comment on page {page.pk} is not there any more.")
    if comment.user_id != actor.user.pk:
        raise Refused(f"The comment on page {page.pk} stays: only its author may delete it.")
    if comment.resolved_at or comment.replies.exists():
        raise Refused(f"The comment on page {page.pk} stays: it was answered or closed.")

    def step() -> Page:
        comment.log_delete(page_revision=page.latest_revision, user=actor.user)
        comment.delete()
        return page

    return step


def is_scheduled_by(page: Page, call: MCPCall) -> bool:
    """Whether the page waits for the moment that this call set, and nothing else holds it."""
    planned = page.scheduled_revision
    waits = planned is not None and planned.pk == call.data.get("scheduled")
    return waits and isinstance(page.get_lock(), ScheduledForPublishLock)


def cancel_schedule(
    actor: Actor, page: Page, revert: Callable[[], Callable[[], Page | None]]
) -> Callable[[], Page | None]:
    """Cancel the schedule, and then bring the draft from before it back."""
    refuse_while_open_elsewhere(actor, page)
    if not actor.may_use("schedule_page"):
        raise Refused("Cancelling a schedule needs the tool schedule_page, which this token lacks.")
    if not page.permissions_for_user(actor.user).can_publish():
        raise Refused(f"This user may not cancel the schedule of page {page.pk}.")
    back = revert()

    def step() -> Page | None:
        unschedule(actor, page.scheduled_revision)
        return back()

    return step
