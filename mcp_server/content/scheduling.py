"""Publishing at a time: Wagtail's own schedule, in the site's zone."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.utils import from_current_timezone
from django.utils import timezone
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.models import Page, Revision

from mcp_server.actor import Actor
from mcp_server.errors import Conflict, Invalid, Refused

from .clock import comparable, shown
from .drafts import newest_draft
from .finding import locked_page
from .people import display_name, refuse_while_others_work
from .readiness import publish_problems
from .shapes import PageSummary
from .writing import page_revision


class ScheduleSummary(PageSummary):
    """A page's summary with the times of its schedule, in the site's zone."""

    go_live_at: str | None = None
    expire_at: str | None = None
    time_zone: str


@transaction.atomic
def schedule_page(
    actor: Actor,
    page_id: int,
    revision_id: int,
    go_live_at: datetime | None,
    expire_at: datetime | None,
) -> ScheduleSummary:
    """Approve the revision that the caller has read for a later moment; None: cancel that."""
    page = _schedulable_page(actor, page_id)
    if go_live_at is None:
        return _cancelled(actor, page, revision_id, expire_at)
    _refuse_unschedulable(actor, page, revision_id)
    draft = newest_draft(page)
    begin, end = _times(draft, go_live_at, expire_at)
    if problems := list(publish_problems(draft)):
        raise Invalid(problems)
    draft.go_live_at, draft.expire_at = begin, end
    revision = draft.save_revision(user=actor.user, log_action=True)
    PublishPageRevisionAction(revision, user=actor.user).execute()
    page = locked_page(actor, page_id)
    answer = ScheduleSummary.of(
        page,
        go_live_at=shown(page.scheduled_revision.approved_go_live_at),
        expire_at=shown(end) if end else None,
        time_zone=timezone.get_current_timezone_name(),
    )
    return answer.about(page, scheduled=page.scheduled_revision.pk)


def unschedule(actor: Actor, revision: Revision) -> None:
    """What "Unschedule" in Wagtail's admin does."""
    revision.approved_go_live_at = None
    revision.save(user=actor.user, update_fields=["approved_go_live_at"])


def _cancelled(
    actor: Actor, page: Page, revision_id: int, expire_at: datetime | None
) -> ScheduleSummary:
    planned = page.scheduled_revision
    if planned is None:
        raise Refused(f"Page {page.pk} has no schedule; nothing to cancel.")
    if expire_at is not None:
        raise Invalid([("expire_at", "not while a schedule is cancelled")])
    if planned.pk != revision_id:
        raise Conflict(
            f"Nothing was cancelled: revision {planned.pk} is scheduled, not {revision_id}."
        )
    unschedule(actor, planned)
    if page.latest_revision_id == planned.pk:
        # With the times left in it, publishing this draft would schedule it once more.
        draft = newest_draft(page)
        draft.go_live_at = None
        draft.save_revision(user=actor.user, log_action=True)
    page = locked_page(actor, page.pk)
    kept = newest_draft(page).expire_at
    answer = ScheduleSummary.of(
        page,
        expire_at=shown(kept) if kept else None,
        time_zone=timezone.get_current_timezone_name(),
    )
    return answer.about(page, unscheduled=planned.pk)


def _times(
    draft: Page, go_live_at: datetime, expire_at: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """When to go live and when to expire; what the draft says of its expiry stays unless given."""
    begin, end = _moment("go_live_at", go_live_at), _moment("expire_at", expire_at)
    end = end or draft.expire_at
    if begin is not None and end is not None and end <= begin:
        kept = "" if expire_at else f"the draft's own, {shown(end)}, is "
        raise Invalid([("expire_at", f"{kept}not after go_live_at, {shown(begin)}")])
    return begin, end


def _schedulable_page(actor: Actor, page_id: int) -> Page:
    page = locked_page(actor, page_id)
    if not page.permissions_for_user(actor.user).can_publish():
        raise Refused(
            f"This user may not publish page {page_id}. "
            "An editor with that permission can, in the Wagtail admin."
        )
    return page


def _refuse_unschedulable(actor: Actor, page: Page, revision_id: int) -> None:
    page_id = page.pk
    planned = page.scheduled_revision
    if planned is not None:
        raise Refused(
            f"Page {page_id} has a schedule: revision {planned.pk} goes live at "
            f"{shown(planned.approved_go_live_at)}. To cancel that, call schedule_page with "
            f"revision_id {planned.pk} and go_live_at null."
        )
    refuse_while_others_work(actor, page)
    revision = page_revision(page, revision_id)
    if revision.pk != page.latest_revision_id:
        latest = page.get_latest_revision()
        raise Conflict(
            f"Nothing was scheduled: {display_name(latest.user)} saved revision {latest.pk} after "
            f"revision {revision_id}. Call get_page_content({page_id}) and decide on that one."
        )


def _moment(name: str, given: datetime | None) -> datetime | None:
    """``given`` with a zone, the site's unless it has one; refused when it is over."""
    if given is None:
        return None
    try:
        # Says so when the clocks are changed at that time, and the hour is missing or double.
        moment = from_current_timezone(given) if timezone.is_naive(given) else comparable(given)
    except ValidationError as error:
        raise Invalid([(name, error.messages[0])]) from None
    now = timezone.now()
    if moment is None or moment <= now:
        raise Invalid([(name, f"in the past; it is {shown(now)} now")])
    return moment
