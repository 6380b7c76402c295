"""The tools of a token as grouped check boxes, with “every tool” as an explicit choice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.staticfiles import versioned_static

from mcp_server.registry import Kind, ToolGroup, ToolSpec, registry

EVERY = "every"
CHOSEN = "chosen"

# (word, icon, what it means): never told by colour alone.
KINDS: dict[Kind, tuple[Promise, str, Promise]] = {
    "read": (_("Read"), "view", _("changes nothing")),
    "draft": (_("Draft"), "draft", _("visitors see nothing new")),
    "live": (_("Live"), "globe", _("visitors see the change")),
    "destructive": (_("Destructive"), "bin", _("removes something")),
}


@dataclass(frozen=True, slots=True)
class Preset:
    """A selection by kind; ``scope`` is what it sets beside the ticks."""

    label: Promise
    meaning: Promise
    kinds: frozenset[Kind]
    scope: str = CHOSEN

    @property
    def names(self) -> list[str]:
        """The tools that it ticks; what needs a grant by name stays a choice of its own."""
        return [
            spec.name
            for spec in registry
            if spec.kind in self.kinds and not spec.group.by_name_only
        ]


PRESETS = (
    Preset(_("Read only"), _("Nothing can be changed."), frozenset({"read"})),
    Preset(_("Drafting"), _("Drafts, which people publish."), frozenset({"read", "draft"})),
    Preset(
        _("Publishing"),
        _("Drafts and publishing; nothing is removed."),
        frozenset({"read", "draft", "live"}),
    ),
    Preset(
        _("Everything this user may do"),
        _("All tools, later ones too."),
        frozenset(KINDS),
        EVERY,
    ),
)


@dataclass(frozen=True, slots=True)
class Grant:
    """A choice in the form: ``EVERY``, or ``CHOSEN`` with the names ticked; "" before any."""

    scope: str
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, allowed_tools: Iterable[str]) -> Self:
        """From the model's list, where an empty one means every tool."""
        names = tuple(allowed_tools)
        return cls(CHOSEN if names else EVERY, names)


class GroupedToolWidget(forms.Widget):
    """A fieldset per tool group with a tick-all; each tool with its summary and its kind.

    ``stored`` are the names that the token already has: those that the site has no tool for are
    shown as unavailable and stay unless they are unticked. ``owner`` is whom clients will act
    as: what this user could never use is marked. ``reach_url`` answers for another user.
    """

    template_name = "mcp_server/widgets/grouped_tools.html"
    stored: Sequence[str] = ()
    owner: Any = None
    reach_url = ""

    @property
    def media(self) -> forms.Media:
        return forms.Media(js=[versioned_static("mcp_server/js/tokens.js")])

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Grant:
        scope = data.get(self.scope_name(name), "")
        names = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return Grant(scope, tuple(names))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        # No ticked box is sent at all, so what is missing says nothing.
        return False

    def use_required_attribute(self, initial: Any) -> bool:
        # It would go to the element around the boxes, where HTML does not know it.
        return False

    def id_for_label(self, id_: str) -> str:
        # The label names the whole set; each box has one of its own.
        return ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        grant = value if isinstance(value, Grant) else Grant.of(value or ())
        widget_id = context["widget"]["attrs"].pop("id", f"id_{name}")
        context["widget"] |= {
            "id": widget_id,
            "scope_name": self.scope_name(name),
            "grant": grant,
            "every": EVERY,
            "chosen": CHOSEN,
            "presets": PRESETS,
            "reach_url": self.reach_url,
            "by_name_only": [group.label for group, _specs in self.groups() if group.by_name_only],
            "groups": [self._group(widget_id, *item, grant) for item in self.groups()],
            "unavailable": [
                {"id": f"{widget_id}_gone_{index}", "name": tool, "checked": tool in grant.names}
                for index, tool in enumerate(self.stored)
                if tool not in registry
            ],
            "kinds": [_kind(kind) for kind in KINDS],
        }
        return context

    @staticmethod
    def groups() -> list[tuple[ToolGroup, list[ToolSpec]]]:
        return registry.grouped()

    @staticmethod
    def scope_name(name: str) -> str:
        return f"{name}-scope"

    def _group(
        self, widget_id: str, group: ToolGroup, specs: list[ToolSpec], grant: Grant
    ) -> dict[str, Any]:
        reasons = out_of_reach(self.owner, group)
        return {
            "id": f"{widget_id}_{group.name}",
            "label": group.label,
            "by_name_only": group.by_name_only,
            "tools": [_tool(widget_id, spec, grant, reasons.get(spec.kind)) for spec in specs],
        }


def out_of_reach(owner: Any, group: ToolGroup) -> "dict[Kind, str]":
    """Per kind, why ``owner`` could never use the group's tools; kinds that they may: left out."""
    if owner is None or group.needs is None:
        return {}
    found = {kind: group.needs(owner, kind) for kind in KINDS}
    return {kind: str(reason) for kind, reason in found.items() if reason}


def for_people(spec: ToolSpec) -> str:
    """The first sentence of the tool's docstring, without the JSON that only models want."""
    return spec.summary.split(': {"', 1)[0]


def _tool(widget_id: str, spec: ToolSpec, grant: Grant, reason: str | None) -> dict[str, Any]:
    return {
        "id": f"{widget_id}_tool_{spec.name}",
        "name": spec.name,
        "summary": gettext(for_people(spec)),
        "kind": _kind(spec.kind),
        "checked": spec.name in grant.names,
        "reason": reason or "",
    }


def _kind(kind: Kind) -> dict[str, Any]:
    label, icon, meaning = KINDS[kind]
    return {"label": label, "icon": icon, "meaning": meaning}
