"""Collections as one actor may use them, and the tags that lie in them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, QuerySet
from wagtail.permissions import policy_registry
from wagtail.search.backends import get_search_backend

from mcp_server.api import Actor, Refused, clean_text

MAX_ID = 2**63 - 1
MAX_QUERY = 200


def place_for(actor: Actor, model: type[Model], name: str | None) -> Any:
    """The collection of this name, or the user's first one; refused when nothing may be added."""
    places = places_of(actor, model)
    if name is None:
        return places[0]
    found = next((item for item in places if item.name.lower() == name.strip().lower()), None)
    if found is None:
        allowed = ", ".join(item.name for item in places)
        raise Refused(f"collection: no collection of this name to add to (allowed: {allowed}).")
    return found


def places_of(actor: Actor, model: type[Model]) -> list[Any]:
    """The collections that the user may add to, at least one."""
    policy = policy_registry.get_by_type(model)
    places = list(policy.collections_user_has_permission_for(actor.user, "add"))
    if not places:
        raise Refused(
            f"This user may not add {model._meta.verbose_name_plural} to any collection. "
            "An admin can give that permission."
        )
    return places


def may_change(actor: Actor, item: Any) -> bool:
    """Whether the user may change the image or document itself, not only use it."""
    policy = policy_registry.get_by_type(type(item))
    return bool(policy.user_has_permission_for_instance(actor.user, "change", item))


def tag_text(tags: Iterable[str]) -> str:
    """``tags`` as Wagtail's tag field reads them: each quoted, so that it may hold spaces."""
    clean = (clean_text(tag).replace('"', "").strip() for tag in tags)
    return ", ".join(f'"{tag}"' for tag in clean if tag)


def matching(items: "QuerySet[Any]", query: str, collection: str | None, tag: str | None) -> Any:
    """Those of ``items`` that match, best first; newest first where no words are given."""
    query, collection, tag = (clean_text(text or "").strip() for text in (query, collection, tag))
    if collection:
        items = items.filter(collection__name__iexact=collection)
    if tag:
        items = items.filter(tags__name__iexact=tag)
    shown = items.order_by("-created_at", "-pk").distinct()
    if not query:
        return shown.select_related("collection").prefetch_related("tags")
    # Search backends refuse querysets that are distinct or joined; the keys carry the filters.
    found = items.model._default_manager.filter(pk__in=shown.order_by().values("pk"))
    return get_search_backend().search(
        query[:MAX_QUERY], found.select_related("collection").prefetch_related("tags")
    )
