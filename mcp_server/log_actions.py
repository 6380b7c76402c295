"""How a tool call reads in Wagtail's histories and reports."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogFormatter
from wagtail.models import ModelLogEntry, PageLogEntry


class CallFormatter(LogFormatter):
    """``Create blog post through MCP (token “Claude on my laptop”, Claude Code 2.1)``."""

    label = gettext_lazy("Change through MCP")

    def format_message(self, log_entry: PageLogEntry | ModelLogEntry) -> str:
        data = log_entry.data
        details = [_token(data), _client(data)]
        shown = {
            "tool": str(data.get("tool", "")).replace("_", " ").capitalize(),
            "details": ", ".join(filter(None, details)),
        }
        if shown["details"]:
            return _("%(tool)s through MCP (%(details)s)") % shown
        return _("%(tool)s through MCP") % shown


class UndoFormatter(CallFormatter):
    """``Undone: Create blog post through MCP (token “Claude on my laptop”)``."""

    label = gettext_lazy("Undo change through MCP")

    def format_message(self, log_entry: PageLogEntry | ModelLogEntry) -> str:
        return _("Undone: %(change)s") % {"change": super().format_message(log_entry)}


def register(actions: Any) -> None:
    """Add the plugin's entries to Wagtail's log actions; called by the hook of that name."""
    actions.register_action("mcp_server.call")(CallFormatter)
    actions.register_action("mcp_server.undo")(UndoFormatter)


def _token(data: dict[str, Any]) -> str:
    return _("token “%(name)s”") % {"name": data["token"]} if data.get("token") else ""


def _client(data: dict[str, Any]) -> str:
    client = data.get("client") or {}
    return " ".join(filter(None, [client.get("name"), client.get("version")]))
