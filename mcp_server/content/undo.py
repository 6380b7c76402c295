"""Taking changes back: drafts go, edits return to what was before, moves and deletions too.

Whatever somebody else has built upon is left alone and named.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone
from pydantic import BaseModel
from wagtail.actions.delete import DeleteAction
from wagtail.actions.delete_page import DeletePageAction
from wagtail.actions.move_page import MovePageAction
from wagtail.actions.revert_to_page_revision import RevertToPageRevisionAction
from wagtail.models import Page, ReferenceIndex

from mcp_server.actor import Actor
from mcp_server.errors import Refused
from mcp_server.models import MCPCall
from mcp_server.results import Change

from .changes import changes_of, is_page
from .finding import visible_pages
from .people import display_name, refuse_while_others_work
from .snapshots import restore
from .writing import page_revision

MAX_RUN = 100


class Left(BaseModel):
    """A change that was not undone, and why."""

    id: int
    why: str


class Undone(Change):
    """Which changes were undone, newest first, and which were left alone."""

    undone: list[int]
    left: list[Left]


@transaction.atomic
def undo_change(actor: Actor, change_id: int, with_later: bool) -> Undone:
    """Undo one change, or it and all later ones of this token, newest first."""
    mine = changes_of(actor).select_for_update()
    first = mine.filter(pk=change_id).first()
    if first is None:
        raise Refused(f"No change {change_id} of this token. Call list_my_changes to see them.")
    run = mine.filter(pk__gte=change_id) if with_later else mine.filter(pk=change_id)
    calls = list(run.filter(undone_at=None).order_by("-pk")[: MAX_RUN + 1])
    if not calls:
        raise Refused(f"Change {change_id} is undone already.")
    if len(calls) > MAX_RUN:
        raise Refused(f"More than {MAX_RUN} changes. Undo from a later one first.")
    return _undo_all(actor, calls)


def _undo_all(actor: Actor, calls: list[MCPCall]) -> Undone:
    answer = Undone(undone=[], left=[])
    touched: Any = None
    for call in calls:
        # Undoing a later change gave this one's result another number.
        call.refresh_from_db(fields=["revision_after"])
        try:
            # Each on its own: one that cannot be undone must not take the others along.
            with transaction.atomic():
                touched = undo_one(actor, call) or touched
        except Refused as refusal:
            answer.left.append(Left(id=call.pk, why=str(refusal)))
        else:
            answer.undone.append(call.pk)
    # An edit taken back and then the page itself: there is no page to note it at.
    gone = touched is None or not Page.objects.filter(pk=touched.pk).exists()
    return answer.about(None if gone else touched)


def undo_one(actor: Actor, call: MCPCall) -> Any:
    """Undo one call and mark it; returns what still exists of what it touched."""
    touched = _undo_page(actor, call) if is_page(call) else _undo_upload(actor, call)
    MCPCall.objects.filter(pk=call.pk).update(undone_at=timezone.now())
    return touched


def _undo_page(actor: Actor, call: MCPCall) -> Page | None:
    if call.data.get("deleted"):
        return _undelete(actor, call)
    Page.objects.select_for_update().filter(pk=call.object_id).values_list("pk").first()
    page = visible_pages(actor).filter(pk=call.object_id).specific().first()
    if page is None:
        raise Refused(f"Page {call.object_id} is not there any more.")
    refuse_while_others_work(actor, page)
    if call.data.get("moved_from"):
        return _move_back(actor, page, call)
    if call.data.get("created"):
        return _remove_draft(actor, page, call)
    if call.revision_before and call.revision_after != call.revision_before:
        return _revert(actor, page, call)
    raise Refused(f"{call.tool} cannot be undone here; a person can, in the Wagtail admin.")


def _remove_draft(actor: Actor, page: Page, call: MCPCall) -> Page | None:
    _refuse_newer(page, call)
    if page.live or page.numchild:
        why = "it is published" if page.live else "it has subpages"
        raise Refused(f"Page {page.pk} stays: {why}.")
    if not page.permissions_for_user(actor.user).can_delete():
        raise Refused(f"This user may not delete page {page.pk}.")
    DeletePageAction(page, user=actor.user).execute()
    return None


def _revert(actor: Actor, page: Page, call: MCPCall) -> Page:
    _refuse_newer(page, call)
    if not page.permissions_for_user(actor.user).can_edit():
        raise Refused(f"This user may not edit page {page.pk}.")
    revision = page_revision(page, call.revision_before or 0)
    RevertToPageRevisionAction(page, revision, user=actor.user, clean=False).execute()
    page.refresh_from_db()
    # Undoing the change before this one has to find its own result as the newest again.
    MCPCall.objects.filter(
        content_type=call.content_type,
        object_id=call.object_id,
        revision_after=call.revision_before,
    ).update(revision_after=page.latest_revision_id)
    return page


def _move_back(actor: Actor, page: Page, call: MCPCall) -> Page:
    parent = visible_pages(actor).filter(pk=call.data["moved_from"]).first()
    if parent is None:
        raise Refused(f"Page {page.pk} stays: where it was is not there any more.")
    if not actor.may_use("move_page"):
        raise Refused("Moving back needs the tool move_page, which this token lacks.")
    if not page.permissions_for_user(actor.user).can_move_to(parent):
        raise Refused(f"This user may not move page {page.pk} back.")
    sibling = parent.get_children().filter(pk=call.data.get("after")).first()
    target, place = (sibling, "right") if sibling else (parent, "first-child")
    MovePageAction(page, target, pos=place, user=actor.user).execute()
    moved: Page = Page.objects.get(pk=page.pk).specific
    return moved


def _undelete(actor: Actor, call: MCPCall) -> Page:
    parent = visible_pages(actor).filter(pk=call.data["moved_from"]).first()
    if parent is None or not parent.permissions_for_user(actor.user).can_add_subpage():
        raise Refused(f"Page {call.object_id} has no place to come back to.")
    if Page.objects.filter(
        pk__in=[kept["content"]["pk"] for kept in call.data["deleted"]]
    ).exists():
        raise Refused(f"Page {call.object_id} is there again.")
    return restore(actor, call.data, Page.objects.get(pk=parent.pk))


def _undo_upload(actor: Actor, call: MCPCall) -> Page | None:
    model = call.content_type.model_class() if call.content_type else None
    found = model._default_manager.filter(pk=call.object_id).first() if model else None
    if found is None:
        raise Refused(f"{call.object_title} is not there any more.")
    if not call.data.get("created"):
        raise Refused(f"{call.tool} cannot be undone here; a person can, in the Wagtail admin.")
    if ReferenceIndex.get_references_to(found).exists():
        raise Refused(f"{call.object_title} stays: something refers to it.")
    DeleteAction(found, user=actor.user).execute()
    return None


def _refuse_newer(page: Page, call: MCPCall) -> None:
    if page.latest_revision_id != call.revision_after:
        latest = page.get_latest_revision()
        raise Refused(
            f"Page {page.pk} stays: {display_name(latest.user if latest else None)} saved "
            f"revision {page.latest_revision_id} after it."
        )
