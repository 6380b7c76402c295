"""Changes to snippets, each through the type's own form and Wagtail's own action."""

from typing import Any

from django.db import transaction
from django.db.models import Model
from wagtail.actions import action_registry
from wagtail.actions.create import CreateAction
from wagtail.actions.edit import EditAction
from wagtail.log_actions import registry as log_registry
from wagtail.models import Locale, TranslatableMixin

from mcp_server.actor import Actor
from mcp_server.errors import Conflict, Refused

from .clock import shown
from .conflicts import conflict_sentence
from .forms import snippet_form
from .people import display_name, own_editor_warnings, refuse_while_others_work
from .snippets import SnippetSummary
from .snippets_types import (
    has_drafts,
    may,
    newest,
    policy_of,
    snippet_model,
    version_of,
    visible_snippet,
)
from .values import Values


@transaction.atomic
def create_snippet(actor: Actor, label: str, values: Values) -> SnippetSummary:
    """A new object: a draft where the type has drafts, live where the token may publish."""
    model: Any = snippet_model(actor, label)
    if not policy_of(model).user_has_permission(actor.user, "add"):
        raise _forbidden(f"add {model._meta.label}")
    warnings = refuse_publishing(actor, model)
    instance = model()
    if isinstance(instance, TranslatableMixin):
        instance.locale = Locale.get_default()
    form, notes = snippet_form(actor, instance, values)
    _refuse_place(actor, form.instance, "add")
    action = action_registry.get_action_class(model, "create") or CreateAction
    made = action(form.instance, user=actor.user, form=form).execute()
    # Read anew, because its digest has to be the one that the next reader gets.
    made = model._base_manager.get(pk=made.pk)
    version = version_of(made)
    answer = SnippetSummary.of(made, [*warnings, *notes])
    return answer.about(made, created=True, version=version)


@transaction.atomic
def update_snippet(
    actor: Actor, label: str, snippet_id: int | str, base: int | str, values: Values
) -> SnippetSummary:
    """A save in which only ``values`` differ: a draft revision where the type has drafts."""
    instance = editable_snippet(actor, label, snippet_id)
    warnings = refuse_publishing(actor, type(instance))
    # First: while somebody is at work, what they have saved so far is not the last word.
    refuse_while_others_work(actor, instance)
    _refuse_stale(actor, instance, base, values)
    before = getattr(instance, "latest_revision_id", None)
    form, notes = snippet_form(actor, newest(instance), values)
    if not form.has_changed():
        told = [*notes, "Nothing differs from what is there; not saved."]
        return SnippetSummary.of(instance, told).about(None)
    _refuse_place(actor, form.instance, "change")
    action = action_registry.get_action_class(type(instance), "edit") or EditAction
    saved = action(form.instance, user=actor.user, form=form).execute()
    if not has_drafts(type(instance)):
        saved = type(instance)._base_manager.get(pk=saved.pk)
    told = [*warnings, *notes, *own_editor_warnings(actor, saved)]
    return SnippetSummary.of(saved, told).about(saved, revision_before=before)


def editable_snippet(actor: Actor, label: str, snippet_id: int | str) -> Any:
    """An object that the user may change, its row locked."""
    instance = visible_snippet(actor, label, snippet_id, lock=True)
    if not may(actor, instance, ["change"]):
        raise _forbidden(f"change {instance._meta.label} {instance.pk}")
    return instance


def refuse_publishing(actor: Actor, model: type[Model]) -> list[str]:
    """Refuse what a draft tool must not do unasked; what to tell where it is allowed.

    Without drafts every save is a publication, and a token that may publish no page may not
    do that either. Nor may one that is limited to a page: a snippet shows on the whole site.
    """
    label = model._meta.label
    if actor.root_page is not None:
        raise Refused(
            f"This token is limited to page {actor.root_page.pk} and below, and snippets show on "
            "the whole site. Use a token without that limit."
        )
    if has_drafts(model):
        return []
    if not actor.may_use("publish_page"):
        raise Refused(
            f"{label} has no drafts: visitors see a change at once, so it needs a token that "
            "grants publish_page too. Ask for one, or for a person to do it in the Wagtail admin."
        )
    return [f"Visible to visitors at once: {label} has no drafts."]


def _refuse_place(actor: Actor, instance: Model, action: str) -> None:
    """Wagtail's actions check the collection that an object comes from, not where it goes."""
    if hasattr(instance, "collection_id") and not may(actor, instance, [action]):
        raise Refused(
            f"This user may not {action} {instance._meta.label} in collection "
            f"{instance.collection_id}. Give another one as the field collection."
        )


def _refuse_stale(actor: Actor, instance: Any, base: int | str, values: Values) -> None:
    latest, read = version_of(instance), str(base).strip()
    if read == str(latest):
        return
    revisions = getattr(instance, "revisions", None)
    named = f"{instance._meta.label} {instance.pk}"
    step = f"Call get_snippet for {named}"
    if isinstance(latest, int) and revisions is not None:
        if not read.isdecimal() or not revisions.filter(pk=int(read)).exists():
            raise Refused(f"{named} has no revision {read[:40]}. {step} and use its revision_id.")
        raise Conflict(conflict_sentence(instance, int(read), values, actor.user))
    entry = log_registry.get_logs_for_instance(instance).order_by("-timestamp").first()
    who = f" ({display_name(entry.user)}, {shown(entry.timestamp)})" if entry else ""
    raise Conflict(
        f"Nothing was saved: this is not the version of {named} that is there now{who}. "
        f"{step}, put your change on top, and use its version."
    )


def _forbidden(what: str) -> Refused:
    return Refused(f"This user may not {what}. Call list_snippets to see what is allowed.")
