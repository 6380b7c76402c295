"""How long a token lasts: a few sensible spans, a date, or for good, within the site's limit."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from mcp_server.conf import mcp_settings

DAYS = (1, 7, 30, 90, 180, 365)
DATE, NEVER = "date", "never"

Choice = tuple[str, str | Promise]


def choices(*, never: bool = False) -> list[Choice]:
    """Spans within the limit, a date, and no expiry where nothing limits it or ``never`` is set."""
    limit, default = mcp_settings().TOKEN_MAX_DAYS, default_days()
    days = sorted({*DAYS, default, *([limit] if limit else [])})
    spans: list[Choice] = [(str(n), _span(n)) for n in days if not limit or n <= limit]
    spans.append((DATE, _("On a date …")))
    return spans if limit and not never else [*spans, (NEVER, _("Never"))]


def default_days() -> int:
    """``TOKEN_DEFAULT_DAYS``, or the limit where that is less."""
    own = mcp_settings()
    return min(own.TOKEN_DEFAULT_DAYS, own.TOKEN_MAX_DAYS or own.TOKEN_DEFAULT_DAYS)


def check(expires_at: datetime | None, issued: datetime | None = None) -> None:
    """Raises ValidationError when a token would outlast ``TOKEN_MAX_DAYS``, counted from issue."""
    limit = mcp_settings().TOKEN_MAX_DAYS
    if not limit:
        return
    # A minute's grace: the form was read a moment ago.
    last = (issued or timezone.now()) + timedelta(days=limit, minutes=1)
    if expires_at is None or expires_at > last:
        raise ValidationError(
            _("A token of this site lasts until %(last)s at most."),
            code="too_long",
            params={"last": date_format(timezone.localtime(last), "DATETIME_FORMAT")},
        )


def _span(days: int) -> str:
    return ngettext("%(days)d day from now", "%(days)d days from now", days) % {"days": days}
