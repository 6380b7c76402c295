"""JSON from a model → the bound admin form of a page type. The one importer of wagtail.api.v3."""

from copy import copy as shallow_copy
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.text import slugify
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.api.v3.form_data import build_form_data
from wagtail.coreutils import find_available_slug
from wagtail.models import DraftStateMixin, Page

from mcp_server.actor import Actor
from mcp_server.errors import Invalid

from .fields import StreamFormField, deferrable, field_names, form_class, form_fields
from .leaves import Notes, as_json
from .problems import Problem, field_of, form_problems
from .reading import field_value
from .values import Conversion, Values
from .whole_forms import held_values, whole_form_class


def bound_form(
    actor: Actor,
    instance: Model,
    values: Values,
    extra: frozenset[str] = frozenset(),
    new_ids: frozenset[str] = frozenset(),
    **kwargs: Any,
) -> tuple[Any, list[str]]:
    """A valid form that sets only ``values`` of ``instance``, and warnings for the caller.

    ``extra`` names fields that the form holds besides, so that it can say they are missing;
    ``new_ids`` are ids of blocks that are new although they have one.
    Raises Invalid with every problem found.
    """
    conversion = Conversion(actor)
    notes = conversion.notes
    notes.new_ids |= new_ids
    model = type(instance)
    conversion.check_names(values, [name for name, _ in form_fields(model)])
    # What is too big is not looked into; any other problem is told together with the rest.
    bad = {path for path, _ in notes.problems}
    values = {name: value for name, value in values.items() if name not in bad}
    made = form_class(model, frozenset(values) | extra)
    payload = conversion.payload(made, values, instance, "")
    if notes.problems:
        told = {field_of(path) for path, _ in notes.problems}
        rest = {name: value for name, value in payload.items() if name not in told}
        notes.problems += _problems_among(rest, instance, actor, kwargs)
    _stop_at_problems(notes)
    form = _validated(made, payload, instance, actor, kwargs)
    _check_permitted(form, values, notes)
    if not form.is_valid():
        notes.problems += form_problems(form)
    _stop_at_problems(notes)
    return form, list(dict.fromkeys(notes.warnings))


def _problems_among(
    payload: dict[str, Any], instance: Model, actor: Actor, kwargs: dict[str, Any]
) -> list[Problem]:
    """What the form says of these values, for a caller who is refused for others anyway."""
    made = form_class(type(instance), frozenset(payload))
    try:
        found = list(form_problems(_validated(made, payload, instance, actor, kwargs)))
    except Exception:  # noqa: BLE001 - a project's clean() may want the values that are left out
        return []
    return [(path, message) for path, message in found if field_of(path) in payload]


def whole_form(instance: Model, content: dict[str, Any] | None = None) -> Any:
    """The whole admin form of ``instance``, bound to what it holds, as for publishing.

    ``content`` is its serialised form, where somebody has that at hand.
    """
    made = whole_form_class(type(instance))
    # A clone: validating a model form writes the cleaned values into its instance.
    if hasattr(instance, "serializable_data"):
        copy = type(instance).from_serializable_data(  # type: ignore[attr-defined]
            content or instance.serializable_data(), check_fks=False
        )
    else:
        copy = shallow_copy(instance)
    data = build_form_data(made, held_values(instance, made), instance=copy)
    parent = {"parent_page": instance.get_parent()} if isinstance(instance, Page) else {}
    return made(data=data, instance=copy, **parent)


def _validated(
    made: Any, payload: dict[str, Any], instance: Model, actor: Actor, kwargs: dict[str, Any]
) -> Any:
    stored = instance if instance.pk else None
    data = build_form_data(made, payload, instance=stored)
    form = made(data=data, instance=instance, for_user=actor.user, **kwargs)
    for name in deferrable(type(instance)):
        if name in form.fields and not payload.get(name):
            # A draft may be unfinished, as it may in Wagtail's own editor.
            form.fields[name].required = False
    try:
        form.is_valid()
    except (KeyError, AttributeError):
        # A clean() of the project that reads fields which this call does not change: it gets
        # the whole form, with the present values of all others.
        made = whole_form_class(type(instance))
        data = build_form_data(made, {**held_values(instance, made), **payload}, instance=stored)
        form = made(data=data, instance=instance, for_user=actor.user, **kwargs)
    return form


def new_page_form(actor: Actor, page: Page, parent: Page, values: Values) -> tuple[Any, list[str]]:
    """A valid form for a new page below ``parent``, and the warnings for the caller."""
    title = values.get("title")
    if "title" not in field_names(type(page)):
        # A type without a panel for it, such as one that makes its titles itself.
        page.title = page.draft_title = str(title or "")
        values = {name: value for name, value in values.items() if name != "title"}
    if not values.get("slug") and isinstance(title, str) and "slug" in field_names(type(page)):
        # Wagtail's admin makes the slug in the browser; a page made elsewhere needs one too.
        slug = slugify(title, allow_unicode=True)[:200] or "page"
        values = {**values, "slug": find_available_slug(parent, slug)}
    return bound_form(actor, page, values, _needed(type(page)), parent_page=parent)


def page_form(
    actor: Actor, page: Page, values: Values, new_ids: frozenset[str] = frozenset()
) -> tuple[Any, list[str]]:
    """A valid form that changes only ``values`` of a page, and the warnings for the caller."""
    changed = {name: value for name, value in values.items() if not _stands(page, name, value)}
    return bound_form(actor, page, changed, new_ids=new_ids, parent_page=page.get_parent())


def _still_needed(actor: Actor, new: Model) -> list[str]:
    missing = [
        name
        for name in missing_for_publishing(type(new), actor.user)
        if not getattr(new, name, None)
    ]
    return [f"Needed before publishing: {', '.join(missing)}"] if missing else []


def snippet_form(actor: Actor, instance: Model, values: Values) -> tuple[Any, list[str]]:
    """A valid form for a snippet, new or stored, and the warnings for the caller."""
    if instance._state.adding:
        form, warnings = bound_form(actor, instance, values, _needed(type(instance)))
        return form, [*warnings, *_still_needed(actor, form.instance)]
    changed = {name: value for name, value in values.items() if not _stands(instance, name, value)}
    form, warnings = bound_form(actor, instance, changed)
    if not isinstance(instance, DraftStateMixin):
        # It is live with this save, so all of it has to hold, as when a page is published.
        problems = list(form_problems(whole_form(form.instance)))
        if problems:
            raise Invalid(problems)
    return form, warnings


def missing_for_publishing(model: type[Model], user: Any) -> list[str]:
    """Fields that a draft may lack but a published page may not."""
    return [
        name
        for name, field in form_fields(model, user)
        if name in deferrable(model) and _is_required(field)
    ]


def _needed(model: type[Model]) -> frozenset[str]:
    return frozenset(
        name
        for name, field in form_fields(model)
        if isinstance(field, forms.Field)
        and field.required
        and name not in deferrable(model)
        and not _has_default(model, name)
    )


def _is_required(field: Any) -> bool:
    if isinstance(field, StreamFormField):
        return bool(field.block.required)
    return bool(getattr(field, "required", False))


def _has_default(model: type[Model], name: str) -> bool:
    field: Any = next((item for item in model._meta.get_fields() if item.name == name), None)
    return bool(field is not None and hasattr(field, "get_default") and field.get_default())


def _stands(instance: Model, name: str, value: Any) -> bool:
    """Whether the field holds this very value already, as it was read."""
    fields = dict(form_fields(type(instance)))
    return name in fields and as_json(field_value(instance, name, fields[name])) == value


def _stop_at_problems(notes: Notes) -> None:
    if notes.problems:
        raise Invalid(notes.problems)


def _check_permitted(form: WagtailAdminModelForm, values: Values, notes: Notes) -> None:
    for name in values:
        if name not in form.fields and name not in form.formsets:
            notes.refuse(name, "this user may not change this field")
