"""The upload ticket: an address for one file that does not fit into a tool call."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac

if TYPE_CHECKING:
    from mcp_server.api import Actor

SECRET_LENGTH = 32
_SALT = "media_tools.UploadTicket"


class UploadTicket(models.Model):
    """Lets whoever knows its address store one file, as the user whose token asked for it.

    ``fields`` are the arguments of the tool that issued it. The address is not kept: the row
    has a digest.
    """

    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # None only where a site in DEBUG serves without authentication.
    token = models.ForeignKey(
        "mcp_server.MCPToken", null=True, on_delete=models.CASCADE, related_name="+"
    )
    tool = models.CharField(max_length=48)
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"{self.tool} #{self.pk}"

    @classmethod
    def issue(
        cls, actor: "Actor", tool: str, fields: dict[str, Any], lifetime: timedelta
    ) -> tuple[Self, str]:
        """A new ticket, and the secret part of its address, which is known only now."""
        secret = get_random_string(SECRET_LENGTH)
        ticket = cls.objects.create(
            key_hash=_digest(secret),
            user=actor.user,
            token=actor.token,
            tool=tool,
            fields=fields,
            expires_at=timezone.now() + lifetime,
        )
        return ticket, secret

    @classmethod
    def of(cls, secret: str) -> Self | None:
        """The ticket behind an address, if it may be used now."""
        tickets = cls.objects.select_related("user", "token__user")
        ticket = tickets.filter(key_hash=_digest(secret)).first()
        return ticket if ticket is not None and ticket.is_open else None

    @property
    def is_open(self) -> bool:
        """Not used, not expired; the user is active and the token still grants the tool."""
        if self.used_at is not None or self.expires_at <= timezone.now():
            return False
        if not self.user.is_active:
            return False
        return self.token is None or (self.token.is_valid and self.token.can_use_tool(self.tool))

    def claim(self) -> bool:
        """Use the ticket up, inside the transaction that stores the file; False: it is too late.

        A rollback gives it back, so that a failed upload can be tried again.
        """
        now = timezone.now()
        unused = type(self).objects.filter(pk=self.pk, used_at=None, expires_at__gt=now)
        return bool(unused.update(used_at=now))


def _digest(secret: str) -> str:
    return salted_hmac(_SALT, secret, algorithm="sha256").hexdigest()
