"""“My connections”: an editor's own tokens under Account settings."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.account import BaseSettingsPanel, SettingsTab

from mcp_server.models import MCPToken

from .policy import ANY, REVOKING, policy
from .status import TokenStatus

connections_tab = SettingsTab("connections", _("My connections"), order=300)


class NothingToSave(forms.Form):
    """Wagtail asks every panel for a form; this one shows only."""

    def __init__(self, *args: Any, instance: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def save(self) -> None:
        """The panel has no fields."""


class ConnectionsPanel(BaseSettingsPanel):
    """Shown to everyone who has a token or may issue one."""

    name = "mcp_connections"
    title = _("My connections")
    tab = connections_tab
    order = 100
    form_class = NothingToSave
    template_name = "mcp_server/account/connections.html"

    def is_active(self) -> bool:
        return self._may({"add"}) or MCPToken.objects.filter(user=self.user).exists()

    def get_context_data(self) -> dict[str, Any]:
        tokens = list(MCPToken.objects.filter(user=self.user))
        for token in tokens:
            token.status = TokenStatus.of(token).label  # type: ignore[attr-defined]  # for the template
        return {
            "tokens": tokens,
            "add_url": self._url("add") if self._may({"add"}) else "",
            "may_open": self._may(ANY),
            "may_revoke": self._may(REVOKING),
        }

    def _may(self, actions: Any) -> bool:
        return bool(policy.user_has_any_permission(self.user, actions))

    def _url(self, name: str) -> str:
        return reverse(MCPToken.snippet_viewset.get_url_name(name))  # type: ignore[attr-defined]  # set by Wagtail
