"""The access token: who a client acts as, what it may call, until when."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import OperationalError, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mcp_server import digests
from mcp_server.conf import mcp_settings
from mcp_server.registry import registry

from .finding import MCPTokenQuerySet, revoke_and_unset

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

logger = logging.getLogger("mcp_server")


class MCPToken(models.Model):
    """A bearer token of one user for MCP clients.

    The secret is readable as ``token.token`` on the instance that was just created and nowhere
    else: the row keeps an HMAC-SHA-256 digest. ``allowed_tools`` empty means every tool but
    those that need a grant by name (Database).
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="mcp_tokens",
        verbose_name=_("user"),
        help_text=_("Every call is made as this user, with exactly this user's permissions."),
    )
    name = models.CharField(
        _("name"),
        max_length=100,
        help_text=_("Shown in page histories, for example “Claude on my laptop”."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    expires_at = models.DateTimeField(
        _("expires at"), null=True, blank=True, help_text=_("Leave empty for no expiry.")
    )
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    allowed_tools = models.JSONField(
        _("tools"),
        default=list,
        blank=True,
        help_text=_("What a client with this token may call. Nothing ticked: every tool."),
    )
    root_page = models.ForeignKey(
        "wagtailcore.Page",
        on_delete=revoke_and_unset,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only below this page"),
        help_text=_(
            "The token sees this page and what is below it, and nothing else. When the page is "
            "deleted, the token is revoked. Leave empty for the whole site."
        ),
    )
    note = models.TextField(
        _("note"),
        blank=True,
        help_text=_("For people: what the token is for, whom to ask. Clients never see it."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    suffix = models.CharField(max_length=digests.SHOWN, editable=False)
    # The secret before the last rotation, for as long as both work.
    previous_key_hash = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    previous_valid_until = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("revoked by"),
    )

    objects = MCPTokenQuerySet.as_manager()

    _secret: str | None = None

    class Meta:
        verbose_name = _("MCP token")
        verbose_name_plural = _("MCP tokens")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_masked_token()})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.key_hash:
            self._set_secret(digests.generate())
        super().save(*args, **kwargs)

    @property
    def token(self) -> str | None:
        """The secret, on the instance that was just created; None on any other."""
        return self._secret

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def is_valid(self) -> bool:
        """Active, not expired, and of an active user."""
        return self.is_active and not self.is_expired and bool(self.user.is_active)

    @property
    def has_two_secrets(self) -> bool:
        """Whether the secret before the last rotation still works, too."""
        return self.previous_valid_until is not None and self.previous_valid_until > timezone.now()

    def can_use_tool(self, name: str) -> bool:
        """Whether the token grants the tool; the user's own permissions still apply."""
        if name in self.allowed_tools:
            return True
        return not self.allowed_tools and not registry.needs_name(name)

    def get_masked_token(self) -> str:
        """``wagtail_mcp_…`` and the secret's last four characters."""
        return f"{digests.PREFIX}…{self.suffix}"

    def record_usage(self) -> None:
        """Note the use, at most once per ``TOKEN_USED_INTERVAL`` seconds."""
        now = timezone.now()
        interval = timedelta(seconds=mcp_settings().TOKEN_USED_INTERVAL)
        if self.last_used_at is None or now - self.last_used_at >= interval:
            try:
                # update(), not save(): a revocation in flight must win.
                MCPToken.objects.filter(pk=self.pk).update(last_used_at=now)
            except OperationalError:
                # A full disk, or a lock that somebody keeps, must not end reading as well.
                logger.warning("the use of an MCP token could not be noted", exc_info=True)
                return
            self.last_used_at = now

    def rehash(self, candidates: Sequence[str]) -> None:
        """Store the digest under the current key when a former key found the row.

        ``candidates`` are the digests of the secret, the one under the current key first.
        """
        current = candidates[0]
        for field in ("key_hash", "previous_key_hash"):
            if getattr(self, field) in candidates and getattr(self, field) != current:
                MCPToken.objects.filter(pk=self.pk).update(**{field: current})
                setattr(self, field, current)

    def rotate(self, overlap: timedelta = timedelta(0)) -> None:
        """Give the token a new secret, readable as ``token`` on this instance.

        The one before works for ``overlap`` longer; the one before that stops at once.
        """
        former = self.key_hash if overlap else ""
        self._set_secret(digests.generate())
        self.previous_key_hash = former
        self.previous_valid_until = timezone.now() + overlap if overlap else None
        self.save(
            update_fields=[
                "key_hash", "suffix", "previous_key_hash", "previous_valid_until", "updated_at",
            ]
        )  # fmt: skip

    def revoke(self, by: "AbstractBaseUser | None" = None) -> bool:
        """Stop the token for good; False when it was stopped before."""
        values: dict[str, Any] = {
            "is_active": False,
            "revoked_at": timezone.now(),
            "revoked_by": by,
            "previous_key_hash": "",
            "previous_valid_until": None,
        }
        # The condition makes two revocations at once leave one log entry.
        if not MCPToken.objects.filter(pk=self.pk, is_active=True).update(**values):
            return False
        for name, value in values.items():
            setattr(self, name, value)
        return True

    def _set_secret(self, secret: str) -> None:
        self._secret = secret
        self.key_hash = digests.digest(secret)
        self.suffix = secret[-digests.SHOWN :]
