"""``completion/complete``: values for the arguments of prompts and resource templates."""

from collections.abc import Mapping
from functools import partial

from django.utils import translation
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)

from mcp_server.actor import Actor
from mcp_server.errors import Refused, explain
from mcp_server.guides import Completer, Guides, PromptSpec, ResourceSpec, arguments
from mcp_server.plaintext import clean_text
from mcp_server.results import Suggestions

from . import runner
from .call import language_of
from .context import current_actor

# What somebody types; a database would search for a megabyte, too.
MAX_TYPED = 100


class Completions:
    """Answers with what the argument's own completer finds for the actor of the request.

    The gate has let the request through: the prompt or template is there and is granted.
    """

    def __init__(self, guides: Guides) -> None:
        self._guides = guides

    async def answer(
        self,
        ref: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,
    ) -> Completion:
        completer = self._completer(ref, argument.name)
        if completer is None or len(argument.value) > MAX_TYPED:
            return _completion(Suggestions())
        given = (context.arguments if context else None) or {}
        typed = clean_text(argument.value).strip()
        return _completion(
            await runner.run(partial(_suggestions, current_actor(), completer, typed, given))
        )

    def _completer(
        self, ref: PromptReference | ResourceTemplateReference, name: str
    ) -> Completer | None:
        spec = self._spec(ref)
        if spec is None:
            return None
        if name not in (known := arguments(spec.func)):
            allowed = ", ".join(known) or "none"
            raise MCPError(INVALID_PARAMS, f"No such argument to complete (allowed: {allowed}).")
        return spec.complete.get(name)

    def _spec(
        self, ref: PromptReference | ResourceTemplateReference
    ) -> PromptSpec | ResourceSpec | None:
        if isinstance(ref, PromptReference):
            return self._guides.prompt(ref.name)
        return self._guides.template(ref.uri)


def _suggestions(
    actor: Actor, completer: Completer, typed: str, given: Mapping[str, str]
) -> Suggestions:
    with translation.override(language_of(actor)):
        try:
            return completer(actor, typed, given)
        except Refused:
            # Another argument holds nothing usable yet, so there is nothing to suggest here.
            return Suggestions()
        except Exception as error:  # noqa: BLE001 - the one map from exceptions to sentences
            raise MCPError(INTERNAL_ERROR, explain(error)[1]) from None


def _completion(found: Suggestions) -> Completion:
    return Completion(
        values=list(found.values), total=found.total, has_more=found.total > len(found.values)
    )
