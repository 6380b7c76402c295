"""The state of a token in one word, and what else somebody should look at."""

from datetime import timedelta

from django.db.models import Q, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mcp_server.models import MCPToken


class TokenStatus(TextChoices):
    """In the order in which a request is checked: the first that applies is the answer."""

    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Expired")
    USER_INACTIVE = "user_inactive", _("User inactive")
    ACTIVE = "active", _("Active")

    @classmethod
    def of(cls, token: MCPToken) -> "TokenStatus":
        if not token.is_active:
            return cls.REVOKED
        if token.is_expired:
            return cls.EXPIRED
        return cls.ACTIVE if token.user.is_active else cls.USER_INACTIVE

    def condition(self) -> Q:
        """The same rule as a database condition."""
        expired = Q(expires_at__lte=timezone.now())
        if self is TokenStatus.REVOKED:
            return Q(is_active=False)
        if self is TokenStatus.EXPIRED:
            return Q(is_active=True) & expired
        user_active = self is TokenStatus.ACTIVE
        return Q(is_active=True) & ~expired & Q(user__is_active=user_active)


SOON = timedelta(days=14)


class TokenMark(TextChoices):
    """Marks of a token that works; each is a filter of the list as well."""

    EXPIRING = "expiring", _("Expires soon")
    NEVER_USED = "never_used", _("Never used")

    @classmethod
    def of(cls, token: MCPToken) -> "list[TokenMark]":
        if TokenStatus.of(token) is not TokenStatus.ACTIVE:
            return []
        soon = token.expires_at is not None and token.expires_at <= timezone.now() + SOON
        return [
            mark
            for mark, applies in ((cls.EXPIRING, soon), (cls.NEVER_USED, not token.last_used_at))
            if applies
        ]

    def condition(self) -> Q:
        """The same rule as a database condition."""
        own = Q(last_used_at=None)
        if self is TokenMark.EXPIRING:
            own = Q(expires_at__lte=timezone.now() + SOON)
        return TokenStatus.ACTIVE.condition() & own
