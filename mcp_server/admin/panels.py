"""The panels of a token: its state beside the form, its use below it."""

from typing import Any

from wagtail.admin.panels import Panel
from wagtail.snippets.side_panels import SnippetStatusSidePanel

from .activity import activity
from .status import TokenStatus


class TokenStatusSidePanel(SnippetStatusSidePanel):
    """A token is active, expired or revoked, never live or draft."""

    def get_status_templates(self, context: dict[str, Any]) -> list[str]:
        return ["mcp_server/tokens/status.html"]

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(parent_context)
        status = TokenStatus.of(self.object)
        context["token_status"] = status.label
        context["status_icon"] = "circle-check" if status is TokenStatus.ACTIVE else "circle-xmark"
        return context


class ActivityPanel(Panel):
    """Below the form of a token that exists: what it did."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "mcp_server/tokens/activity.html"

        def is_shown(self) -> bool:
            return super().is_shown() and self.instance.pk is not None

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            return context | {
                "token": self.instance,
                **activity(self.instance, self.request.user),
            }
