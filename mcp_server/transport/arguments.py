"""A tool's arguments: their schema, and what a caller is told when they do not fit.

pydantic's own messages repeat the value that was sent, which may be long or private. Here an
error is ``path: message (allowed: …)``.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from inspect import Parameter
from typing import Any, NotRequired

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, to_jsonable_python
from typing_extensions import TypedDict

from mcp_server.errors import MAX_ERRORS, Refused
from mcp_server.plaintext import clean_text
from mcp_server.registry import IDEMPOTENCY_KEY, ToolSpec

from .schema import Schema, compact_schema
from .wording import either, place, wording

# What every list and every create has costs a model more, said dozens of times, than it tells: a
# reply gives `next_cursor`, and the server's instructions name the key.
_UNSAID_DEFAULTS = frozenset({"limit"})


class BadArguments(Refused):
    """Arguments that do not fit the tool's parameters; the tool was not run."""

    code = "invalid"


class Arguments:
    """The arguments of one tool."""

    def __init__(self, spec: ToolSpec) -> None:
        self._name = spec.name
        self._parameters = spec.parameters
        self._optional = {
            name for name, item in spec.parameters.items() if item.default is not Parameter.empty
        }
        self._adapter: TypeAdapter[dict[str, Any]] = TypeAdapter(_shape(spec))
        self._whole: Schema = self._adapter.json_schema()
        properties = self._whole.get("properties", {})
        self._numbers = {name for name, part in properties.items() if _is_number(part)}
        self._takes_null = {name for name in self._optional if _takes_null(spec.parameters[name])}

    def schema(self) -> Schema:
        """The input schema that a model reads."""
        schema = deepcopy(self._whole)
        for name in self._optional - _UNSAID_DEFAULTS:
            schema["properties"][name]["default"] = to_jsonable_python(
                self._parameters[name].default
            )
        schema["properties"].pop(IDEMPOTENCY_KEY, None)
        return {"type": "object", "properties": {}, **compact_schema(schema)}

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as the function wants them; those left out are left out.

        Raises BadArguments with every problem.
        """
        values = {
            # pydantic would take true for 1, and read another page than the one that was meant.
            name: str(value)
            if isinstance(value, bool) and name in self._numbers
            else _cleaned(value)
            for name, value in given.items()
            if not self._is_blank(name, value)
        }
        try:
            return self._adapter.validate_python(values)
        except ValidationError as error:
            raise BadArguments(self._sentence(error.errors(include_url=False), values)) from None

    def _is_blank(self, name: str, value: Any) -> bool:
        # Models write null for what they leave out.
        return value is None and name in self._optional and name not in self._takes_null

    def _sentence(self, errors: Iterable[ErrorDetails], values: dict[str, Any]) -> str:
        found: dict[str, list[str]] = {}
        for error in errors:
            allowed = list(self._parameters) if len(error["loc"]) == 1 else []
            message = wording(error, allowed)
            messages = found.setdefault(place(error, values), [])
            if message not in messages:
                messages.append(message)
        lines = [f"{path}: {either(messages)}" for path, messages in found.items()]
        rest = len(lines) - MAX_ERRORS
        more = [f"and {rest} more"] if rest > 0 else []
        return "\n".join(
            [
                f"{self._name} was not run. Correct this and call again:",
                *lines[:MAX_ERRORS],
                *more,
            ]
        )


def _cleaned(value: Any) -> Any:
    """Texts, and lists of them, as they can be stored; what has a structure is cleaned later."""
    if isinstance(value, list):
        return [clean_text(item) if isinstance(item, str) else item for item in value]
    return clean_text(value) if isinstance(value, str) else value


def _is_number(part: Schema) -> bool:
    kinds = [choice.get("type") for choice in [part, *part.get("anyOf", [])]]
    return ("integer" in kinds or "number" in kinds) and "boolean" not in kinds


def _shape(spec: ToolSpec) -> Any:
    """A TypedDict, not a model: no parameter name can collide with a method, and what the
    caller left out stays out, so that the function's own defaults hold."""
    fields = {
        name: item.annotation if item.default is Parameter.empty else NotRequired[item.annotation]
        for name, item in spec.parameters.items()
    }
    # Called through Any: type checkers want TypedDicts written out.
    make: Any = TypedDict
    shape = make(spec.name, fields)
    shape.__pydantic_config__ = ConfigDict(extra="forbid")
    return shape


def _takes_null(item: Parameter) -> bool:
    try:
        TypeAdapter(item.annotation).validate_python(None)
    except ValidationError:
        return False
    return True
