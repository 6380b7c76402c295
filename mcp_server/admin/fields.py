"""The form field of ``MCPToken.allowed_tools``."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mcp_server.registry import registry

from .widgets import CHOSEN, EVERY, Grant, GroupedToolWidget


class ToolsField(forms.Field):
    """Cleans to the model's list; an empty one only when “every tool” was chosen."""

    widget = GroupedToolWidget
    default_error_messages = {
        "scope": _("Choose “Every tool” or “Only these tools”."),
        "nothing": _("Tick at least one tool, or choose “Every tool”."),
        "unknown": _("There is no tool called %(names)s on this site."),
    }

    def store(self, names: list[str]) -> None:
        """Name the tools that the token has already; they may stay whatever became of them."""
        self.widget.stored = names

    def prepare_value(self, value: Any) -> Grant:
        return value if isinstance(value, Grant) else Grant.of(value or ())

    def clean(self, value: Any) -> list[str]:
        grant = self.prepare_value(value)
        if grant.scope not in {EVERY, CHOSEN}:
            raise self._error("scope")
        if grant.scope == EVERY:
            return []
        if not grant.names:
            raise self._error("nothing")
        self._check_known(grant.names)
        return self._sorted(grant.names)

    def has_changed(self, initial: Any, data: Any) -> bool:
        before, after = self.prepare_value(initial), self.prepare_value(data)
        if EVERY in (before.scope, after.scope):
            return before.scope != after.scope
        return set(before.names) != set(after.names)

    def _check_known(self, names: tuple[str, ...]) -> None:
        unknown = [name for name in names if name not in registry and name not in self._stored]
        if unknown:
            raise self._error("unknown", names=", ".join(sorted(set(unknown))))

    def _sorted(self, names: tuple[str, ...]) -> list[str]:
        # The registry's order, so that a token saved again unchanged stays unchanged.
        known = [spec.name for spec in registry]
        gone = [name for name in self._stored if name not in registry]
        return [name for name in [*known, *gone] if name in names]

    @property
    def _stored(self) -> "tuple[str, ...]":
        return tuple(self.widget.stored)

    def _error(self, code: str, **params: str) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params=params)
