"""Taking changes back: drafts go, edits return to what was before, moves and deletions too.

Whatever somebody else has built upon is left alone and named.
"""

from collections.abc import Callable, Iterable
from typing import Any, Self

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model, ProtectedError, RestrictedError
from django.utils import timezone
from pydantic import BaseModel
from wagtail.actions.delete import DeleteAction
from wagtail.log_actions import LogContext, log
from wagtail.models import Page

from mcp_server.actor import Actor
from mcp_server.errors import Refused, explain
from mcp_server.models import MCPCall
from mcp_server.results import Change

from .built_upon import refuse_changed_upload, refuse_referred
from .changes import changes_of, is_page
from .picture_changes import restore_image
from .redirecting import withdraw
from .shapes import shown_title, type_name
from .snippets_types import is_snippet
from .snippets_undo import lock_snippet, undo_snippet
from .undo_pages import page_step

MAX_RUN = 100
# What a person's undoing is called in the history; the tool's has an entry of its own.
ACTION = "mcp_server.undo"

# Carries an undoing out once everything was checked; returns what still exists of its object.
Step = Callable[[], Model | None]


class Left(BaseModel):
    """A change that was not undone, and why."""

    id: int
    why: str


class Standing(BaseModel):
    """What an undone change was about, as it is now; ``revision_id`` is what to build upon."""

    page_id: int | None = None
    object_id: str | None = None
    type: str
    title: str
    revision_id: int | None = None

    @classmethod
    def of(cls, thing: Model) -> Self:
        revision_id = getattr(thing, "latest_revision_id", None)
        if isinstance(thing, Page):
            named = {"page_id": thing.pk, "type": type_name(thing), "title": shown_title(thing)}
        else:
            label = str(thing._meta.label)
            named = {"object_id": str(thing.pk), "type": label, "title": str(thing)}
        return cls(**named, revision_id=revision_id)


class Undone(Change):
    """Which changes were undone, newest first, which were left alone, and what is there now."""

    undone: list[int]
    left: list[Left]
    now: list[Standing] | None = None
    warnings: list[str] | None = None


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


@transaction.atomic
def undo_calls(user: Any, keys: Iterable[int]) -> Undone:
    """Undo changes for a person, by this person's own permissions; newest first."""
    found = MCPCall.objects.changes().filter(pk__in=list(keys), undone_at=None)
    calls = list(found.select_for_update().order_by("-pk")[:MAX_RUN])
    with LogContext(user=user):
        return _undo_all(Actor(user), calls, noted=True)


def why_left(user: Any, calls: Iterable[MCPCall]) -> dict[int, str]:
    """Why a change would be left alone, by its id; changes nothing. Calls come newest first.

    An earlier change of the same object is not judged yet: what it made is the newest again only
    when the later one is undone.
    """
    found: dict[int, str] = {}
    judged: set[tuple[Any, str]] = set()
    for call in calls:
        about = (call.content_type_id, call.object_id)
        if about not in judged:
            try:
                _step(Actor(user), call)
            except Refused as refusal:
                found[call.pk] = str(refusal)
            else:
                judged.add(about)
    return found


def _undo_all(actor: Actor, calls: list[MCPCall], *, noted: bool = False) -> Undone:
    answer = Undone(undone=[], left=[])
    touched: dict[Any, Model] = {}
    for call in calls:
        # Undoing a later change gave this one's result another number.
        call.refresh_from_db(fields=["revision_after"])
        try:
            # Each on its own: one that cannot be undone must not take the others along.
            with transaction.atomic():
                kept = undo_one(actor, call)
                if noted and kept is not None:
                    data = {"tool": call.tool, "token": call.token_name}
                    log(instance=kept, action=ACTION, user=actor.user, data=data)
        except (Refused, PermissionDenied, ValidationError) as refusal:
            answer.left.append(Left(id=call.pk, why=explain(refusal)[1]))
        except (ProtectedError, RestrictedError):
            why = f"{call.object_title} stays: something of the site needs it."
            answer.left.append(Left(id=call.pk, why=why))
        else:
            answer.undone.append(call.pk)
            if lost := call.data.get("lost"):
                answer.warnings = [*(answer.warnings or []), _lost(call, lost)]
            if kept is not None:
                # A page may be touched several times, and every revision tells where it is from.
                state = getattr(kept, "latest_revision_id", None)
                touched[type(kept), kept.pk, state] = kept
    # An edit taken back and then the page itself: there is no page to note it at.
    left = [thing for thing in touched.values() if _is_there(thing)]
    newest = {(type(thing), thing.pk): thing for thing in left}
    answer.now = [Standing.of(thing) for thing in newest.values()] or None
    return answer.about(left[-1] if left else None).and_about(left[:-1])


def _is_there(thing: Model) -> bool:
    return type(thing)._base_manager.filter(pk=thing.pk).exists()


def _lost(call: MCPCall, lost: list[str]) -> str:
    return f"{call.object_title} is back without {', '.join(lost)}."


def undo_one(actor: Actor, call: MCPCall) -> Any:
    """Undo one call and mark it; returns what still exists of what it touched."""
    if is_page(call):
        Page.objects.select_for_update().filter(pk=call.object_id).values_list("pk").first()
    elif is_snippet(call):
        lock_snippet(call)
    touched = _step(actor, call)()
    MCPCall.objects.filter(pk=call.pk).update(undone_at=timezone.now())
    return touched


def _step(actor: Actor, call: MCPCall) -> Step:
    """What undoing the call takes, once everything is checked; raises Refused."""
    if is_page(call):
        return page_step(actor, call)
    if "image" in call.data:
        return restore_image(actor, call)
    return undo_snippet(actor, call) if is_snippet(call) else _delete_upload(actor, call)


def _delete_upload(actor: Actor, call: MCPCall) -> Step:
    model = call.content_type.model_class() if call.content_type else None
    found = model._default_manager.filter(pk=call.object_id).first() if model else None
    if found is None:
        raise Refused(f"{call.object_title} is not there any more.")
    if "redirect" in call.data:
        return withdraw(actor, found, call.data["redirect"])
    if not call.data.get("created"):
        raise Refused(f"{call.tool} cannot be undone here; a person can, in the Wagtail admin.")
    refuse_changed_upload(found, call)
    refuse_referred(actor, found, call.object_title, call)
    action = DeleteAction(found, user=actor.user)
    if not action.user_has_permission():
        raise Refused(f"This user may not delete {call.object_title}.")

    def step() -> None:
        action.execute()

    return step
