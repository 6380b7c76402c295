"""Resources and prompts as FastMCP serves them."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from inspect import Parameter, signature
from typing import Any, Self, get_type_hints

from django.utils import translation
from fastmcp.exceptions import FastMCPError
from fastmcp.prompts import Prompt
from fastmcp.prompts.base import PromptArgument
from fastmcp.resources import Resource, ResourceTemplate
from fastmcp.resources.base import ResourceResult
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS
from pydantic import AnyUrl, PrivateAttr
from pydantic.fields import FieldInfo

from mcp_server.actor import Actor
from mcp_server.errors import explain
from mcp_server.guides import PromptSpec, ResourceSpec
from mcp_server.guides import arguments as names_of
from mcp_server.plaintext import clean_text

from . import runner
from .answer import compact_json
from .call import language_of
from .context import current_actor
from .report import FAULTS

# Characters of one argument of a prompt: what a person types into a field, not a document.
MAX_ARGUMENT = 1000


class GuideResource(Resource):
    """A resource with a fixed address."""

    _spec: ResourceSpec = PrivateAttr()

    @classmethod
    def of(cls, spec: ResourceSpec) -> Self:
        made = cls(
            uri=AnyUrl(spec.uri),
            name=spec.name,
            description=spec.description,
            mime_type=spec.mime_type,
        )
        made._spec = spec
        return made

    async def read(self) -> str:
        return await _serve(self._spec.func, {})


class GuideTemplate(ResourceTemplate):
    """A resource whose address has parameters."""

    _spec: ResourceSpec = PrivateAttr()

    @classmethod
    def of(cls, spec: ResourceSpec) -> Self:
        made = cls(
            uri_template=spec.uri,
            name=spec.name,
            description=spec.description,
            mime_type=spec.mime_type,
            parameters={"type": "object", "properties": {name: {} for name in names_of(spec.func)}},
        )
        made._spec = spec
        return made

    async def _read(self, uri: str, params: dict[str, Any]) -> ResourceResult:
        return self.convert_result(await _serve(self._spec.func, params))


class GuidePrompt(Prompt):
    """A prompt that a person picks in the client."""

    _spec: PromptSpec = PrivateAttr()

    @classmethod
    def of(cls, spec: PromptSpec) -> Self:
        made = cls(
            name=spec.name, description=spec.description, arguments=_prompt_arguments(spec.func)
        )
        made._spec = spec
        return made

    async def render(self, arguments: dict[str, Any] | None = None) -> str:
        given = arguments or {}
        if problems := list(self._problems(given)):
            raise GuideError("invalid", f"{self.name}: {'; '.join(problems)}")
        cleaned = {name: clean_text(str(value)) for name, value in given.items()}
        return await _serve(self._spec.func, cleaned)

    def _problems(self, given: Mapping[str, Any]) -> list[str]:
        known = {item.name: item for item in self.arguments or []}
        missing = [name for name, item in known.items() if item.required and name not in given]
        unknown = [name for name in given if name not in known]
        return [
            *(f"{name}: required" for name in missing),
            *(f"no such argument (allowed: {', '.join(known)})" for _ in unknown[:1]),
            *(
                f"{name}: at most {MAX_ARGUMENT} characters"
                for name in known
                if len(str(given.get(name, ""))) > MAX_ARGUMENT
            ),
        ]


class GuideError(FastMCPError, MCPError):
    """What a client is answered in place of a text, as the protocol's error.

    Printed, it is the outcome alone: FastMCP puts exceptions into spans, and the sentence may
    repeat what somebody wrote.
    """

    def __init__(self, outcome: str, sentence: str) -> None:
        code = INTERNAL_ERROR if outcome in FAULTS else INVALID_PARAMS
        # Where the fault is ours, `explain` has logged it, so FastMCP need not.
        super().__init__(code, sentence, log_level=logging.DEBUG)
        self.outcome = outcome

    def __str__(self) -> str:
        return self.outcome


async def _serve(func: Callable[..., Any], arguments: Mapping[str, Any]) -> str:
    """The text of a resource or prompt, as the actor of the request may see it."""
    outcome, text = await runner.run(partial(_text, current_actor(), func, arguments))
    if outcome:
        raise GuideError(outcome, text)
    return text


def _text(actor: Actor, func: Callable[..., Any], arguments: Mapping[str, Any]) -> tuple[str, str]:
    with translation.override(language_of(actor)):
        try:
            result = func(actor, **arguments)
            return "", result if isinstance(result, str) else compact_json(result)
        except Exception as error:  # noqa: BLE001 - the one map from exceptions to sentences
            return explain(error)


def _prompt_arguments(func: Callable[..., Any]) -> list[PromptArgument]:
    hints = get_type_hints(func, include_extras=True)
    parameters = signature(func).parameters
    return [
        PromptArgument(
            name=name,
            description=_description(hints.get(name)),
            required=parameters[name].default is Parameter.empty,
        )
        for name in names_of(func)
    ]


def _description(annotation: Any) -> str | None:
    notes = getattr(annotation, "__metadata__", ())
    return next((note.description for note in notes if isinstance(note, FieldInfo)), None)
