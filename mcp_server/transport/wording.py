"""pydantic's validation errors in our words: where, what is wrong, what is allowed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails

MAX_NAME = 60

_WHOLE = "must be a whole number"
_NUMBER = "must be a number"
_TRUTH = "must be true or false"
_TEXT = "must be text"
_LIST = "must be a list"
_OBJECT = "must be an object"
_DATE = "must be a date such as 2026-05-31"
_MOMENT = "must be a date and time such as 2026-05-31T18:00"
_TIME = "must be a time such as 18:00"

_NO_CHOICE = "not a choice (allowed: "

_FIXED = {
    "missing": "required",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "string_type": _TEXT,
    "string_unicode": _TEXT,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "dict_type": _OBJECT,
    "mapping_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dataclass_type": _OBJECT,
    "typed_dict_type": _OBJECT,
    "none_required": "must be null",
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "timezone_aware": "must name its time zone, such as 2026-05-31T18:00+02:00",
    "time_type": _TIME,
    "time_parsing": _TIME,
    "url_type": "must be a web address",
    "url_parsing": "must be a web address",
    "url_scheme": "must be a web address that starts with https:// or http://",
    "uuid_parsing": "must be a UUID",
    "union_tag_not_found": "its type is missing",
}

_LIMITS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than": lambda ctx: f"must be greater than {ctx['gt']}",
    "greater_than_equal": lambda ctx: f"must be at least {ctx['ge']}",
    "less_than": lambda ctx: f"must be less than {ctx['lt']}",
    "less_than_equal": lambda ctx: f"must be at most {ctx['le']}",
    "multiple_of": lambda ctx: f"must be a multiple of {ctx['multiple_of']}",
    "string_too_short": lambda ctx: (
        "must not be empty"
        if ctx["min_length"] == 1
        else f"at least {ctx['min_length']} characters"
    ),
    "string_too_long": lambda ctx: f"at most {ctx['max_length']} characters",
    "string_pattern_mismatch": lambda ctx: f"must match {ctx['pattern']}",
    "too_short": lambda ctx: (
        "must not be empty" if ctx["min_length"] == 1 else f"at least {ctx['min_length']} items"
    ),
    "too_long": lambda ctx: f"at most {ctx['max_length']} items",
    "literal_error": lambda ctx: f"{_NO_CHOICE}{_choices(ctx['expected'])})",
    "enum": lambda ctx: f"{_NO_CHOICE}{_choices(ctx['expected'])})",
    "union_tag_invalid": lambda ctx: f"{_NO_CHOICE}{_choices(ctx['expected_tags'])})",
    # Raised by our own validators, with a text of ours.
    "value_error": lambda ctx: str(ctx["error"]),
    "assertion_error": lambda ctx: str(ctx["error"]),
}


def wording(error: ErrorDetails, allowed: Sequence[str] = ()) -> str:
    """What is wrong, without the value that was sent. ``allowed`` are the names known there."""
    kind = error["type"]
    if kind == "extra_forbidden":
        names = ", ".join(allowed)
        return f"no such argument (allowed: {names})" if names else "no such argument"
    if kind in _FIXED:
        return _FIXED[kind]
    if kind in _LIMITS:
        return _LIMITS[kind](error.get("ctx", {}))
    return "is not valid"


def either(messages: Sequence[str]) -> str:
    """Several messages about one value, each about a form that it may have."""
    if len(messages) == 1:
        return messages[0]
    choices = (message.replace(_NO_CHOICE, "must be one of (") for message in messages)
    first, *rest = sorted(choices, key=lambda message: not message.startswith("must "))
    shared = "must be " if first.startswith("must be ") else ""
    return " or ".join([first, *(message.removeprefix(shared) for message in rest)])


def place(error: ErrorDetails, values: Any) -> str:
    """Where: ``operations[2].block.type``.

    pydantic puts the branches of a union between the keys; those are not in what was sent.
    """
    path = ""
    steps = error["loc"]
    for number, step in enumerate(steps):
        last = number == len(steps) - 1
        if isinstance(step, int) and isinstance(values, list):
            path += f"[{step}]"
            values = values[step] if step < len(values) else None
        elif isinstance(values, Mapping) and (step in values or (last and _is_absent(error))):
            path += f".{_short(step)}" if path else _short(step)
            values = values.get(step)
    return path


def _is_absent(error: ErrorDetails) -> bool:
    return error["type"] == "missing"


def _short(name: Any) -> str:
    # A caller can invent names of any length.
    return str(name)[:MAX_NAME]


def _choices(expected: Any) -> str:
    return str(expected).replace("'", "").replace(" or ", ", ")
