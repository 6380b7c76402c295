"""What a model sends for the fields of an object → what the object's admin form takes."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms.models import ModelChoiceField, ModelMultipleChoiceField
from taggit.forms import TagField

from mcp_server.actor import Actor
from mcp_server.conf import mcp_settings

from .codec import Reference, blocks_by_id, html_references, references, stored_stream
from .decoding import decode
from .fields import StreamFormField, is_rich_text, row_fields
from .leaves import Notes, as_json, expected, fits, object_key, plain_text, rich_text
from .problems import block_problems
from .references import first_invisible
from .text import size_problem

Values = Mapping[str, Any]


class Conversion:
    """One write's values on their way into a form: what was wrong with them is in ``notes``."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.notes = Notes(raw_html=mcp_settings().ALLOW_RAW_HTML and actor.user.is_superuser)

    def check_names(self, values: Values, allowed: list[str], prefix: str = "") -> None:
        for name in values:
            if name not in allowed:
                self.notes.refuse(f"{prefix}{str(name)[:60]}", "no such field here", allowed)
            elif problem := size_problem(values[name]):
                self.notes.refuse(f"{prefix}{name}", problem)

    def payload(
        self, made: type[Any], values: Values, stored: Model | None, prefix: str
    ) -> dict[str, Any]:
        payload = {}
        for name, given in values.items():
            path = f"{prefix}{name}"
            if name in made.base_fields:
                payload[name] = self._value(made.base_fields[name], given, stored, name, path)
            elif name in getattr(made, "formsets", {}):
                payload[name] = self._rows(made.formsets[name], given, stored, name, path)
        return payload

    def _value(
        self, field: forms.Field, given: Any, stored: Model | None, name: str, path: str
    ) -> Any:
        now = getattr(stored, name, None) if stored is not None else None
        if isinstance(field, StreamFormField):
            return self._stream(field, given, now, path)
        if is_rich_text(field):
            return self._rich_text(field, given, now or "", path)
        if isinstance(field, TagField):
            return self._tags(given, path)
        if isinstance(field, ModelChoiceField | ModelMultipleChoiceField):
            return self._choice(field, given, stored, name, path)
        if not fits(field, given):
            self.notes.refuse(path, f"expected {expected(field)}")
        return plain_text(given, path, self.notes) if isinstance(given, str) else given

    def _stream(self, field: StreamFormField, given: Any, now: Any, path: str) -> Any:
        block = field.block
        before = stored_stream(block, now)
        self.notes.pool, self.notes.used_ids = blocks_by_id(block, before), set()
        raw = decode(block, given, path, self.notes, before)
        if path in self.notes.untouched:
            return block.to_python(before)
        self._check_references(references(block, raw, path), references(block, before))
        if any(problem_path.startswith(path) for problem_path, _ in self.notes.problems):
            return None
        if not raw:
            # A draft may be empty; publishing asks for what is required.
            return block.to_python(raw)
        try:
            # A copy: blocks may complete what they are given in place.
            cleaned = block.clean(block.to_python(deepcopy(raw)))
        except ValidationError as error:
            self.notes.problems += [
                problem
                for problem in block_problems(error, raw, path)
                if not self._is_untouched(problem[0])
            ]
            return block.to_python(raw)
        return block.to_python(self._as_stood(raw, block.get_prep_value(cleaned), path))

    def _as_stood(self, raw: list[Any], cleaned: list[Any], path: str) -> list[Any]:
        """The cleaned blocks; those that nobody touched as they are stored, whatever they hold."""
        pairs = enumerate(zip(raw, as_json(cleaned), strict=True))
        return [
            before if f"{path}[{index}].{before['type']}" in self.notes.untouched else after
            for index, (before, after) in pairs
        ]

    def _is_untouched(self, path: str) -> bool:
        # What stands in the page already may be unfinished; only what the caller sent must hold.
        return any(
            path == known or path.startswith((f"{known}.", f"{known}["))
            for known in self.notes.untouched
        )

    def _rich_text(self, field: Any, given: Any, now: str, path: str) -> str:
        html = rich_text(given, field.rich_text_features, path, self.notes, now)
        self._check_references(html_references(html, path), html_references(now))
        return html

    def _tags(self, given: Any, path: str) -> list[str]:
        tags = [] if given is None else given
        if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
            self.notes.refuse(path, "expected a list of texts")
            return []
        return [plain_text(tag, path, self.notes) or "" for tag in tags]

    def _choice(self, field: Any, given: Any, stored: Model | None, name: str, path: str) -> Any:
        many = isinstance(field, ModelMultipleChoiceField)
        wanted = (given or []) if many else [given]
        if not fits(field, given) or (many and not isinstance(wanted, list)):
            self.notes.refuse(path, "expected a list of ids" if many else "expected an id")
            return [] if many else None
        model = field.queryset.model
        keys = [object_key(model, item, path, self.notes) for item in wanted]
        new = [(path, model, str(key)) for key in keys if key is not None]
        self._check_references(iter(new), _related(stored, name, model))
        return given

    def _rows(
        self, formset: Any, given: Any, stored: Model | None, name: str, path: str
    ) -> list[dict[str, Any]]:
        if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
            self.notes.refuse(path, "expected a list of objects")
            return []
        key = formset.model._meta.pk.name
        rows = list(getattr(stored, name).all()) if stored is not None else []
        known = {str(row.pk): row for row in rows if row.pk is not None}
        # Rows that only a draft holds have no key yet; new ones are compared with them in order.
        unsaved = iter([row for row in rows if row.pk is None])
        allowed = [key, *row_fields(formset)]
        result = []
        for index, item in enumerate(given):
            prefix = f"{path}[{index}]."
            self.check_names(item, allowed, prefix)
            if item.get(key) is not None and str(item[key]) not in known:
                self.notes.refuse(f"{prefix}{key}", "no such row; leave it out for a new one")
            values = {field: value for field, value in item.items() if field in allowed[1:]}
            row = known.get(str(item.get(key))) or next(unsaved, None)
            payload = self.payload(formset.form, values, row, prefix)
            result.append({**payload, **_kept(formset, row, values), key: row and row.pk})
        return result

    def _check_references(self, new: Iterator[Reference], old: Iterator[Reference]) -> None:
        known = {(model, key) for _, model, key in old}
        wanted: dict[type[Model], dict[str, str]] = {}
        for path, model, key in new:
            if (model, key) not in known:
                wanted.setdefault(model, {})[key] = path
        for model, paths in wanted.items():
            missing = first_invisible(self.actor, model, _keys(model, paths))
            if missing is not None:
                name = model._meta.verbose_name
                self.notes.refuse(paths[str(missing)], f"no {name} {missing} here")


def _related(stored: Model | None, name: str, model: type[Model]) -> Iterator[Reference]:
    if stored is None or stored.pk is None:
        return
    value = getattr(stored, f"{name}_id", None)
    keys = [value] if value is not None else _many_keys(stored, name)
    yield from (("", model, str(key)) for key in keys)


def _many_keys(stored: Model, name: str) -> list[Any]:
    related: Any = getattr(stored, name, None)
    return [item.pk for item in related.all()] if hasattr(related, "all") else []


def _kept(formset: Any, row: Model | None, values: Values) -> dict[str, Any]:
    """The stored values of a row for what the caller left out; of a new one, what is hidden."""
    if row is None:
        return {}
    left_out = set(row_fields(formset, hidden=False)) - set(values)
    if row.pk is None:
        left_out -= set(row_fields(formset))
    return {
        name: field.prepare_value(_stored(row, name))
        for name, field in formset.form.base_fields.items()
        if name in left_out
    }


def _stored(row: Model, name: str) -> Any:
    value = getattr(row, name)
    return getattr(value, "pk", value) if isinstance(value, Model) else value


def _keys(model: type[Model], keys: Mapping[str, str]) -> list[Any]:
    return [model._meta.pk.to_python(key) if key.isdigit() else key for key in keys]
