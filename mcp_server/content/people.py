"""Who else is at work on a page or snippet: locks, and editors that have it open right now."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import DateTimeField, Model, Q, QuerySet
from django.utils import timezone
from django.utils.timesince import timesince
from wagtail.admin.models import EditingSession
from wagtail.admin.utils import get_user_display_name
from wagtail.locks import ScheduledForPublishLock, WorkflowLock
from wagtail.models import LockableMixin, Page, WorkflowState, get_default_page_content_type

from mcp_server.actor import Actor
from mcp_server.errors import Conflict
from mcp_server.prepared import Param, prepared

from .planned import goes_live


def display_name(user: Any) -> str:
    """The name that editors know somebody by."""
    if user is None:
        return "someone"
    return str(get_user_display_name(user))


def lock_note(thing: Any) -> str | None:
    """Who or what locked the page or snippet; None when it is not locked."""
    lock = _lock(thing)
    if lock is None:
        return None
    if getattr(thing, "locked", False):
        return display_name(thing.locked_by)
    if isinstance(lock, WorkflowLock):
        return f"the workflow task {lock.task.name}"
    if isinstance(lock, ScheduledForPublishLock):
        return f"its schedule (goes live at {goes_live(thing)})"
    # A site may have locks of its own kinds.
    return str(getattr(getattr(lock, "task", None), "name", type(lock).__name__))


def is_locked_for(thing: Any, user: Any) -> bool:
    """Whether a lock keeps this user from writing."""
    lock = _lock(thing)
    return lock is not None and bool(lock.for_user(user))


def busy_note(actor: Actor, thing: Model) -> str | None:
    """Who else has it open in the editor, and how long ago they were active."""
    session = _others(actor, thing)
    if session is None:
        return None
    return f"{display_name(session.user)}, active {_ago(session.last_seen_at)}"


def refuse_while_others_work(actor: Actor, thing: Model) -> None:
    """Raise Conflict when somebody else holds a lock or has it open in the editor."""
    page = isinstance(thing, Page)
    if is_locked_for(thing, actor.user):
        raise Conflict(
            f"{'Page' if page else thing._meta.label} {thing.pk} is locked by {lock_note(thing)}; "
            "nothing was changed. Ask for the lock to be released, then read it again."
        )
    refuse_while_open_elsewhere(actor, thing)


def refuse_while_others_work_below(actor: Actor, page: Page) -> None:
    """The same for a page and whatever lies below it."""
    refuse_while_others_work(actor, page)
    now_open = _open_sessions(_not_idle_since()).filter(
        content_type=get_default_page_content_type()
    )
    reviewed = WorkflowState.objects.filter(
        base_content_type=get_default_page_content_type(),
        status__in=(WorkflowState.STATUS_IN_PROGRESS, WorkflowState.STATUS_NEEDS_CHANGES),
    )
    keys = {
        int(key)
        for found in (now_open.exclude(user=actor.user), reviewed)
        for key in found.values_list("object_id", flat=True)
    }
    below = page.get_descendants().filter(Q(locked=True) | Q(pk__in=keys))
    for found in below.order_by("path").specific():
        refuse_while_others_work(actor, found)


def refuse_while_open_elsewhere(actor: Actor, thing: Model) -> None:
    """Raise Conflict when somebody else has it open in the editor."""
    session = _others(actor, thing)
    page = isinstance(thing, Page)
    if session is not None:
        raise Conflict(
            f"{display_name(session.user)} has {'page' if page else thing._meta.label} "
            f"{thing.pk} open in the editor "
            f"(active {_ago(session.last_seen_at)}); nothing was changed. "
            "Try again when they have closed it."
        )


def own_editor_warnings(actor: Actor, thing: Model) -> list[str]:
    """A warning for somebody whose own browser has it open while they write through MCP."""
    if all(session.user_id != actor.user.pk for session in _sessions(thing)):
        return []
    kind = "page" if isinstance(thing, Page) else "snippet"
    return [f"This user has the {kind} open in the editor: reload it there before saving."]


def _lock(thing: Any) -> Any:
    # Not hasattr(): on drafts without locks Wagtail's own get_lock() fails.
    return thing.get_lock() if isinstance(thing, LockableMixin) else None


def _others(actor: Actor, thing: Model) -> EditingSession | None:
    return next((one for one in _sessions(thing) if one.user_id != actor.user.pk), None)


def _sessions(thing: Model) -> list[EditingSession]:
    """Editors that have it open, the one that was active last first."""
    page = isinstance(thing, Page)
    own = get_default_page_content_type() if page else ContentType.objects.get_for_model(thing)
    return _sessions_of().all(kind=own.pk, key=str(thing.pk), since=_not_idle_since())


@prepared
def _sessions_of() -> Any:
    found = _open_sessions(Param("since", field=DateTimeField()))
    found = found.filter(content_type_id=Param("kind"), object_id=Param("key"))
    return found.select_related("user").order_by("-last_seen_at")


def _open_sessions(since: Any) -> "QuerySet[EditingSession]":
    found: QuerySet[EditingSession] = EditingSession.objects.filter(last_seen_at__gte=since)
    return found


def _not_idle_since() -> datetime:
    """From when on Wagtail itself does not call an editor idle."""
    idle: timedelta = EditingSession.IDLE_TIMEOUT
    return timezone.now() - idle


def _ago(moment: Any) -> str:
    # timesince() separates number and unit with a no-break space, which a model need not see.
    return f"{timesince(moment)} ago".replace("\xa0", " ")
