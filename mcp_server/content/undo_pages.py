"""Taking back what was done to pages: how, once everything was checked."""

from collections.abc import Callable

from wagtail.actions.delete_page import DeletePageAction
from wagtail.actions.move_page import MovePageAction
from wagtail.actions.revert_to_page_revision import RevertToPageRevisionAction
from wagtail.models import Page

from mcp_server.actor import Actor
from mcp_server.errors import Refused
from mcp_server.models import MCPCall

from .built_upon import refuse_built_upon
from .finding import visible_page, visible_pages
from .moving_redirects import MadeByMove
from .people import display_name, refuse_while_others_work, refuse_while_others_work_below
from .snapshots import at_place, restore, tree_below
from .undo_marks import cancel_schedule, is_scheduled_by, withdraw_comment
from .writing import page_revision, settle_draft

# Carries an undoing out once everything was checked; returns what still exists of its page.
Step = Callable[[], Page | None]


def page_step(actor: Actor, call: MCPCall) -> Step:
    """What undoing a call about a page takes, once everything is checked; raises Refused."""
    if call.data.get("deleted"):
        return _undelete(actor, call)
    page = _page_of(actor, call)
    if call.data.get("unscheduled"):
        raise Refused(f"Page {page.pk} stays unscheduled. Call schedule_page to plan it anew.")
    if is_scheduled_by(page, call):
        return cancel_schedule(actor, page, lambda: _revert(actor, page, call))
    refuse_while_others_work(actor, page)
    if call.data.get("comment"):
        return withdraw_comment(actor, page, call)
    if call.data.get("moved_from") or call.data.get("created"):
        refuse_while_others_work_below(actor, page)
    if call.data.get("moved_from"):
        return _move_back(actor, page, call)
    if call.data.get("created"):
        return _remove_draft(actor, page, call)
    # Not by its revisions: undoing a later edit gives this call's result another number.
    if call.revision_before and call.data.get("made"):
        return _revert(actor, page, call)
    raise Refused(f"{call.tool} cannot be undone here; a person can, in the Wagtail admin.")


def _page_of(actor: Actor, call: MCPCall) -> Page:
    try:
        return visible_page(actor, int(call.object_id))
    except Refused:
        raise Refused(f"Page {call.object_id} is not there any more.") from None


def _remove_draft(actor: Actor, page: Page, call: MCPCall) -> Step:
    _refuse_newer(page, call)
    below = tree_below(page)
    live = page.live or page.get_descendants().live().exists()
    if live or below != call.data.get("below", []):
        why = "it is published" if live else "it has subpages that came or changed since"
        raise Refused(f"Page {page.pk} stays: {why}.")
    refuse_built_upon(actor, page, call)
    if not page.permissions_for_user(actor.user).can_delete():
        raise Refused(f"This user may not delete page {page.pk}.")

    def step() -> None:
        DeletePageAction(page, user=actor.user).execute()

    return step


def _revert(actor: Actor, page: Page, call: MCPCall) -> Step:
    _refuse_newer(page, call)
    if not page.permissions_for_user(actor.user).can_edit():
        raise Refused(f"This user may not edit page {page.pk}.")
    revision = page_revision(page, call.revision_before or 0)

    def step() -> Page:
        RevertToPageRevisionAction(page, revision, user=actor.user, clean=False).execute()
        page.refresh_from_db()
        settle_draft(page)
        # Undoing the change before this one has to find its own result as the newest again.
        about = MCPCall.objects.filter(content_type=call.content_type, object_id=call.object_id)
        before = about.filter(revision_after=call.revision_before, data__made__isnull=False)
        before.update(revision_after=page.latest_revision_id)
        return page

    return step


def _move_back(actor: Actor, page: Page, call: MCPCall) -> Step:
    if page.get_parent().pk != call.data.get("moved_to"):
        raise Refused(f"Page {page.pk} stays: it was moved again since.")
    parent = visible_pages(actor).filter(pk=call.data["moved_from"]).first()
    if parent is None:
        raise Refused(f"Page {page.pk} stays: where it was is not there any more.")
    if not actor.may_use("move_page"):
        raise Refused("Moving back needs the tool move_page, which this token lacks.")
    if not page.permissions_for_user(actor.user).can_move_to(parent):
        raise Refused(f"This user may not move page {page.pk} back.")
    target, place = at_place(parent, call.data)

    def step() -> Page:
        redirects = MadeByMove(page)
        MovePageAction(page, target, pos=place, user=actor.user).execute()
        redirects.forget(call.data.get("redirects", []))
        moved: Page = Page.objects.get(pk=page.pk).specific
        return moved

    return step


def _undelete(actor: Actor, call: MCPCall) -> Step:
    parent = visible_pages(actor).filter(pk=call.data["moved_from"]).first()
    if parent is None or not parent.permissions_for_user(actor.user).can_add_subpage():
        raise Refused(f"Page {call.object_id} has no place to come back to.")
    if Page.objects.filter(
        pk__in=[kept["content"]["pk"] for kept in call.data["deleted"]]
    ).exists():
        raise Refused(f"Page {call.object_id} is there again.")
    # Locked: a page that is created there at the same moment would get the same place.
    places = Page.objects.select_for_update()
    return lambda: restore(actor, call.data, places.get(pk=parent.pk))


def _refuse_newer(page: Page, call: MCPCall) -> None:
    if page.latest_revision_id != call.revision_after:
        latest = page.get_latest_revision()
        raise Refused(
            f"Page {page.pk} stays: {display_name(latest.user if latest else None)} saved "
            f"revision {page.latest_revision_id} after it."
        )
