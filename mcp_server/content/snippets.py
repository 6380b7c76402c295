"""Snippets of any registered type: the types, lists of each, and one with its fields."""

from typing import Any, Self

from django.conf import settings
from django.contrib.admin.utils import quote
from django.db.models import Model
from pydantic import BaseModel
from wagtail.models import (
    DraftStateMixin,
    TranslatableMixin,
    WorkflowMixin,
)

from mcp_server.actor import Actor
from mcp_server.errors import Refused
from mcp_server.results import Change

from .listing import load_states, offset_of, page_of
from .matching import matching
from .people import busy_note, lock_note
from .reading import field_values
from .review_state import review_state
from .searching import search_words
from .shapes import Listing, admin_url
from .snippets_types import (
    READS_DRAFTS,
    has_drafts,
    may,
    newest,
    policy_of,
    snippet_model,
    snippet_models,
    version_of,
    visible_snippet,
    visible_snippets,
)


class SnippetType(BaseModel):
    """A type of snippet; without ``drafts`` every save is visible to visitors at once."""

    type: str
    label: str
    count: int
    may: list[str]
    drafts: bool


class SnippetItem(BaseModel):
    """A snippet in a list; ``status`` only where the type has drafts."""

    id: int | str
    title: str
    type: str
    status: str | None = None
    locale: str | None = None
    edit_url: str

    @classmethod
    def of(cls, instance: Any) -> Self:
        return cls(**_facts(instance))


class SnippetSummary(Change):
    """What a write answers. The next write names ``revision_id``, or ``version`` without one."""

    id: int | str
    title: str
    type: str
    status: str | None = None
    locale: str | None = None
    revision_id: int | None = None
    version: str | None = None
    edit_url: str
    warnings: list[str] | None = None

    @classmethod
    def of(cls, instance: Any, warnings: list[str] | None = None, **more: Any) -> Self:
        """The summary of ``instance``, whose ``latest_revision_id`` is up to date."""
        base = version_of(instance)
        named = {"revision_id": base} if isinstance(base, int) else {"version": base}
        return cls(**{**_facts(instance), **named, "warnings": warnings or None, **more})


class SnippetContent(SnippetSummary):
    """A snippet's summary and its fields; empty fields are left out."""

    fields: dict[str, Any]
    locked_by: str | None = None
    being_edited_by: str | None = None
    workflow: str | None = None
    unpublished_changes: bool | None = None


def list_snippets(
    actor: Actor, label: str | None, query: str, limit: int, cursor: str | None
) -> Listing[SnippetItem | SnippetType]:
    """The objects of a type, or the types that this user may use when none is named."""
    if not label:
        models = sorted(snippet_models(actor).items())
        start = offset_of(cursor)
        shown = models[start : start + limit]
        return page_of([_type(actor, *item) for item in shown], len(models), start)
    found = visible_snippets(actor, snippet_model(actor, label))
    if words := search_words(query):
        found = matching(found, words, actor.user)
    if issubclass(found.model, TranslatableMixin):
        found = found.select_related("locale")
    start = offset_of(cursor)
    shown_ones = list(found[start : start + limit])
    load_states(shown_ones)
    return page_of([SnippetItem.of(item) for item in shown_ones], found.count(), start)


def read_snippet(actor: Actor, label: str, snippet_id: int | str) -> SnippetContent:
    """The newest draft's fields; what visitors see for those who may only look."""
    instance = visible_snippet(actor, label, snippet_id)
    shown = _version(actor, instance)
    return SnippetContent.of(
        shown,
        fields=field_values(shown, actor.user),
        locked_by=lock_note(instance),
        being_edited_by=busy_note(actor, instance),
        workflow=review_state(instance) if isinstance(instance, WorkflowMixin) else None,
        unpublished_changes=(getattr(instance, "live", False) and instance.has_unpublished_changes)
        or None,
    )


def snippet_status(instance: Any) -> str | None:
    """In the words of a page's status; None for types without drafts, which are always live."""
    if not isinstance(instance, DraftStateMixin):
        return None
    if getattr(instance, "workflow_in_progress", False):
        return "in review"
    if instance.live:
        return "live + draft" if instance.has_unpublished_changes else "live"
    if instance.approved_schedule:
        return "scheduled"
    return "expired" if instance.expired else "draft"


def _version(actor: Actor, instance: Any) -> Any:
    if may(actor, instance, READS_DRAFTS):
        return newest(instance)
    if has_drafts(type(instance)) and not instance.live:
        named = f"{instance._meta.label} {instance.pk}"
        raise Refused(f"This user may not read the draft of {named}, and it is not published.")
    return instance


def _type(actor: Actor, label: str, model: type[Model]) -> SnippetType:
    drafts = has_drafts(model)
    actions = ["add", "change", *(["publish"] if drafts else [])]
    policy = policy_of(model)
    return SnippetType(
        type=label,
        label=str(model._meta.verbose_name),
        count=visible_snippets(actor, model).count(),
        may=[name for name in actions if policy.user_has_permission(actor.user, name)],
        drafts=drafts,
    )


def _facts(instance: Any) -> dict[str, Any]:
    key = instance.pk
    translated = isinstance(instance, TranslatableMixin) and getattr(
        settings, "WAGTAIL_I18N_ENABLED", False
    )
    return {
        "id": key if isinstance(key, int) else str(key),
        "title": str(instance),
        "type": str(instance._meta.label),
        "status": snippet_status(instance),
        "locale": instance.locale.language_code if translated else None,
        "edit_url": admin_url(instance.snippet_viewset.get_url_name("edit"), quote(key)),
    }
