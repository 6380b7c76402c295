"""From a secret to the user it stands for."""

from typing import TYPE_CHECKING

from . import digests
from .models import MCPToken
from .models.finding import token_by_digests

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser


class MCPAuthError(Exception):
    """A secret that opens nothing; ``reason`` is a metric label, never a text for clients."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def resolve_mcp_user(secret: str) -> "tuple[AbstractUser, MCPToken]":
    """The user and token of ``secret``; its use is recorded.

    Checked in this order: malformed (no query) → unknown → revoked → expired → user inactive.
    Raises MCPAuthError with that reason.
    """
    if not digests.is_well_formed(secret):
        raise MCPAuthError("malformed")
    wanted = digests.candidates(secret)
    token = token_by_digests(wanted)
    if token is None:
        raise MCPAuthError("unknown")
    _check(token)
    # A key rotation leaves digests of the old key behind; each heals when it is used.
    token.rehash(wanted)
    token.record_usage()
    return token.user, token


def _check(token: MCPToken) -> None:
    if not token.is_active:
        raise MCPAuthError("revoked")
    if token.is_expired:
        raise MCPAuthError("expired")
    if not token.user.is_active:
        raise MCPAuthError("user_inactive")
