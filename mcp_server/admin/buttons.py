"""What one may do with a token besides Wagtail's own actions."""

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.widgets.button import Button

from mcp_server.models import MCPToken

from .access import RevokeUrlMixin
from .policy import ISSUING, REVOKING

if TYPE_CHECKING:
    from wagtail.admin.views.generic import PermissionCheckedMixin as Base
else:
    Base = object


class TokenButtonsMixin(RevokeUrlMixin, Base):
    """Adds “New secret” and “Revoke” where the user may; the viewset fills the names in."""

    rotate_url_name: str | None = None

    def own_buttons(self, token: MCPToken) -> list[Any]:
        buttons = []
        if token.is_valid and self.user_has_any_permission(ISSUING):
            url = reverse(self.rotate_url_name, args=[token.pk])
            buttons.append(Button(_("New secret"), url=url, icon_name="rotate", priority=14))
        if token.is_active and self.user_has_any_permission(REVOKING):
            url = self.get_revoke_url(token)
            buttons.append(Button(_("Revoke"), url=url, icon_name="circle-xmark", priority=15))
        return buttons
