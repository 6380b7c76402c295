"""What a creating call answered, so that the same call sent again is answered the same."""

from django.contrib.contenttypes.models import ContentType
from django.db import models

from .tokens import MCPToken


class MCPReceipt(models.Model):
    """The answer to one creating call of a token.

    ``key`` is the client's own key, or follows from the arguments. The unique constraint decides
    which of several identical calls is the one that happens.
    """

    token = models.ForeignKey(MCPToken, on_delete=models.CASCADE, related_name="receipts")
    key = models.CharField(max_length=140)
    fingerprint = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True, db_index=True)
    answer = models.JSONField(default=dict)
    content_type = models.ForeignKey(
        ContentType, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    object_id = models.CharField(max_length=255, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="mcp_receipt_key")]

    def __str__(self) -> str:
        return self.key[:20]
