"""Collections as one actor may use them, and the tags that lie in them."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from django.db.models import Model, QuerySet
from wagtail.permissions import policy_registry
from wagtail.search.backends import get_search_backend

from mcp_server.api import Actor, Refused, clean_text, search_words, some_of

MAX_ID = 2**63 - 1
MAX_QUERY = 200
# So many names in a refusal, and so many tags to look for a near one among.
FEW, MAX_TAGS = 20, 2000
SEEN = ["choose", "add", "change", "delete"]


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


def tag_text(tags: Iterable[str]) -> str:
    """``tags`` as Wagtail's tag field reads them: each quoted, so that it may hold spaces."""
    clean = (clean_text(tag).replace('"', "").strip() for tag in tags)
    return ", ".join(f'"{tag}"' for tag in clean if tag)


def placed(
    actor: Actor, items: "QuerySet[Any]", collection: str | None, tag: str | None
) -> "QuerySet[Any]":
    """Those of ``items``, all that are visible, in a collection and with a tag; refuses others."""
    collection, tag = (clean_text(text or "").strip() for text in (collection, tag))
    found = items
    if collection:
        found = found.filter(collection__in=_collections(actor, items.model, collection))
    if tag:
        found = found.filter(tags__in=_tags(items, tag))
    return found


def _collections(actor: Actor, model: type[Model], name: str) -> list[int]:
    policy: Any = policy_registry.get_by_type(model)
    seen = policy.collections_user_has_any_permission_for(actor.user, SEEN).order_by("path")
    names = dict(seen.values_list("pk", "name"))
    found = [pk for pk, known in names.items() if known.lower() == name.lower()]
    if not found:
        raise Refused(f"collection: none of this name here (allowed: {_few(names.values())}).")
    return found


def _tags(items: "QuerySet[Any]", name: str) -> list[int]:
    used = items.order_by().exclude(tags=None).values_list("tags", "tags__name").distinct()
    found = [pk for pk, _ in used.filter(tags__name__iexact=name)]
    if not found:
        names = sorted({known for _, known in used[:MAX_TAGS]})
        near = get_close_matches(name.lower(), names, n=5) or names
        raise Refused(f"tag: nothing here has it. Tags: {_few(near) or 'none yet'}.")
    return found


def _few(names: Iterable[str]) -> str:
    return some_of(list(dict.fromkeys(names)), FEW)


def matching(items: "QuerySet[Any]", query: str) -> Any:
    """Those of ``items`` that match, best first; newest first where no words are given."""
    query = search_words(query)
    shown = items.order_by("-created_at", "-pk").distinct()
    if not query:
        return shown.select_related("collection").prefetch_related("tags")
    # Search backends refuse querysets that are distinct or joined; the keys carry the filters.
    found = items.model._default_manager.filter(pk__in=shown.order_by().values("pk"))
    return get_search_backend().search(
        query[:MAX_QUERY],
        found.select_related("collection").prefetch_related("tags"),
        # As databases do by themselves; search services would take any of the words.
        operator="and",
    )
