"""One declaration per tool: ``@tool`` → :class:`ToolSpec` → :data:`registry`."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar, get_args, get_type_hints

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules
from pydantic import Field

from .actor import Actor
from .needs import Needs

Kind = Literal["read", "draft", "live", "destructive"]
F = TypeVar("F", bound=Callable[..., Any])
MAX_DESCRIPTION = 750
IDEMPOTENCY_KEY = "idempotency_key"
_KEY_PARAMETER = inspect.Parameter(
    IDEMPOTENCY_KEY,
    inspect.Parameter.KEYWORD_ONLY,
    default=None,
    annotation=Annotated[str | None, Field(max_length=100)],
)


@dataclass(frozen=True, slots=True)
class ToolGroup:
    """A fieldset of the token form. ``by_name_only`` tools need a grant that names them.

    ``needs`` answers why a user could never use the group's tools of a kind; see ``needs.py``.
    ``installed`` says whether the site has what the tools work on; without it they are not served.
    """

    name: str
    label: str | Promise
    order: int = 100
    by_name_only: bool = False
    needs: Needs | None = None
    installed: Callable[[], bool] | None = None

    @property
    def is_installed(self) -> bool:
        return self.installed is None or self.installed()


@dataclass(frozen=True)
class ToolSpec:
    """Everything the project knows of a tool; all of it comes from the function itself."""

    name: str
    group: ToolGroup
    kind: Kind
    func: Callable[..., Any]
    prepare: Callable[..., dict[str, Any]] | None = None
    once: bool = False

    @cached_property
    def description(self) -> str:
        """The docstring: what the model reads, and the token's owner beside the check box."""
        text = inspect.cleandoc(self.func.__doc__ or "")
        # One line per paragraph: line breaks of the source cost the model and tell it nothing.
        return "\n".join(" ".join(part.split()) for part in text.split("\n\n"))

    @cached_property
    def summary(self) -> str:
        """The first sentence of the description."""
        return re.split(r"(?<=[.!?])\s", self.description, maxsplit=1)[0]

    @property
    def writes(self) -> bool:
        return self.kind != "read"

    @cached_property
    def parameters(self) -> dict[str, inspect.Parameter]:
        """What a client may send: the parameters with resolved annotations.

        ``actor`` is left out, and so are keyword-only ones: those ``prepare`` fills.
        """
        hints = get_type_hints(self.func, include_extras=True)
        signature = inspect.signature(self.func)
        found = {
            name: parameter.replace(annotation=hints[name])
            for name, parameter in list(signature.parameters.items())[1:]
            if parameter.kind is not parameter.KEYWORD_ONLY
        }
        return {**found, IDEMPOTENCY_KEY: _KEY_PARAMETER} if self.once else found


class ToolRegistry:
    """The tools of all installed apps, by name."""

    def __init__(self) -> None:
        self._specs: dict[str, ToolSpec] = {}

    def register(self, spec: ToolSpec) -> None:
        """Add a tool; raises ImproperlyConfigured when its declaration does not hold."""
        problem = _problem(spec)
        if problem:
            raise ImproperlyConfigured(f"MCP tool {spec.name}: {problem}")
        known = self._specs.get(spec.name)
        if known and known.func.__module__ != spec.func.__module__:
            raise ImproperlyConfigured(
                f"MCP tool {spec.name} is declared in {known.func.__module__} "
                f"and in {spec.func.__module__}; rename one."
            )
        self._specs[spec.name] = spec

    def get(self, name: str) -> ToolSpec | None:
        return self._specs.get(name)

    def __iter__(self) -> Iterator[ToolSpec]:
        return iter(sorted(self._specs.values(), key=lambda spec: (spec.group.order, spec.name)))

    def __len__(self) -> int:
        return len(self._specs)

    def __contains__(self, name: object) -> bool:
        return name in self._specs

    def served(self) -> list[ToolSpec]:
        """The tools whose group is installed: those that clients can get to see."""
        return [spec for spec in self if spec.group.is_installed]

    def grouped(self) -> list[tuple[ToolGroup, list[ToolSpec]]]:
        """``[(group, [spec, …]), …]`` in the order of the token form."""
        groups: dict[ToolGroup, list[ToolSpec]] = {}
        for spec in self:
            groups.setdefault(spec.group, []).append(spec)
        return list(groups.items())

    def grouped_choices(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Django form choices with option groups: ``[(label, [(name, name), …]), …]``."""
        return [
            (str(group.label), [(spec.name, spec.name) for spec in specs])
            for group, specs in self.grouped()
        ]

    def needs_name(self, name: str) -> bool:
        """Whether only a grant that names the tool is enough (unknown names: yes)."""
        spec = self._specs.get(name)
        return spec is None or spec.group.by_name_only


registry = ToolRegistry()


def tool(
    group: ToolGroup,
    *,
    kind: Kind,
    name: str | None = None,
    prepare: Callable[..., dict[str, Any]] | None = None,
    once: bool = False,
) -> Callable[[F], F]:
    """Declare an MCP tool. The function is returned unchanged, so a test calls it directly.

    Its first parameter is the :class:`Actor`; its docstring is the description that the model
    reads (at most 750 characters); its annotations become the input schema. ``kind`` says what
    a call can change: ``read``, ``draft``, ``live`` (visitors see it) or ``destructive``.

    ``prepare(actor, **arguments)`` runs before a write's transaction, so that no lock is held
    meanwhile, and returns values for keyword-only parameters, which no client can send.

    ``once`` is for tools that create: a call that is sent again is answered with what the first
    one made, within ten minutes, or for a day when the client sends an ``idempotency_key``.
    """

    def declare(func: F) -> F:
        registry.register(ToolSpec(name or func.__name__, group, kind, func, prepare, once))
        return func

    return declare


def autodiscover() -> None:
    """Import ``mcp_tools`` of every installed app, which registers its tools."""
    autodiscover_modules("mcp_tools")


def _problem(spec: ToolSpec) -> str | None:
    if not re.fullmatch(r"[a-z][a-z0-9_]{2,47}", spec.name):
        return "its name must be lower_case_with_underscores, 3 to 48 characters"
    if spec.kind not in get_args(Kind):
        return f"kind must be one of {', '.join(get_args(Kind))}"
    if not spec.description:
        return "it needs a docstring: that is what the model reads"
    if len(spec.description) > MAX_DESCRIPTION:
        return f"its docstring has {len(spec.description)} characters, {MAX_DESCRIPTION} at most"
    return _signature_problem(spec)


def _signature_problem(spec: ToolSpec) -> str | None:
    if inspect.iscoroutinefunction(spec.func):
        return "tools are plain functions, not async ones"
    hints = get_type_hints(spec.func)
    names = list(inspect.signature(spec.func).parameters)
    if not names or hints.get(names[0]) is not Actor:
        return "its first parameter must be `actor: Actor`"
    bare = [name for name in [*names, "return"] if name not in hints]
    if bare:
        return f"these lack a type annotation: {', '.join(bare)}"
    if spec.kind == "draft" and "publish" in names:
        return "a draft tool has no publish argument; publishing has tools of its own"
    return None
