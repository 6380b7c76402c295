"""Which snippets an actor may see, and what they may do with them: everything else starts here."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.crypto import salted_hmac
from modelcluster.models import ClusterableModel, get_all_child_relations
from wagtail.models import DraftStateMixin
from wagtail.permissions import policy_registry
from wagtail.snippets.models import get_snippet_models

from mcp_server.actor import Actor
from mcp_server.conf import is_hidden_snippet
from mcp_server.errors import Refused
from mcp_server.models import MCPCall

from .finding import MAX_ID

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Any of these opens Wagtail's own list of a snippet type.
ANY = ("view", "add", "change", "delete")
READS_DRAFTS = ("change", "publish")


def snippet_models(actor: Actor) -> dict[str, type[Model]]:
    """``{"blog.Author": Author, …}`` of the snippet types that this user may use."""
    return {
        str(model._meta.label): model
        for model in get_snippet_models()
        if not is_hidden_snippet(model._meta.label)
        and policy_of(model).user_has_any_permission(actor.user, ANY)
    }


def snippet_model(actor: Actor, label: str) -> type[Model]:
    """The type with this name; a hidden, a forbidden and an unknown one are refused alike."""
    models = snippet_models(actor)
    found = {key.lower(): model for key, model in models.items()}.get(label.strip().lower())
    if found is None:
        allowed = ", ".join(sorted(models)) or "none"
        raise Refused(f"No snippet type {label[:60]!r} here (allowed: {allowed}).")
    return found


def policy_of(model: type[Model]) -> Any:
    """The permission policy that the type's own admin screens ask."""
    return policy_registry.get_by_type(model)


def visible_snippets(actor: Actor, model: type[Model]) -> "QuerySet[Any]":
    """The objects of a type that this user may see or work on, in the type's own order."""
    policy = policy_of(model)
    found: QuerySet[Any] = policy.instances_user_has_any_permission_for(actor.user, ANY)
    return found if found.ordered else found.order_by("pk")


def visible_snippet(actor: Actor, label: str, snippet_id: Any, *, lock: bool = False) -> Any:
    """The object; its row is locked for the rest of the transaction when ``lock`` is given."""
    model = snippet_model(actor, label)
    key = _key(model, snippet_id)
    if lock and key is not None:
        # On its own: a policy's query may hold joins that a database will not lock.
        model._base_manager.select_for_update().filter(pk=key).values_list("pk").first()
    found = None if key is None else visible_snippets(actor, model).filter(pk=key).first()
    if found is None:
        shown = str(snippet_id)[:40]
        raise Refused(f"No snippet {model._meta.label} {shown} here. Call list_snippets to see it.")
    return found


def may(actor: Actor, instance: Model, actions: Iterable[str]) -> bool:
    """Whether the user may do any of ``actions`` with this very object."""
    policy = policy_of(type(instance))
    return bool(policy.user_has_any_permission_for_instance(actor.user, list(actions), instance))


def has_drafts(model: type[Model]) -> bool:
    """Whether a save can wait for its publication; without drafts every save is live at once."""
    return issubclass(model, DraftStateMixin)


def newest(instance: Any) -> Any:
    """What the next edit starts from: the newest draft, or the object itself without drafts."""
    drafts = has_drafts(type(instance))
    return instance.get_latest_revision_as_object() if drafts else instance


def version_of(instance: Any) -> int | str:
    """What a write has to name as read: the newest revision, or else a digest of the content."""
    return getattr(instance, "latest_revision_id", None) or _digest(instance)


def is_snippet(call: MCPCall) -> bool:
    """Whether the call changed a snippet."""
    model = call.content_type.model_class() if call.content_type else None
    return model in get_snippet_models()


def _key(model: type[Model], given: Any) -> Any:
    try:
        key = model._meta.pk.to_python(given)
    except (ValidationError, ValueError, TypeError, OverflowError):
        return None
    # PostgreSQL takes no NUL in a text, and neither database a number of any length.
    fits = 0 < key <= MAX_ID if isinstance(key, int) else "\x00" not in str(key)
    return key if fits else None


def _digest(instance: Any) -> str:
    # Keyed, because the content may hold short values that this user must not guess.
    text = json.dumps(_content(instance), default=str, sort_keys=True)
    return salted_hmac("mcp_server.snippet", text, algorithm="sha256").hexdigest()[:16]


def _content(instance: Any) -> dict[str, Any]:
    # Not serializable_data(): it would give an auto_now field the time of this reading.
    fields = instance._meta.concrete_fields
    found = {field.attname: field.value_to_string(instance) for field in fields}
    for field in instance._meta.many_to_many:
        found[field.name] = sorted(str(item.pk) for item in getattr(instance, field.name).all())
    if isinstance(instance, ClusterableModel):
        for relation in get_all_child_relations(type(instance)):
            name = relation.get_accessor_name()
            found[name] = [_content(child) for child in getattr(instance, name).all()]
    return found
