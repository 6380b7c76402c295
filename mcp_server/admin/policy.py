"""Who may do what with whose token: the rules of Wagtail's own API tokens."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from django.db.models import QuerySet
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.users.utils import get_manageable_token_owners, user_can_manage_token

from mcp_server.models import MCPToken

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser, AnonymousUser

AnyUser: TypeAlias = "AbstractUser | AnonymousUser"

# Any of these lets a user into the screens.
ANY = frozenset({"add", "change", "delete", "view"})
# Stopping a token never needs more rights than issuing it.
REVOKING = ANY - {"view"}
# A new secret for a token is as good as a new token.
ISSUING = frozenset({"add", "change"})


class TokenPermissionPolicy(ModelPermissionPolicy):
    """Own tokens with the permission on MCPToken; others' only with the right to change users.

    A superuser's tokens are for superusers.
    """

    def user_has_permission_for_instance(
        self, user: AnyUser, action: str, instance: MCPToken
    ) -> bool:
        permission = self._get_permission_name(action)
        return bool(user_can_manage_token(user, instance.user, permission))

    def instances_user_has_any_permission_for(
        self, user: AnyUser, actions: Iterable[str]
    ) -> "QuerySet[MCPToken]":
        tokens: QuerySet[MCPToken] = super().instances_user_has_any_permission_for(user, actions)
        return tokens.filter(user__in=token_owners(user)).select_related("user")


def token_owners(user: AnyUser) -> "QuerySet[AbstractUser]":
    """The users whose tokens ``user`` may see and issue; always including themselves."""
    owners: QuerySet[AbstractUser] = get_manageable_token_owners(user)
    return owners


policy = TokenPermissionPolicy(MCPToken)
