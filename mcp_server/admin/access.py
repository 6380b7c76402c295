"""What every screen of the tokens has in common: whose tokens it knows, and how it refuses."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.views import defaults

from mcp_server.models import MCPToken

from .policy import ANY, policy

if TYPE_CHECKING:
    # For the type checker a mixin is a view; at run time it only joins one.
    from django.views import View as Base
else:
    Base = object


class RefusedPostMixin(Base):
    """Answers a forbidden POST with 403: nobody gets there through the screens.

    Wagtail's own answer, a redirect with a message, stays for the pages one can walk into.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().dispatch(request, *args, **kwargs)
        except PermissionDenied as error:
            if request.method != "POST":
                raise
            return defaults.permission_denied(request, error)


class RevokeUrlMixin:
    """Knows the address of the revoke screen; the viewset fills the name in."""

    revoke_url_name: str | None = None

    def get_revoke_url(self, token: MCPToken) -> str:
        return reverse(self.revoke_url_name, args=[token.pk])


class ManageableMixin(RefusedPostMixin):
    """Knows no other tokens than those the user may manage; any other id is a 404."""

    def manageable(self) -> "QuerySet[MCPToken]":
        return policy.instances_user_has_any_permission_for(self.request.user, ANY)


class OneTokenMixin(ManageableMixin):
    """For Wagtail's views that look their object up through ``get_queryset``."""

    def get_queryset(self) -> "QuerySet[MCPToken]":
        return self.manageable()


class TokenRecordsMixin(ManageableMixin):
    """For Wagtail's views that list something else about one object."""

    def get_base_object_queryset(self) -> "QuerySet[MCPToken]":
        return self.manageable()
