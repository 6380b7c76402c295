"""What clients did: a row per call that wrote or was refused, and a daily count of the reads."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mcp_server.conf import mcp_settings

from .tokens import MCPToken

if TYPE_CHECKING:
    from wagtail.models import Revision

SUCCESS = "success"


def undoable_since() -> datetime:
    """The moment after which a change can be undone."""
    return timezone.now() - timedelta(days=mcp_settings().UNDO_DAYS)


class MCPCallQuerySet(models.QuerySet["MCPCall"]):
    """Calls, and the way from a revision to the one that made it."""

    def changes(self) -> Self:
        """Calls that changed something, and are young enough to be undone."""
        return self.filter(outcome=SUCCESS, at__gte=undoable_since()).exclude(object_id="")

    def for_revision(self, revision: "Revision") -> "MCPCall | None":
        """The call that saved this revision; None when a person did, or other code."""
        about = self.filter(
            content_type=revision.base_content_type_id, object_id=revision.object_id
        )
        made = about.filter(data__made=revision.pk).order_by("pk").first()
        # A call that saved several names the others in a key each: SQLite cannot search a list.
        also = {f"data__also__r{revision.pk}__isnull": False}
        return made or self.filter(**also).order_by("pk").first()


class MCPCall(models.Model):
    """A call that wrote, or that was refused. The row of a success commits together with the write.

    ``outcome`` is ``success`` or the code of the refusal (``invalid``, ``conflict``, …).
    Refusals that are alike share a row for an hour; ``times`` counts them.
    A page is always named by Wagtail's base page type, whatever its own type is.
    """

    token = models.ForeignKey(
        MCPToken,
        on_delete=models.SET_NULL,
        null=True,
        related_name="calls",
        verbose_name=_("token"),
    )
    # Kept for the time after the token was deleted.
    token_name = models.CharField(_("token name"), max_length=100, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="mcp_calls",
        verbose_name=_("user"),
    )
    tool = models.CharField(_("tool"), max_length=48)
    kind = models.CharField(_("kind"), max_length=11)
    outcome = models.CharField(_("outcome"), max_length=32, default=SUCCESS)
    times = models.PositiveIntegerField(_("times"), default=1)
    at = models.DateTimeField(_("time"), auto_now_add=True, db_index=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"), default=0)
    content_type = models.ForeignKey(
        ContentType, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    object_id = models.CharField(_("id"), max_length=255, blank=True)
    object_title = models.CharField(_("page or object"), max_length=255, blank=True)
    # Ids, not foreign keys: they stay when Wagtail purges revisions.
    revision_before = models.PositiveBigIntegerField(null=True)
    revision_after = models.PositiveBigIntegerField(null=True)
    client = models.CharField(_("client"), max_length=130, blank=True)
    data = models.JSONField(default=dict, blank=True)
    undone_at = models.DateTimeField(null=True)

    objects = MCPCallQuerySet.as_manager()

    class Meta:
        verbose_name = _("MCP call")
        verbose_name_plural = _("MCP calls")
        ordering = ["-at", "-pk"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["content_type", "object_id"], name="mcp_call_object"),
            models.Index(fields=["token", "at"], name="mcp_call_token_at"),
        ]

    def __str__(self) -> str:
        return f"{self.tool} {self.outcome}"

    @property
    def is_undoable(self) -> bool:
        """Whether undoing may be tried: one of ``changes()`` that was not undone yet."""
        changed = self.outcome == SUCCESS and bool(self.object_id)
        return changed and self.undone_at is None and self.at >= undoable_since()


class MCPReads(models.Model):
    """How many reading calls a token made on one day of the site's time zone."""

    token = models.ForeignKey(MCPToken, on_delete=models.CASCADE, related_name="reads")
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("MCP reads of a day")
        verbose_name_plural = _("MCP reads by day")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["token", "day"], name="mcp_reads_token_day")]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}: {self.count}"

    @classmethod
    def add(cls, token_id: int, day: date, count: int) -> None:
        """Add ``count`` to the day; counters of several processes add up."""
        changed = cls.objects.filter(token_id=token_id, day=day).update(
            count=models.F("count") + count
        )
        if not changed:
            row, made = cls.objects.get_or_create(
                token_id=token_id, day=day, defaults={"count": count}
            )
            if not made:
                cls.objects.filter(pk=row.pk).update(count=models.F("count") + count)
