"""What visitors see: publishing, unpublishing, moving and deleting pages."""

from django.db import transaction
from wagtail.actions.delete_page import DeletePageAction
from wagtail.actions.move_page import MovePageAction
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.models import Page, Revision

from mcp_server.actor import Actor
from mcp_server.errors import Conflict, Invalid, Refused
from mcp_server.results import Change

from .finding import locked_page, visible_page
from .impact import require_confirm
from .moving_redirects import MadeByMove
from .people import display_name, refuse_while_others_work, refuse_while_others_work_below
from .readiness import publish_problems
from .redirects import OldAddress
from .shapes import PageSummary, page_path, type_name
from .snapshots import place_of, snapshot
from .writing import page_revision


class Deleted(Change):
    """What a deletion answers."""

    deleted: int
    title: str
    path: str
    descendants: int


@transaction.atomic
def publish_page(actor: Actor, page_id: int, revision_id: int) -> PageSummary:
    """Make the revision that the caller has read live, when it is still the newest."""
    page = locked_page(actor, page_id)
    if not page.permissions_for_user(actor.user).can_publish():
        raise Refused(
            f"This user may not publish page {page_id}. "
            "An editor with that permission can, in the Wagtail admin."
        )
    refuse_while_others_work(actor, page)
    revision = page_revision(page, revision_id)
    if revision.pk != page.latest_revision_id:
        latest = page.get_latest_revision()
        raise Conflict(
            f"Nothing was published: {display_name(latest.user)} saved revision {latest.pk} after "
            f"revision {revision_id}. Call get_page_content({page_id}) and decide on that one."
        )
    if _is_published(page, revision):
        # The answer to the first call was lost, and it came again.
        return PageSummary.of(page, [f"Revision {revision.pk} is live already."]).about(None)
    problems = list(publish_problems(revision.as_object()))
    if problems:
        raise Invalid(problems, "Nothing was published.")
    old = OldAddress(page)
    PublishPageRevisionAction(revision, user=actor.user).execute()
    page.refresh_from_db()
    return PageSummary.of(page, old.warnings(page))


def _is_published(page: Page, revision: Revision) -> bool:
    """Whether publishing would change nothing; it would end a review that is under way."""
    is_shown = page.live and page.live_revision_id == revision.pk
    return is_shown and not page.has_unpublished_changes and not page.workflow_in_progress


@transaction.atomic
def unpublish_page(actor: Actor, page_id: int, confirm: str) -> PageSummary:
    """Take a page offline; its content stays as a draft."""
    page = locked_page(actor, page_id)
    if not page.live:
        raise Refused(f"Page {page_id} is not published; nothing to do.")
    # First, because a lock takes the permission away and is the better reason.
    refuse_while_others_work(actor, page)
    if not page.permissions_for_user(actor.user).can_unpublish():
        raise Refused(f"This user may not unpublish page {page_id}.")
    require_confirm(actor, page, confirm)
    UnpublishPageAction(page, user=actor.user).execute()
    return PageSummary.of(page)


@transaction.atomic
def move_page(actor: Actor, page_id: int, parent_id: int, confirm: str) -> PageSummary:
    """Move a page and everything below it to another parent, as its last child."""
    page = locked_page(actor, page_id)
    parent = visible_page(actor, parent_id)
    if parent.pk == page.pk or parent.is_descendant_of(page):
        raise Refused("A page cannot be moved into itself. Choose another parent.")
    if page.get_parent().pk == parent.pk:
        raise Refused(f"Page {page_id} is below page {parent_id} already; nothing to do.")
    if not page.permissions_for_user(actor.user).can_move_to(parent):
        raise Refused(
            f"Page {page_id} ({type_name(page)}) cannot be moved below page {parent_id} by this "
            "user. Call get_user_info for the sections, and list_page_types for what fits where."
        )
    if not Page._slug_is_available(page.slug, parent, page):
        raise Refused(
            f"Page {parent_id} has a child with the slug {page.slug!r} already. "
            "Change the slug with update_page first."
        )
    refuse_while_others_work_below(actor, page)
    require_confirm(actor, page, confirm)
    place, old, redirects = place_of(page), OldAddress(page), MadeByMove(page)
    MovePageAction(page, parent, pos="last-child", user=actor.user).execute()
    moved = visible_page(actor, page_id)
    undo = {**place, "moved_to": parent.pk, "redirects": redirects.keys()}
    return PageSummary.of(moved, old.warnings(moved)).about(moved, **undo)


@transaction.atomic
def delete_page(actor: Actor, page_id: int, confirm: str) -> Deleted:
    """Remove a page and everything below it."""
    page = locked_page(actor, page_id)
    if not page.permissions_for_user(actor.user).can_delete():
        raise Refused(
            f"This user may not delete page {page_id}"
            + (" with its subpages." if page.numchild else ".")
            + " Someone with that permission can, in the Wagtail admin."
        )
    refuse_while_others_work_below(actor, page)
    require_confirm(actor, page, confirm)
    answer = Deleted(
        deleted=page.pk,
        title=page.title,
        path=page_path(page),
        descendants=page.get_descendant_count(),
    ).about(Page.objects.get(pk=page.pk).specific, **snapshot(page))
    DeletePageAction(page, user=actor.user).execute()
    return answer
