"""What a value may point at: pages, images, documents and snippets that the actor may see."""

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page, Site
from wagtail.permissions import policy_registry

from mcp_server.actor import Actor

from .finding import MAX_ID, visible_pages

_RICH_TEXT = re.compile(r'<(?:a|embed)\b[^>]*?\b(?:linktype|embedtype)="(\w+)"[^>]*>')
_ID = re.compile(r'\bid="(\d+)"')


def visible_images(actor: Actor) -> "QuerySet[Any]":
    """Images in collections that this user may choose from, add to or change."""
    return _in_collections(actor, get_image_model())


def visible_documents(actor: Actor) -> "QuerySet[Any]":
    """Documents in collections that this user may choose from, add to or change."""
    return _in_collections(actor, get_document_model())


def visible_objects(actor: Actor, model: type[Model]) -> "QuerySet[Any]":
    """Objects of ``model`` that this actor may put into a field."""
    if issubclass(model, Page):
        # The root of the tree is no page: a link to it would be published without an address.
        seen = visible_pages(actor).filter(depth__gt=1)
        return model._default_manager.filter(pk__in=seen.values("pk"))
    if issubclass(model, get_image_model() | get_document_model()):
        return _in_collections(actor, model)
    # Wagtail's own chooser offers snippets to everyone who has access to the admin.
    return model._default_manager.all()


def first_invisible(actor: Actor, model: type[Model], pks: Iterable[Any]) -> Any | None:
    """The first key of ``pks`` that names nothing this actor may see; None when all are seen."""
    wanted = list(pks)
    numbers = {pk for pk in wanted if not isinstance(pk, int) or 0 < pk <= MAX_ID}
    seen = {
        str(pk)
        for pk in visible_objects(actor, model).filter(pk__in=numbers).values_list("pk", flat=True)
    }
    return next((pk for pk in wanted if str(pk) not in seen), None)


def sample_object(actor: Actor, model: type[Model]) -> Any | None:
    """The key of an object for an example; of pages, one that has an address."""
    found = visible_objects(actor, model).order_by("pk")
    if issubclass(model, Page):
        served = Q(pk__in=())
        for root in Site.get_site_root_paths():
            served |= Q(url_path__startswith=root.root_path)
        found = found.filter(served).order_by("-live", "pk")
    return found.values_list("pk", flat=True).first()


def usable_keys(model: type[Model], keys: Iterable[str]) -> list[Any]:
    """Those of ``keys`` that the database can look for; stored content may hold anything."""
    found = []
    for key in keys:
        with suppress(ValidationError, ValueError, TypeError, OverflowError):
            pk = model._meta.pk.to_python(key)
            if not isinstance(pk, int) or 0 < pk <= MAX_ID:
                found.append(pk)
    return found


def rich_text_references(html: str) -> dict[str, set[int]]:
    """``{"page": {ids}, "document": {ids}, "image": {ids}}`` of database rich text."""
    found: dict[str, set[int]] = {}
    for match in _RICH_TEXT.finditer(html):
        number = _ID.search(match[0])
        if number:
            found.setdefault(match[1], set()).add(int(number[1]))
    return found


def model_of(kind: str) -> type[Model] | None:
    """The model behind a rich-text link or embed type."""
    models: dict[str, type[Model]] = {
        "page": Page,
        "document": get_document_model(),
        "image": get_image_model(),
    }
    return models.get(kind)


def _in_collections(actor: Actor, model: type[Model]) -> "QuerySet[Any]":
    policy = policy_registry.get_by_type(model)
    found: QuerySet[Any] = policy.instances_user_has_any_permission_for(
        actor.user, ["choose", "add", "change", "delete"]
    )
    return found
