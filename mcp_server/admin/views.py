"""The other screens of the tokens: Wagtail's own views, limited to what a user may manage."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.components import MediaContainer
from wagtail.admin.views import generic
from wagtail.log_actions import log
from wagtail.snippets.views import snippets

from mcp_server.models import MCPToken

from .access import OneTokenMixin, RefusedPostMixin, RevokeUrlMixin, TokenRecordsMixin
from .activity import activity
from .buttons import TokenButtonsMixin
from .listing import TokenTitleColumn
from .panels import TokenStatusSidePanel
from .policy import REVOKING
from .status import TokenStatus

# What a form does not hold; the row knows it better than the form's instance.
ISSUED = (
    "is_active", "key_hash", "suffix", "previous_key_hash", "previous_valid_until",
    "revoked_at", "revoked_by", "last_used_at",
)  # fmt: skip


def revoke(token: MCPToken, by: Any) -> None:
    """Stop the token, and say so once in its history."""
    if token.revoke(by):
        log(token, "mcp_server.revoke", user=by)


class IndexView(TokenButtonsMixin, RefusedPostMixin, snippets.IndexView):
    def _get_title_column(self, field_name: str, **kwargs: Any) -> Any:
        return super()._get_title_column(field_name, TokenTitleColumn, **kwargs)

    def get_list_more_buttons(self, instance: MCPToken) -> list[Any]:
        buttons: list[Any] = super().get_list_more_buttons(instance)
        return [*buttons, *self.own_buttons(instance)]


class EditView(TokenButtonsMixin, OneTokenMixin, snippets.EditView):
    def save_instance(self) -> MCPToken:
        # Runs inside the view's transaction. The lock makes a revocation in flight win over a
        # form that was read before it.
        current = MCPToken.objects.select_for_update().get(pk=self.object.pk)
        if not self.form.instance.is_active:
            revoke(current, self.request.user)
        # A rotation or revocation since the form was read stays.
        for name in ISSUED:
            setattr(self.form.instance, name, getattr(current, name))
        token: MCPToken = super().save_instance()
        return token

    def get_side_panels(self) -> MediaContainer:
        panel = TokenStatusSidePanel(
            self.object,
            self.request,
            history_url=self.get_history_url(),
            last_updated_info=self.get_last_updated_info(),
        )
        return MediaContainer([panel])

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        return [*super().header_more_buttons, *self.own_buttons(self.object)]


class DeleteView(OneTokenMixin, snippets.DeleteView):
    pass


class HistoryView(TokenRecordsMixin, snippets.HistoryView):
    pass


class UsageView(TokenRecordsMixin, snippets.UsageView):
    pass


class RevokeView(RevokeUrlMixin, OneTokenMixin, generic.DeleteView):
    """Stops a token at once and keeps its row, for the history of what it did."""

    page_title = gettext_lazy("Revoke")
    template_name = "mcp_server/tokens/confirm_revoke.html"
    permission_required = None
    any_permission_required = REVOKING
    usage_url_name = None

    def get_delete_url(self) -> str:
        return self.get_revoke_url(self.object)

    @property
    def confirmation_message(self) -> str:
        return _("Are you sure you want to revoke this MCP token? It cannot be used again.")

    def form_valid(self, form: Any) -> HttpResponse:
        revoke(self.object, self.request.user)
        messages.success(
            self.request, _("MCP token “%(name)s” revoked.") % {"name": self.object.name}
        )
        return redirect(self.get_success_url())


class TokenView(OneTokenMixin, TokenButtonsMixin, snippets.InspectView):
    """What the token is, and what it did."""

    page_title = gettext_lazy("MCP token")
    template_name = "mcp_server/tokens/token.html"

    def get_object(self, queryset: Any = None) -> MCPToken:
        return get_object_or_404(self.manageable(), pk=self.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "token": self.object,
            "status": TokenStatus.of(self.object).label,
            "tools": self.object.allowed_tools,
            **activity(self.object, self.request.user),
        }

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        return [*super().header_more_buttons, *self.own_buttons(self.object)]
