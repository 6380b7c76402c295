"""Who else is at work on a page: locks, and editors that have it open right now."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.timesince import timesince
from wagtail.admin.models import EditingSession
from wagtail.admin.utils import get_user_display_name
from wagtail.models import Page, get_default_page_content_type

from mcp_server.actor import Actor
from mcp_server.errors import Conflict


def display_name(user: Any) -> str:
    """The name that editors know somebody by."""
    if user is None:
        return "someone"
    return str(get_user_display_name(user))


def lock_note(page: Page) -> str | None:
    """Who locked the page; None when it is not locked."""
    lock = page.get_lock()
    if lock is None:
        return None
    if page.locked:
        return display_name(page.locked_by)
    return str(getattr(getattr(lock, "task", None), "name", "a workflow or schedule"))


def busy_note(actor: Actor, page: Page) -> str | None:
    """Who else has the page open in the editor, and how long ago they were active."""
    session = _others(actor, page)
    if session is None:
        return None
    return f"{display_name(session.user)}, active {_ago(session.last_seen_at)}"


def refuse_while_others_work(actor: Actor, page: Page) -> None:
    """Raise Conflict when somebody else holds a lock or has the page open in the editor."""
    lock = page.get_lock()
    if lock is not None and lock.for_user(actor.user):
        raise Conflict(
            f"Page {page.pk} is locked by {lock_note(page)}; nothing was changed. "
            "Ask for the lock to be released, then read the page again."
        )
    session = _others(actor, page)
    if session is not None:
        raise Conflict(
            f"{display_name(session.user)} has page {page.pk} open in the editor "
            f"(active {_ago(session.last_seen_at)}); nothing was changed. "
            "Try again when they have closed it."
        )


def own_editor_warnings(actor: Actor, page: Page) -> list[str]:
    """A warning for somebody whose own browser has the page open while they write through MCP."""
    if not _sessions(page).filter(user=actor.user).exists():
        return []
    return ["This user has the page open in the editor: reload it there before saving."]


def _others(actor: Actor, page: Page) -> EditingSession | None:
    found = _sessions(page).exclude(user=actor.user).select_related("user")
    return found.order_by("-last_seen_at").first()


def _sessions(page: Page) -> "QuerySet[EditingSession]":
    """Editors that have the page open and that Wagtail itself does not call idle."""
    found: QuerySet[EditingSession] = EditingSession.objects.filter(
        content_type=get_default_page_content_type(),
        object_id=str(page.pk),
        last_seen_at__gte=timezone.now() - EditingSession.IDLE_TIMEOUT,
    )
    return found


def _ago(moment: Any) -> str:
    # timesince() separates number and unit with a no-break space, which a model need not see.
    return f"{timesince(moment)} ago".replace("\xa0", " ")
