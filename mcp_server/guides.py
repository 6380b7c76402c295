"""What models read besides tools: ``@resource`` and ``@prompt`` declarations, plain functions."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured

from .actor import Actor
from .registry import registry
from .results import Suggestions

# (actor, what was typed so far, the other arguments that are filled in) → what it may become.
Completer = Callable[[Actor, str, Mapping[str, str]], Suggestions]
F = TypeVar("F", bound=Callable[..., Any])


class Declared:
    """What a resource and a prompt have in common: a function, and the tools that it needs."""

    func: Callable[..., Any]
    needs: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.func.__name__

    @property
    def description(self) -> str:
        return " ".join(inspect.cleandoc(self.func.__doc__ or "").split())

    def offered_to(self, actor: Actor) -> bool:
        """Whether the token grants the tools that tell the same, and the site has them."""
        return all(_usable(actor, tool) for tool in self.needs)


@dataclass(frozen=True)
class ResourceSpec(Declared):
    """A resource or, with ``{parameters}`` in its address, a resource template."""

    uri: str
    func: Callable[..., Any]
    mime_type: str
    needs: tuple[str, ...] = ()
    complete: Mapping[str, Completer] = field(default_factory=dict)
    version: Callable[[Actor], object] | None = None

    @property
    def is_template(self) -> bool:
        return "{" in self.uri


@dataclass(frozen=True)
class PromptSpec(Declared):
    """A prompt that a person picks; offered only where the token grants the tools it needs."""

    func: Callable[..., str]
    needs: tuple[str, ...]
    complete: Mapping[str, Completer] = field(default_factory=dict)


class Guides:
    """The resources and prompts of all installed apps."""

    def __init__(self) -> None:
        self._resources: dict[str, ResourceSpec] = {}
        self._prompts: dict[str, PromptSpec] = {}

    def add_resource(self, spec: ResourceSpec) -> None:
        _check(spec.uri, spec)
        self._resources[spec.uri] = spec

    def add_prompt(self, spec: PromptSpec) -> None:
        _check(spec.name, spec)
        self._prompts[spec.name] = spec

    def watched(self, actor: Actor) -> dict[str, Callable[[Actor], object]]:
        """What tells that a resource changed, by address, of those that the token may read."""
        return {
            spec.uri: spec.version
            for spec in self.resources()
            if spec.version is not None and spec.offered_to(actor)
        }

    def template(self, uri: str) -> ResourceSpec | None:
        """The resource template with this address, parameters in braces."""
        spec = self._resources.get(uri)
        return spec if spec is not None and spec.is_template else None

    def prompt(self, name: str) -> PromptSpec | None:
        return self._prompts.get(name)

    def resources(self) -> Iterator[ResourceSpec]:
        return iter(self._resources.values())

    def prompts(self) -> Iterator[PromptSpec]:
        return iter(self._prompts.values())


guides = Guides()


def resource(
    uri: str,
    *,
    mime_type: str = "application/json",
    needs: tuple[str, ...] = (),
    complete: Mapping[str, Completer] | None = None,
    version: Callable[[Actor], object] | None = None,
) -> Callable[[F], F]:
    """Declare a resource: ``func(actor, **parameters of the address)`` → text or JSON data.

    ``needs`` names tools that a token has to grant: what they tell, the resource tells too.
    ``complete`` names, per parameter of the address, what suggests values for it.
    ``version(actor)`` is cheap to ask and differs when the text does: with it, clients can
    subscribe to the resource and hear when it changes.
    """

    def declare(func: F) -> F:
        guides.add_resource(ResourceSpec(uri, func, mime_type, needs, complete or {}, version))
        return func

    return declare


def prompt(
    *, needs: tuple[str, ...] = (), complete: Mapping[str, Completer] | None = None
) -> Callable[[F], F]:
    """Declare a prompt: ``func(actor, …text arguments)`` → the message for the model.

    ``needs`` names the tools that the text speaks of; ``complete`` names, per argument, what
    suggests values while somebody types.
    """

    def declare(func: F) -> F:
        guides.add_prompt(PromptSpec(func, needs, complete or {}))
        return func

    return declare


def arguments(func: Callable[..., Any]) -> list[str]:
    """The names that a client fills in: all but ``actor``."""
    return list(inspect.signature(func).parameters)[1:]


def _check(name: str, spec: ResourceSpec | PromptSpec) -> None:
    parameters = list(inspect.signature(spec.func).parameters)
    if not spec.func.__doc__ or not parameters or parameters[0] != "actor":
        raise ImproperlyConfigured(f"{name}: needs a docstring and `actor` as first parameter.")
    if unknown := sorted(set(spec.complete) - set(arguments(spec.func))):
        raise ImproperlyConfigured(f"{name}: completes {unknown[0]}, which is no argument of it.")


def _usable(actor: Actor, tool: str) -> bool:
    """Whether the token grants a tool and the site has what it works on."""
    spec = registry.get(tool)
    return actor.may_use(tool) and (spec is None or spec.group.is_installed)
