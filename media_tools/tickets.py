"""Upload tickets, from the tool that issues one to the file that comes in through it."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from wagtail.log_actions import LogContext, log

from mcp_server.api import (
    Actor,
    CallRecord,
    Change,
    Refused,
    absolute_url,
    cleanup_on_error,
    mcp_settings,
)

from .fetching import Fetched
from .models import UploadTicket
from .shapes import UploadAddress
from .uploads import UPLOADS

MAX_OPEN = 50
NEXT = (
    "PUT the file's bytes to upload_url, without other headers or fields: "
    "curl -T FILE UPLOAD_URL. The reply is the stored file."
)


class Gone(Refused):
    """The ticket was good a moment ago."""

    code = "gone"


def ticket_for(actor: Actor, tool: str, fields: dict[str, Any]) -> UploadAddress:
    """A single-use address; what would be refused later is refused now."""
    upload = UPLOADS[tool]
    upload.check_fields(actor, **fields)
    _tidy()
    open_tickets = UploadTicket.objects.filter(
        user_id=actor.user.pk, used_at=None, expires_at__gt=timezone.now()
    )
    if open_tickets.count() >= MAX_OPEN:
        raise Refused(f"This user has {MAX_OPEN} unused upload addresses. Use one of those first.")
    lifetime = timedelta(minutes=mcp_settings().UPLOAD_MINUTES)
    ticket, secret = UploadTicket.issue(actor, tool, fields, lifetime)
    return UploadAddress(
        upload_url=_address(secret),
        expires_at=timezone.localtime(ticket.expires_at).isoformat(timespec="seconds"),
        max_bytes=upload.max_bytes(),
        next=NEXT,
    )


def redeem(ticket: UploadTicket, content: bytes, record: CallRecord) -> Change:
    """Store the file as the ticket's user, with the checks, history and record of a tool call."""
    upload = UPLOADS[ticket.tool]
    fields = dict(ticket.fields)
    filename = fields.pop("filename", None) or ""
    prepared = upload.check(Fetched(content, filename))
    with cleanup_on_error(), transaction.atomic(), LogContext(user=ticket.user):
        # Read anew: permissions may have gone while the file came in.
        fresh = UploadTicket.objects.select_related("user", "token__user").get(pk=ticket.pk)
        if not (fresh.is_open and fresh.claim()):
            raise Gone("This upload address is used, expired or withdrawn; nothing was stored.")
        result = upload.store(acting(fresh), prepared, **fields)
        if result.instance is not None:
            _note(fresh, result)
        record.success(acting(fresh), result.instance, result.undo)
        return result


def acting(ticket: UploadTicket) -> Actor:
    """Whom the file is stored for."""
    return Actor(ticket.user, ticket.token)


def _note(ticket: UploadTicket, result: Change) -> None:
    data: dict[str, Any] = {"tool": ticket.tool}
    if ticket.token is not None:
        data |= {"token": ticket.token.name, "token_id": ticket.token.pk}
    log(instance=result.instance, action="mcp_server.call", user=ticket.user, data=data)


def _address(secret: str) -> str:
    try:
        return absolute_url(reverse("media_tools:upload", args=[secret]))
    except NoReverseMatch:
        raise Refused(
            "This site has no upload addresses; its developer can include media_tools.urls. "
            "Send the file in `data` or name its `url`."
        ) from None


def _tidy() -> None:
    """Tickets are of no use to anybody a day after they end."""
    UploadTicket.objects.filter(expires_at__lt=timezone.now() - timedelta(days=1)).delete()
