"""The fields that editors see of a model, taken from its admin panels."""

from collections.abc import Iterator
from copy import copy
from functools import lru_cache
from typing import Any

from django import forms
from django.db.models import Model
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import get_edit_handler, get_form_for_model
from wagtail.blocks.base import BlockField
from wagtail.models import COMMENTS_RELATION_NAME, DraftStateMixin

from mcp_server.conf import mcp_settings

from .rich_text import features_of

# Scheduling goes through the Publishing tools, comments through the Review tools.
_ELSEWHERE = {"go_live_at", "expire_at", "comment_notifications", COMMENTS_RELATION_NAME}


class Ready(forms.Widget):
    """Hands a value over that is in the field's own form already."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data


class StreamFormField(forms.Field):
    """Stands in for a StreamField's form field; its value was cleaned block by block before."""

    def __init__(self, source: BlockField) -> None:
        super().__init__(
            required=False, label=source.label, help_text=source.help_text, widget=Ready()
        )
        self.block = source.block

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.block.get_prep_value(initial) != self.block.get_prep_value(data))


def is_rich_text(field: forms.Field) -> bool:
    return hasattr(field, "rich_text_features")


@lru_cache(maxsize=512)
def form_class(
    model: type[Model], names: frozenset[str] | None = None
) -> type[WagtailAdminModelForm]:
    """The model's own admin form, narrowed to ``names``, that takes ready values.

    Custom ``clean`` methods of the project's form run as they do in the admin; only the widgets
    of rich text and StreamFields are replaced, because no browser encodes their values here.
    """
    options = _panel_options(model)
    if names is not None:
        options["fields"] = [name for name in options.get("fields", []) if name in names]
        options["formsets"] = {
            name: formset
            for name, formset in (options.get("formsets") or {}).items()
            if name in names
        }
        # The form takes guarded fields out, and fails when one is not there.
        guarded = options.get("field_permissions") or {}
        options["field_permissions"] = {n: p for n, p in guarded.items() if n in names}
    base = _edit_handler(model).base_form_class or getattr(
        model, "base_form_class", WagtailAdminModelForm
    )
    made = get_form_for_model(model, form_class=base, **options)
    _take_ready_values(made)
    return made  # type: ignore[no-any-return]  # Wagtail is not typed


def field_names(model: type[Model]) -> list[str]:
    """Names of the fields and inline panels that models may read and set, in panel order."""
    hidden = _ELSEWHERE | hidden_fields(model)
    return [name for name in panel_names(model) if name not in hidden]


def hidden_fields(model: type[Model]) -> set[str]:
    """What ``HIDDEN_FIELDS`` names for the model and for those that it inherits from."""
    named = mcp_settings().HIDDEN_FIELDS
    labels = [base._meta.label for base in model.__mro__ if hasattr(base, "_meta")]
    return {name for label in labels for name in named.get(label, [])}


@lru_cache(maxsize=512)
def panel_names(model: type[Model]) -> tuple[str, ...]:
    """Names of all fields and inline panels, those that models never see included."""
    options = _panel_options(model)
    return tuple(dict.fromkeys([*options.get("fields", []), *(options.get("formsets") or {})]))


def row_fields(formset: Any, *, hidden: bool = True) -> dict[str, Any]:
    """``{name: form field}`` of the rows of an inline panel, Django's own fields left out.

    Those of ``HIDDEN_FIELDS`` too, unless ``hidden`` is False.
    """
    model = formset.model
    out = {"ORDER", "DELETE", model._meta.pk.name}
    if hidden:
        out |= hidden_fields(model)
    return {name: field for name, field in formset.form.base_fields.items() if name not in out}


def form_fields(model: type[Model], user: Any = None) -> Iterator[tuple[str, Any]]:
    """``(name, form field or formset class)`` of every field that models may read and set.

    With a ``user``, fields whose panel asks for a permission that they lack are left out, as
    Wagtail's own form leaves them out.
    """
    made = form_class(model)
    guarded = (made._meta.field_permissions or {}) if user is not None else {}
    for name in field_names(model):
        if name in guarded and not user.has_perm(guarded[name]):
            continue
        if name in made.base_fields:
            yield name, made.base_fields[name]
        elif name in made.formsets:
            yield name, made.formsets[name]


def deferrable(model: type[Model]) -> frozenset[str]:
    """Required fields that a draft may leave empty (Wagtail: ``required_on_save = False``)."""
    if not issubclass(model, DraftStateMixin):
        # What has no drafts is complete or not saved at all.
        return frozenset()
    return frozenset(form_class(model)._meta.defer_required_on_fields)


def _edit_handler(model: type[Model]) -> Any:
    own = getattr(model, "get_edit_handler", None)
    return own() if own else get_edit_handler(model)


def _panel_options(model: type[Model]) -> dict[str, Any]:
    return dict(_edit_handler(model).get_form_options())


def _take_ready_values(form: Any) -> None:
    for name, field in list(form.base_fields.items()):
        if isinstance(field, BlockField):
            form.base_fields[name] = StreamFormField(field)
        elif hasattr(field.widget, "converter"):
            # A copy: a declared field is shared with the form that the admin uses.
            ready = copy(field)
            ready.rich_text_features = features_of(getattr(field.widget, "features", None))
            ready.widget = Ready()
            form.base_fields[name] = ready
    for formset in getattr(form, "formsets", {}).values():
        _take_ready_values(formset.form)
