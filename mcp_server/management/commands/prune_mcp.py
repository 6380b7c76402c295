"""Delete what the plugin need not keep any longer; made for a nightly job."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import QuerySet
from django.utils import timezone

from mcp_server.conf import mcp_settings
from mcp_server.models import MCPCall, MCPReads, MCPReceipt, undoable_since
from mcp_server.transport.retries import KEPT

# What a deletion keeps for its undoing; where the page was stays in the row.
SNAPSHOT = "deleted"
BATCH = 500


class Command(BaseCommand):
    help = (
        "Delete old rows of the activity report and of the read counts (CALL_DAYS), copies of "
        "deleted pages that cannot be undone any more (UNDO_DAYS), and receipts of past calls."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        calls, reads = _old_rows()
        done = {
            "calls": _deleted(calls),
            "read counts": _deleted(reads),
            "copies of deleted pages": _without_snapshots(),
            "receipts": _deleted(MCPReceipt.objects.filter(at__lt=timezone.now() - KEPT)),
        }
        counts = ", ".join(f"{count} {what}" for what, count in done.items())
        self.stdout.write(f"Deleted: {counts}.")


def _old_rows() -> "tuple[QuerySet[MCPCall], QuerySet[MCPReads]]":
    """Rows older than ``CALL_DAYS``; never a change that can still be undone."""
    days = mcp_settings().CALL_DAYS
    if not days:
        return MCPCall.objects.none(), MCPReads.objects.none()
    oldest = timezone.now() - timedelta(days=days)
    calls = MCPCall.objects.filter(at__lt=min(oldest, undoable_since()))
    return calls, MCPReads.objects.filter(day__lt=timezone.localdate(oldest))


def _deleted(rows: "QuerySet[Any]") -> int:
    return rows.delete()[0]


def _without_snapshots() -> int:
    """Take the copies out of rows that are too old to be undone, a few at a time."""
    old = MCPCall.objects.filter(at__lt=undoable_since(), data__has_key=SNAPSHOT)
    count = 0
    while rows := list(old.only("data")[:BATCH]):
        for row in rows:
            del row.data[SNAPSHOT]
        MCPCall.objects.bulk_update(rows, ["data"])
        count += len(rows)
    return count
