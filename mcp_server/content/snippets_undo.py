"""Taking back what was done to a snippet, unless somebody has built upon it."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model, ProtectedError, RestrictedError
from wagtail.actions import action_registry
from wagtail.actions.delete import DeleteAction
from wagtail.actions.edit import EditAction
from wagtail.models import ReferenceIndex

from mcp_server.actor import Actor
from mcp_server.errors import Refused
from mcp_server.models import MCPCall

from .people import display_name, refuse_while_others_work
from .snippets_types import has_drafts, may, version_of, visible_snippet
from .snippets_writing import refuse_publishing


def lock_snippet(call: MCPCall) -> None:
    """Keep others from writing what the call is about until the transaction ends."""
    model: Any = call.content_type.model_class() if call.content_type else None
    model._base_manager.select_for_update().filter(pk=call.object_id).values_list("pk").first()


def undo_snippet(actor: Actor, call: MCPCall) -> Callable[[], Model | None]:
    """What undoing the call takes, once everything is checked; raises Refused."""
    model: Any = call.content_type.model_class() if call.content_type else None
    instance = visible_snippet(actor, model._meta.label, call.object_id)
    refuse_publishing(actor, model)
    refuse_while_others_work(actor, instance)
    _refuse_newer(instance, call)
    if call.data.get("created"):
        return _removal(actor, instance)
    source = _before(instance, call)
    if source is None:
        raise Refused(
            f"{call.object_title} keeps no revision from before. Set the fields back with "
            "update_snippet, or ask a person to."
        )
    if not may(actor, instance, ["change"]):
        raise Refused(f"This user may not change {model._meta.label} {instance.pk}.")
    return lambda: _reverted(actor, *source, call)


def _removal(actor: Actor, instance: Any) -> Callable[[], None]:
    named = f"{instance._meta.label} {instance.pk}"
    if has_drafts(type(instance)) and instance.live:
        raise Refused(f"{named} stays: it is published.")
    if ReferenceIndex.get_references_to(instance).exists():
        raise Refused(f"{named} stays: something refers to it.")
    if not may(actor, instance, ["delete"]):
        raise Refused(f"This user may not delete {named}.")
    action = action_registry.get_action_class(type(instance), "delete") or DeleteAction

    def step() -> None:
        try:
            action(instance, user=actor.user).execute()
        except (ProtectedError, RestrictedError):
            raise Refused(f"{named} stays: something refers to it.") from None

    return step


def _before(instance: Any, call: MCPCall) -> tuple[Any, Any] | None:
    """The content before the call and its revision; None when it is not kept."""
    if call.revision_before and call.revision_before != call.revision_after:
        revision = instance.revisions.filter(pk=call.revision_before).first()
        return (revision.as_object(), revision) if revision else None
    # The first revision of something live was made beside it, and left it as it was.
    first = call.revision_before is None and call.revision_after is not None
    return (instance, None) if first and getattr(instance, "live", False) else None


def _reverted(actor: Actor, content: Any, revision: Any, call: MCPCall) -> Model:
    action = action_registry.get_action_class(type(content), "edit") or EditAction
    # Not Wagtail's revert action: it would leave what is not live as the edit had left it.
    kept: Any = action(content, user=actor.user, previous_revision=revision, clean=False).execute()
    # Undoing the change before this one has to find its own result as the newest again.
    if call.revision_before:
        MCPCall.objects.filter(
            content_type=call.content_type,
            object_id=call.object_id,
            revision_after=call.revision_before,
        ).update(revision_after=kept.latest_revision_id)
    return kept  # type: ignore[no-any-return]  # Wagtail is not typed


def _refuse_newer(instance: Any, call: MCPCall) -> None:
    left = call.revision_after or call.data.get("version")
    if left is not None and str(version_of(instance)) != str(left):
        latest = instance.get_latest_revision() if hasattr(instance, "revisions") else None
        who = display_name(latest.user if latest else None)
        raise Refused(f"{call.object_title} stays: {who} saved it after this change.")
