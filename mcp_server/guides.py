"""What models read besides tools: ``@resource`` and ``@prompt`` declarations, plain functions."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured

from .actor import Actor

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class ResourceSpec:
    """A resource or, with ``{parameters}`` in its address, a resource template."""

    uri: str
    func: Callable[..., Any]
    mime_type: str
    needs: tuple[str, ...] = ()

    def offered_to(self, actor: Actor) -> bool:
        """Whether the token grants the tools that tell the same."""
        return all(actor.may_use(tool) for tool in self.needs)

    @property
    def name(self) -> str:
        return self.func.__name__

    @property
    def description(self) -> str:
        return " ".join(inspect.cleandoc(self.func.__doc__ or "").split())

    @property
    def is_template(self) -> bool:
        return "{" in self.uri


@dataclass(frozen=True)
class PromptSpec:
    """A prompt that a person picks; offered only where the token grants the tools it needs."""

    func: Callable[..., str]
    needs: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.func.__name__

    @property
    def description(self) -> str:
        return " ".join(inspect.cleandoc(self.func.__doc__ or "").split())

    def offered_to(self, actor: Actor) -> bool:
        return all(actor.may_use(tool) for tool in self.needs)


class Guides:
    """The resources and prompts of all installed apps."""

    def __init__(self) -> None:
        self._resources: dict[str, ResourceSpec] = {}
        self._prompts: dict[str, PromptSpec] = {}

    def add_resource(self, spec: ResourceSpec) -> None:
        _check(spec.uri, spec.func)
        self._resources[spec.uri] = spec

    def add_prompt(self, spec: PromptSpec) -> None:
        _check(spec.name, spec.func)
        self._prompts[spec.name] = spec

    def resources(self) -> Iterator[ResourceSpec]:
        return iter(self._resources.values())

    def prompts(self) -> Iterator[PromptSpec]:
        return iter(self._prompts.values())


guides = Guides()


def resource(
    uri: str, *, mime_type: str = "application/json", needs: tuple[str, ...] = ()
) -> Callable[[F], F]:
    """Declare a resource: ``func(actor, **parameters of the address)`` → text or JSON data.

    ``needs`` names tools that a token has to grant: what they tell, the resource tells too.
    """

    def declare(func: F) -> F:
        guides.add_resource(ResourceSpec(uri, func, mime_type, needs))
        return func

    return declare


def prompt(*, needs: tuple[str, ...] = ()) -> Callable[[F], F]:
    """Declare a prompt: ``func(actor, …text arguments)`` → the message for the model."""

    def declare(func: F) -> F:
        guides.add_prompt(PromptSpec(func, needs))
        return func

    return declare


def _check(name: str, func: Callable[..., Any]) -> None:
    parameters = list(inspect.signature(func).parameters)
    if not func.__doc__ or not parameters or parameters[0] != "actor":
        raise ImproperlyConfigured(f"{name}: needs a docstring and `actor` as first parameter.")
