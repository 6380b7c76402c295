"""Single values inside a StreamField: texts, numbers, dates, choices, references, tables."""

import contextlib
import json
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from wagtail import blocks
from wagtail.contrib.table_block.blocks import TableBlock

from mcp_server.plaintext import clean_text, has_invisible

from .commonmark import MarkdownError
from .rich_text import to_html

MAX_KEY = 2**63
_AS_IN = {
    forms.DateTimeField: "2026-05-31T18:00",
    forms.DateField: "2026-05-31",
    forms.TimeField: "18:00",
}
_TABLE_KEYS: dict[str, Any] = {
    "data": list,
    "cell": list,
    "mergeCells": list,
    "table_header_choice": str,
    "table_caption": str,
    "first_row_is_table_header": bool,
    "first_col_is_header": bool,
}


@dataclass
class Notes:
    """What a conversion found: problems refuse the write, warnings go into its answer."""

    problems: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    untouched: set[str] = field(default_factory=set)
    raw_html: bool = False
    new_ids: set[str] = field(default_factory=set)
    # Of the StreamField at hand: what is stored under each id, and the ids that were used again.
    pool: dict[str, tuple[blocks.Block, Any]] = field(default_factory=dict)
    used_ids: set[str] = field(default_factory=set)

    def refuse(self, path: str, message: str, allowed: Any = None) -> None:
        hint = f" (allowed: {', '.join(map(str, allowed))})" if allowed else ""
        self.problems.append((path, f"{message}{hint}"))


def rich_text(
    given: Any, features: tuple[str, ...], path: str, notes: Notes, stored: str = ""
) -> str:
    """Database HTML for Markdown; what the field's features drop becomes a warning."""
    text = plain_text(given, path, notes)
    if text is None:
        return stored
    try:
        converted = to_html(text, features, stored)
    except MarkdownError as error:
        notes.refuse(path, f"not usable as Markdown: {error}")
        return stored
    except RecursionError:
        notes.refuse(path, "not usable as Markdown: nested too deeply")
        return stored
    notes.warnings += [f"{path}: {warning}" for warning in converted.warnings]
    return converted.html


def plain_text(given: Any, path: str, notes: Notes) -> str | None:
    """A text without invisible characters; None, and a problem, for anything but text."""
    if given is None:
        return ""
    if not isinstance(given, str):
        notes.refuse(path, "expected text")
        return None
    if has_invisible(given):
        notes.warnings.append(f"{path}: invisible control characters were removed")
    return clean_text(given)


def leaf(block: blocks.Block, given: Any, path: str, notes: Notes) -> Any:
    if isinstance(block, blocks.StaticBlock):
        return None
    if isinstance(block, blocks.RawHTMLBlock) and not notes.raw_html:
        notes.refuse(path, "raw HTML is not accepted here; use a rich text block")
        return None
    if isinstance(block, blocks.ChooserBlock):
        return object_key(block.model_class, given, path, notes)
    if isinstance(block, TableBlock):
        return _table(given, path, notes)
    form_field = getattr(block, "field", None)
    if form_field is None:
        return given
    if isinstance(given, str):
        given = plain_text(given, path, notes)
    if not fits(form_field, given):
        notes.refuse(path, f"expected {expected(form_field)}")
        return None
    try:
        native = block.value_from_form(form_field.clean(given))
    except ValidationError as error:
        notes.problems += [(path, problem) for problem in messages(error, form_field)]
        return None
    return as_json(block.get_prep_value(native))


def object_key(model: type[Model], given: Any, path: str, notes: Notes) -> Any:
    """The primary key that ``given`` names; None, and a problem, when it cannot be one."""
    if given in (None, ""):
        return None
    if not isinstance(given, bool | dict | list):
        with contextlib.suppress(ValidationError, OverflowError, ValueError, TypeError):
            key = model._meta.pk.to_python(given)
            # No database looks for a number that it cannot hold.
            if not isinstance(key, int) or abs(key) < MAX_KEY:
                return key
    notes.refuse(path, f"expected the id of: {model._meta.verbose_name}")
    return None


def _table(given: Any, path: str, notes: Notes) -> Any:
    """A table block's value; keys that its renderer does not know would break the page."""
    rows = given.get("data") if isinstance(given, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        notes.refuse(path, 'expected {"data": [[cell, …], …], "table_header_choice": "row"}')
        return None
    allowed = {**_TABLE_KEYS}
    for key, value in given.items():
        if key not in allowed or not isinstance(value, allowed[key]):
            notes.refuse(f"{path}.{key[:40]}", "unknown or of the wrong type", allowed)
    for key in ("cell", "mergeCells"):
        items = given.get(key) or []
        if isinstance(items, list) and not all(isinstance(item, dict) for item in items):
            notes.refuse(f"{path}.{key}", "expected a list of objects")
    data = [[_cell(cell, path, notes) for cell in row] for row in rows]
    return {"table_header_choice": "row", **given, "data": data}


def _cell(cell: Any, path: str, notes: Notes) -> Any:
    if cell is None or (isinstance(cell, int | float) and not isinstance(cell, bool)):
        return cell
    return plain_text(cell, f"{path}.data", notes)


def fits(form_field: forms.Field, value: Any) -> bool:
    """Whether the JSON type of ``value`` suits the form field; Django would coerce anything."""
    if value is None or isinstance(form_field, forms.JSONField):
        return True
    if isinstance(form_field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField):
        return isinstance(value, list) and all(isinstance(item, int | str) for item in value)
    if isinstance(form_field, forms.BooleanField):
        return isinstance(value, bool)
    if isinstance(form_field, forms.IntegerField | forms.FloatField | forms.DecimalField):
        return isinstance(value, int | float | str) and not isinstance(value, bool)
    if isinstance(form_field, forms.DateField | forms.DateTimeField | forms.TimeField):
        return isinstance(value, str)
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def expected(form_field: forms.Field) -> str:
    """The JSON type that ``fits`` asks for, in words."""
    if isinstance(form_field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField):
        return "a list"
    if isinstance(form_field, forms.BooleanField):
        return "true or false"
    if isinstance(form_field, forms.IntegerField | forms.FloatField | forms.DecimalField):
        return "a number"
    return "text"


def messages(error: ValidationError, form_field: forms.Field | None = None) -> list[str]:
    """The messages of an error; "required" in one word, choices with what is allowed."""
    result = []
    for item in error.error_list:
        text = " ".join(item.messages)
        if item.code == "required":
            text = "required"
        elif item.code == "invalid_choice" and isinstance(form_field, forms.ChoiceField):
            text = f"not one of the choices (allowed: {', '.join(choices(form_field))})"
        elif item.code == "invalid" and (example := _example_for(form_field)):
            text = f"{text} Write it as in {example}."
        result.append(text)
    return result


def _example_for(form_field: forms.Field | None) -> str:
    return next((made for kind, made in _AS_IN.items() if isinstance(form_field, kind)), "")


def choices(form_field: forms.ChoiceField) -> list[str]:
    """The values of a choice field, groups opened, the blank one left out."""
    found: list[str] = []
    offered: Any = form_field.choices  # a list, though Django's stubs allow its sources too
    for value, label in offered:
        nested = [key for key, _ in label] if isinstance(label, list | tuple) else [value]
        found += [str(key) for key in nested if key not in (None, "")]
    return found


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def quoted(value: Any) -> str:
    # Names that a client made up are shown, because that is what it has to mend; but not at length.
    return repr(clean_text(str(value))[:40])
