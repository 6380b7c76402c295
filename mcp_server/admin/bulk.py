"""Bulk actions that neither touch nor name other people's tokens."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.log_actions import log
from wagtail.snippets.bulk_actions.delete import DeleteBulkAction
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction

from mcp_server.models import MCPToken

from .policy import REVOKING, policy


class DeleteTokensBulkAction(DeleteBulkAction):
    """Takes the place of Wagtail's for this model, which lists what one may not delete by name."""

    models = [MCPToken]

    def get_actionable_objects(self) -> tuple[list[MCPToken], dict[str, Any]]:
        allowed, _refused = super().get_actionable_objects()
        return allowed, {"items_with_no_access": []}

    @classmethod
    def execute_action(
        cls, objects: list[MCPToken], user: Any = None, **kwargs: Any
    ) -> tuple[int, int]:
        acting = kwargs["self"].request.user
        for token in objects:
            log(token, "wagtail.delete", user=acting, deleted=True)
        result: tuple[int, int] = super().execute_action(objects, user=user, **kwargs)
        return result


class RevokeTokensBulkAction(SnippetBulkAction):
    """Stops the selected tokens at once and keeps their rows."""

    models = [MCPToken]
    display_name = _("Revoke")
    aria_label = _("Revoke selected MCP tokens")
    action_type = "revoke"
    template_name = "mcp_server/bulk/confirm_revoke.html"
    action_priority = 20
    classes = {"serious"}

    def check_perm(self, token: MCPToken) -> bool:
        return any(
            policy.user_has_permission_for_instance(self.request.user, action, token)
            for action in REVOKING
        )

    def get_actionable_objects(self) -> tuple[list[MCPToken], dict[str, Any]]:
        allowed, _refused = super().get_actionable_objects()
        return [token for token in allowed if token.is_active], {"items_with_no_access": []}

    @classmethod
    def execute_action(
        cls, objects: list[MCPToken], user: Any = None, **kwargs: Any
    ) -> tuple[int, int]:
        acting = kwargs["self"].request.user
        done = [token for token in objects if token.revoke(acting)]
        for token in done:
            log(token, "mcp_server.revoke", user=acting)
        return len(done), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        return ngettext(
            "%(count)d MCP token revoked.", "%(count)d MCP tokens revoked.", num_parent_objects
        ) % {"count": num_parent_objects}
