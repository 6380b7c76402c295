"""One search over pages, images, documents and snippets."""

from collections.abc import Iterator
from typing import Any

from django.db.models import CharField, Model, Q, TextField
from pydantic import BaseModel
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page
from wagtail.permissions import policy_registry
from wagtail.search.backends import get_search_backend
from wagtail.search.index import class_is_indexed
from wagtail.snippets.models import get_snippet_models

from mcp_server.actor import Actor

from .fields import field_names
from .finding import visible_pages
from .listing import for_listing
from .references import visible_documents, visible_images
from .searching import search_words
from .shapes import page_path, page_status, shown_title, type_name


class Hit(BaseModel):
    """Something that matches; ``path`` and ``status`` are there for pages."""

    kind: str
    id: int | str
    title: str
    type: str
    path: str | None = None
    status: str | None = None


class Hits(BaseModel):
    """The best matches of each kind, and how many there are in all."""

    items: list[Hit]
    totals: dict[str, int]


def search_everything(actor: Actor, query: str, limit: int) -> Hits:
    """The best ``limit`` matches of each kind that this actor may see."""
    words = search_words(query)
    if not words:
        return Hits(items=[], totals={})
    found = [(kind, _matches(objects, words)) for kind, objects in _sources(actor)]
    items = [_hit(kind, item) for kind, results in found for item in results[:limit]]
    totals = {kind: count for kind, results in found if (count := _count(results))}
    return Hits(items=items, totals=totals)


def _sources(actor: Actor) -> Iterator[tuple[str, Any]]:
    yield "page", for_listing(visible_pages(actor).filter(depth__gt=1))
    yield "image", visible_images(actor)
    yield "document", visible_documents(actor)
    for model in get_snippet_models():
        policy = policy_registry.get_by_type(model)
        if policy.user_has_any_permission(actor.user, ["view", "add", "change", "delete"]):
            objects = policy.instances_user_has_any_permission_for(
                actor.user, ["view", "add", "change", "delete"]
            )
            yield model._meta.model_name or "snippet", objects


def _matches(objects: Any, query: str) -> Any:
    if class_is_indexed(objects.model):
        return get_search_backend().search(query, objects)
    # Snippets need not be indexed: their text columns are searched instead.
    return _contains(objects, query)


def _contains(objects: Any, query: str) -> Any:
    condition = Q()
    shown = set(field_names(objects.model))
    for field in objects.model._meta.get_fields():
        # Only what editors see: a match in any other column would tell what it holds.
        if type(field) in (CharField, TextField) and field.name in shown:
            condition |= Q(**{f"{field.name}__icontains": query})
    return objects.filter(condition) if condition else objects.none()


def _count(results: Any) -> int:
    return int(results.count())


def _hit(kind: str, item: Model) -> Hit:
    if isinstance(item, Page):
        return Hit(
            kind=kind, id=item.pk, title=shown_title(item), type=type_name(item),
            path=page_path(item), status=page_status(item),
        )  # fmt: skip
    known = isinstance(item, get_image_model() | get_document_model())
    title = item.title if known else str(item)  # type: ignore[attr-defined]  # both have a title
    key = item.pk if isinstance(item.pk, int) else str(item.pk)
    return Hit(kind=kind, id=key, title=title, type=str(item._meta.label))
