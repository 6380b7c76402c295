"""What a token did: its last uses, its calls per day, its refusals."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from mcp_server.models import MCPCall, MCPReads, MCPToken

from .links import with_links

DAYS = 14
LAST = 10


@dataclass(frozen=True, slots=True)
class Day:
    """The calls of one day, and how wide their bars are in percent of the busiest day."""

    day: date
    reads: int
    changes: int
    refusals: int
    busiest: int

    @property
    def total(self) -> int:
        return self.reads + self.changes + self.refusals

    @property
    def widths(self) -> dict[str, int]:
        scale = 100 / max(self.busiest, 1)
        return {
            name: round(getattr(self, name) * scale) for name in ("reads", "changes", "refusals")
        }


def activity(token: MCPToken, viewer: Any) -> dict[str, Any]:
    """Everything that the page of a token shows of its use; links are those of the viewer."""
    calls = MCPCall.objects.filter(token=token).select_related("user", "content_type")
    refused = calls.exclude(outcome="success")
    return {
        "last_calls": with_links(calls.filter(outcome="success")[:LAST], viewer),
        "refusals": with_links(refused[:LAST], viewer),
        "days": calls_per_day(token),
    }


def calls_per_day(token: MCPToken) -> list[Day]:
    """The last fourteen days, today first; days without a call included."""
    today = timezone.localdate()
    days = [today - timedelta(days=back) for back in range(DAYS)]
    reads, changes, refusals = _reads(token, days), Counter[date](), Counter[date]()
    rows = (
        MCPCall.objects.filter(token=token, at__date__gte=days[-1])
        .order_by()
        .annotate(day=TruncDate("at"))
        .values("day", "outcome")
        .annotate(total=Sum("times"))
        .values_list("day", "outcome", "total")
    )
    for day, outcome, times in rows:
        (changes if outcome == "success" else refusals)[day] += times
    busiest = max(reads[day] + changes[day] + refusals[day] for day in days)
    return [Day(day, reads[day], changes[day], refusals[day], busiest) for day in days]


def _reads(token: MCPToken, days: list[date]) -> Counter[date]:
    stored = MCPReads.objects.filter(token=token, day__gte=days[-1]).values_list("day", "count")
    found = Counter(dict(stored))
    # Counted but not stored yet; seen where the processes share a cache.
    found[days[0]] += cache.get(f"mcp_server.reads.{token.pk}.{days[0]}", 0)
    return found
