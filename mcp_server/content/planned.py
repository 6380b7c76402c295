"""When a page or snippet goes live and expires by Wagtail's schedule, in the site's zone."""

from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from .clock import comparable, shown


def goes_live(thing: Any) -> str | None:
    """The moment for which a revision was approved; None without a schedule."""
    planned = getattr(thing, "scheduled_revision", None)
    return shown(planned.approved_go_live_at) if planned else None


def expiries(thing: Any) -> list[str]:
    """When it expires: as it is now, and as the revision that waits for its time would have it."""
    planned = getattr(thing, "scheduled_revision", None)
    found = [None if thing.expired else thing.expire_at, _expiry_in(planned) if planned else None]
    # As shown: the revision's own moment has fewer digits than the database's.
    return list(dict.fromkeys(shown(moment) for moment in found if moment is not None))


def _expiry_in(revision: Any) -> datetime | None:
    text = revision.content.get("expire_at")
    moment = parse_datetime(text) if text else None
    return comparable(moment) if moment else None
