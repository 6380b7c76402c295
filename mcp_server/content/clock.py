"""The site's clock: its zone where it has one, its naive local time where it has not."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone


def local(moment: datetime | None = None) -> datetime:
    """``moment``, or now, in the site's zone; naive when ``USE_TZ`` is False."""
    moment = moment or timezone.now()
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def comparable(moment: datetime) -> datetime:
    """A moment that the database's own can be compared with, whatever the client sent."""
    if settings.USE_TZ:
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    return timezone.make_naive(moment) if timezone.is_aware(moment) else moment


def shown(moment: datetime) -> str:
    """ISO 8601 to the minute, in the site's zone."""
    return local(moment).isoformat(timespec="minutes")
