"""“Undo these”: people take back what was done through MCP, by their own permissions."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages
from wagtail.admin.views.bulk_action import BulkAction

from mcp_server.content.undo import MAX_RUN, undo_calls, why_left
from mcp_server.models import MCPCall

from .access import RefusedPostMixin
from .report import ActivityFilterSet, may_see, visible_calls

# By what the call noted for its undoing, the first that is there.
EFFECTS: dict[str, Promise] = {
    "deleted": gettext_lazy("comes back as a draft"),
    "moved_from": gettext_lazy("goes back to where it was"),
    "created": gettext_lazy("is deleted"),
    "redirect": gettext_lazy("is deleted"),
    "comment": gettext_lazy("loses the comment"),
    "scheduled": gettext_lazy("is no longer scheduled"),
}
REVERTED = gettext_lazy("goes back to what it was before")
MAX_ID = 2**63 - 1


class UndoCallsBulkAction(RefusedPostMixin, BulkAction):
    """Of the report's rows: lists what would be undone and what not, and does it when confirmed."""

    models = [MCPCall]
    display_name = gettext_lazy("Undo these")
    aria_label = gettext_lazy("Undo the selected changes")
    action_type = "undo"
    template_name = "mcp_server/bulk/confirm_undo.html"
    classes = {"serious"}

    def get_actionable_objects(self) -> tuple[list[MCPCall], dict[str, Any]]:
        calls = self._selected()
        reasons = why_left(self.request.user, calls)
        left = [(call, reasons[call.pk]) for call in calls if call.pk in reasons]
        return [call for call in calls if call.pk not in reasons], {"items_with_no_access": left}

    def object_context(self, call: MCPCall) -> dict[str, Any]:
        effect = next((words for key, words in EFFECTS.items() if call.data.get(key)), REVERTED)
        return {"item": call, "effect": effect}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"most": MAX_RUN if self._is_full(context) else 0}

    def prepare_action(self, objects: list[MCPCall], left: dict[str, Any]) -> None:
        self._tell_left((str(call.object_title), why) for call, why in left["items_with_no_access"])

    def get_execution_context(self) -> dict[str, Any]:
        return {**super().get_execution_context(), "self": self}

    @classmethod
    def execute_action(cls, objects: list[MCPCall], **kwargs: Any) -> tuple[int, int]:
        self = kwargs["self"]
        answer = undo_calls(self.request.user, [call.pk for call in objects])
        titles = {call.pk: call.object_title for call in objects}
        self._tell_left((titles[left.id], left.why) for left in answer.left)
        return len(answer.undone), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str | None:
        if not num_parent_objects:
            return None
        return ngettext(
            "%(count)d change undone.", "%(count)d changes undone.", num_parent_objects
        ) % {"count": num_parent_objects}

    def _selected(self) -> list[MCPCall]:
        """The newest of the selected changes that may still be undone."""
        if not may_see(self.request.user):
            raise PermissionDenied
        calls = visible_calls(self.request.user).changes().filter(undone_at=None)
        wanted = self.request.GET.getlist("id")
        if "all" in wanted:
            filters = ActivityFilterSet(self.request.GET, request=self.request)
            calls = filters.filter_queryset(calls) if filters.is_valid() else calls.none()
        else:
            keys = {int(key) for key in wanted if key.isdecimal()}
            calls = calls.filter(pk__in={key for key in keys if key <= MAX_ID})
        return list(calls.order_by("-pk")[:MAX_RUN])

    def _is_full(self, context: dict[str, Any]) -> bool:
        return len(context["items"]) + len(context["items_with_no_access"]) >= MAX_RUN

    def _tell_left(self, left: Iterable[tuple[str, str]]) -> None:
        rows = format_html_join("", "<li>{}: {}</li>", left)
        if rows:
            words = format_html("{}<ul>{}</ul>", _("Left as it is:"), rows)
            messages.warning(self.request, words)
