"""Page types: which there are, where they may stand, and what each is made of."""

from typing import Any

from pydantic import BaseModel
from wagtail.models import Page, get_page_models

from mcp_server.actor import Actor
from mcp_server.errors import Refused

from .describing import describe_fields
from .examples import example_fields
from .finding import visible_pages
from .snippets_types import snippet_models


def page_models() -> dict[str, type[Page]]:
    """``{"blog.BlogPage": BlogPage, …}`` of every type that can be created."""
    return {
        str(model._meta.label): model
        for model in get_page_models()
        if model is not Page and model.is_creatable
    }


def page_model(label: str) -> type[Page]:
    """The page type with this name; upper and lower case do not matter."""
    models = page_models()
    found = {key.lower(): model for key, model in models.items()}.get(label.strip().lower())
    if found is None:
        raise Refused(f"No page type {label[:60]!r} here (allowed: {', '.join(sorted(models))}).")
    return found


def creatable_type(actor: Actor, label: str, parent: Page) -> type[Page]:
    """The page type, when Wagtail allows one below ``parent``."""
    model = page_model(label)
    allowed = [
        kind for kind in type(parent).creatable_subpage_models() if kind.can_create_at(parent)
    ]
    if model not in allowed:
        names = ", ".join(kind._meta.label for kind in allowed) or "none"
        places = ", ".join(f"{page.pk} ({page.title})" for page in places_for(actor, model)[:5])
        hint = f" It may be created below: {places}." if places else ""
        raise Refused(f"No {model._meta.label} below page {parent.pk} (allowed: {names}).{hint}")
    return model


def places_for(actor: Actor, model: type[Page]) -> list[Any]:
    """Pages below which this user may create a page of this type, top ones first, 20 at most."""
    parents = tuple(model.allowed_parent_page_models())
    pages = visible_pages(actor).filter(depth__gt=1).type(*parents).order_by("depth", "path")
    return [
        page
        for page in pages.specific(defer=True)[:60]
        if page.permissions_for_user(actor.user).can_add_subpage() and model.can_create_at(page)
    ][:20]


class TypeItem(BaseModel):
    """A page type in a list."""

    type: str
    label: str
    description: str | None = None
    create_below: list[int] | None = None


class PageType(BaseModel):
    """What a model needs to know to write a page of this type."""

    type: str
    label: str
    description: str | None = None
    create_below: list[str] | None = None
    fields: dict[str, Any]
    # The arguments of a call of create_page, or of create_snippet.
    example: dict[str, Any]


def type_list(actor: Actor) -> list[TypeItem]:
    """Every page type, and the pages (ids) below which this user may create one."""
    return [
        TypeItem(
            type=label,
            label=str(model.get_verbose_name()),
            description=_description(model),
            create_below=[page.pk for page in places_for(actor, model)] or None,
        )
        for label, model in sorted(page_models().items())
    ]


def describe_type(actor: Actor, label: str) -> PageType:
    """The fields, places and one valid example of a page type, or of a snippet type."""
    if snippet := _snippet_type(actor, label):
        return snippet
    model = page_model(label)
    places = places_for(actor, model)
    return PageType(
        type=str(model._meta.label),
        label=str(model.get_verbose_name()),
        description=_description(model),
        create_below=[f"{page.pk} {page.title}" for page in places],
        fields=describe_fields(model, actor.user),
        example=_example_call(actor, model, places),
    )


def _example_call(actor: Actor, model: type[Page], places: list[Page]) -> dict[str, Any]:
    """The arguments of a ``create_page`` call that works; no parent where there is no place."""
    fields = example_fields(actor, model)
    parent = {"parent_id": places[0].pk} if places else {}
    return {
        "type": str(model._meta.label),
        **parent,
        "title": fields.pop("title"),
        "fields": fields,
    }


def _snippet_type(actor: Actor, label: str) -> PageType | None:
    names = {name.lower(): model for name, model in snippet_models(actor).items()}
    model = names.get(label.strip().lower())
    if model is None:
        return None
    return PageType(
        type=str(model._meta.label),
        label=str(model._meta.verbose_name),
        fields=describe_fields(model, actor.user),
        example={"type": str(model._meta.label), "fields": example_fields(actor, model)},
    )


def _description(model: type[Page]) -> str | None:
    return str(model.get_page_description()) or None
