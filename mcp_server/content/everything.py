"""One search over pages, images, documents and snippets, the best of all kinds first."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db.models import Model
from pydantic import BaseModel
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import DraftStateMixin, Page
from wagtail.permissions import policy_registry

from mcp_server.actor import Actor

from .finding import visible_pages
from .listing import load_states, offset_of, page_of
from .matching import matching, matching_pages
from .people import is_locked_for
from .references import visible_documents, visible_images
from .review_state import load_tasks
from .searching import search_words
from .shapes import (
    Listing,
    page_path,
    page_status,
    restriction,
    shown_title,
    site_roots_loaded,
    type_name,
)
from .snippets import snippet_status
from .snippets_types import snippet_models, visible_snippets

# What may be done with a hit, and the action that a permission policy knows for it.
MAX_RANKED = 100  # of each kind
_USE, _EDIT, _PUBLISH = ("use", "choose"), ("edit", "change"), ("publish", "publish")


class Hit(BaseModel):
    """Something that matches: where it stands, and what this user may do with it.

    ``kind`` is page, image, document or a snippet's type. ``path`` and ``restricted`` are there
    for pages, ``collection`` for images and documents, ``status`` for what has drafts. ``type``
    and ``id`` are what the tools for snippets take.
    """

    kind: str
    id: int | str
    title: str
    type: str
    path: str | None = None
    collection: str | None = None
    status: str | None = None
    restricted: str | None = None
    may: list[str]


class Hits(Listing[Hit]):
    """The best matches, and how many there are of each kind; the cursor ends with those ranked."""

    totals: dict[str, int]


def search_everything(actor: Actor, query: str, limit: int, cursor: str | None = None) -> Hits:
    """Matches that this actor may see, the best first; a few queries for each kind."""
    start = offset_of(cursor)
    words = search_words(query)
    if not words:
        return Hits(items=[], total=0, totals={})
    ranked, totals = _ranked(actor, words)
    with site_roots_loaded():
        items = _hits(actor, ranked[start : start + limit])
    reached = page_of(items, len(ranked), start)
    total = sum(totals.values())
    return Hits(items=items, total=total, totals=totals, next_cursor=reached.next_cursor)


def _ranked(actor: Actor, words: str) -> tuple[list[tuple[str, Model]], dict[str, int]]:
    """The best of every kind in one order, and how many there are of each.

    As many whatever the cursor says: with others, what came before it would move.
    """
    totals: dict[str, int] = {}
    ranked = []
    for order, (kind, results) in enumerate(_found(actor, words)):
        best = list(results[:MAX_RANKED])
        if best:
            totals[kind] = len(best) if len(best) < MAX_RANKED else int(results.count())
        for place, item in enumerate(best):
            ranked.append(((_distance(_title(item), words), place, order), kind, item))
    ranked.sort(key=lambda hit: hit[0])
    return [(kind, item) for _, kind, item in ranked], totals


def _found(actor: Actor, words: str) -> Iterator[tuple[str, Any]]:
    yield "page", matching_pages(visible_pages(actor).filter(depth__gt=1), words)
    for kind, objects in (("image", visible_images(actor)), ("document", visible_documents(actor))):
        yield kind, matching(objects.select_related("collection"), words, actor.user)
    for model in snippet_models(actor).values():
        objects = visible_snippets(actor, model)
        # Its whole label: a site may call a snippet Document, or have two Authors.
        yield str(model._meta.label), matching(objects, words, actor.user)


def _distance(title: str, words: str) -> int:
    """How far a title is from the words. Scores of different indexes cannot be compared."""
    text, wanted = search_words(title).casefold(), words.casefold()
    each = [word in text for word in wanted.split()]
    near = (text == wanted, text.startswith(wanted), wanted in text, all(each), any(each))
    return near.index(True) if any(near) else len(near)


def _title(item: Model) -> str:
    if isinstance(item, Page):
        return shown_title(item)
    known = _is_media(type(item))
    return str(item.title if known else item)  # type: ignore[attr-defined]  # both have a title


def _is_media(model: type[Model]) -> bool:
    return issubclass(model, get_image_model() | get_document_model())


def _hits(actor: Actor, chosen: list[tuple[str, Model]]) -> list[Hit]:
    allowed: dict[type[Model], Callable[[Model], list[str]]] = {}
    for model in dict.fromkeys(type(item) for _, item in chosen):
        alike = [item for _, item in chosen if type(item) is model]
        allowed[model] = _allowed(actor, model, alike)
        if not issubclass(model, Page):
            load_states(alike)
    return [_hit(kind, item, allowed[type(item)](item)) for kind, item in chosen]


def _allowed(actor: Actor, model: type[Model], items: list[Model]) -> Callable[[Model], list[str]]:
    """A function that says what may be done with each of ``items``, all of one type."""
    if issubclass(model, Page):
        pages: list[Any] = items
        load_tasks(state for page in pages for state in page._current_workflow_states)
        return lambda page: _allowed_with_page(actor, page)
    actions = [_EDIT]
    if _is_media(model):
        actions = [_USE, _EDIT]
    elif issubclass(model, DraftStateMixin):
        actions = [_EDIT, _PUBLISH]
    found = [(word, _permitted(actor, model, action, items)) for word, action in actions]
    return lambda item: [word for word, keys in found if item.pk in keys]


def _permitted(
    actor: Actor, model: type[Model], action: str, items: Iterable[Model]
) -> frozenset[Any]:
    policy = policy_registry.get_by_type(model)
    found = policy.instances_user_has_permission_for(actor.user, action)
    keys = [item.pk for item in items]
    return frozenset(found.filter(pk__in=keys).values_list("pk", flat=True))


def _allowed_with_page(actor: Actor, page: Any) -> list[str]:
    permissions = page.permissions_for_user(actor.user)
    # An alias follows its source, whoever looks at it.
    edit = permissions.can_edit() and not page.alias_of_id and not is_locked_for(page, actor.user)
    return ["edit"] * bool(edit) + ["publish"] * bool(permissions.can_publish())


def _hit(kind: str, item: Any, may: list[str]) -> Hit:
    if isinstance(item, Page):
        return Hit(
            kind=kind, id=item.pk, title=_title(item), type=type_name(item), may=may,
            path=page_path(item), status=page_status(item), restricted=restriction(item),
        )  # fmt: skip
    key = item.pk if isinstance(item.pk, int) else str(item.pk)
    collection = item.collection.name if _is_media(type(item)) else None
    return Hit(
        kind=kind, id=key, title=_title(item), type=str(item._meta.label), may=may,
        collection=collection, status=snippet_status(item),
    )  # fmt: skip
