"""The entry that a write leaves in the history of what it touched."""

from collections.abc import Mapping
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils import timezone
from wagtail.log_actions import get_active_log_context, log
from wagtail.models import Page, PageLogEntry, Revision

from mcp_server.actor import Actor
from mcp_server.registry import ToolSpec

ACTION = "mcp_server.call"


def note(
    actor: Actor,
    spec: ToolSpec,
    instance: Model,
    client: Mapping[str, str],
    made: Revision | None = None,
) -> None:
    """Name the tool, the token and the client in Wagtail's log, in the running LogContext.

    ``made`` is the revision that the call saved, if it saved one.

    Models that Wagtail keeps no log of are passed over, as Wagtail does itself.
    """
    data: dict[str, Any] = {"tool": spec.name}
    if actor.token is not None:
        data |= {"token": actor.token.name, "token_id": actor.token.pk}
    if client:
        data["client"] = dict(client)
    if spec.kind == "destructive" and isinstance(instance, Page) and _is_gone(instance):
        _note_deleted(actor, instance, data)
        return
    named = {"revision": made} if made else {}
    log(instance=instance, action=ACTION, user=actor.user, data=data, **named)


def _is_gone(page: Page) -> bool:
    return not Page.objects.filter(pk=page.pk).exists()


def _note_deleted(actor: Actor, page: Page, data: dict[str, Any]) -> None:
    entry = PageLogEntry(
        page_id=page.pk,
        content_type=ContentType.objects.get_for_model(page, for_concrete_model=False),
        label=PageLogEntry.objects.get_instance_title(page),
        action=ACTION,
        timestamp=timezone.now(),
        user=actor.user,
        uuid=get_active_log_context().uuid,
        data=data,
        deleted=True,
    )
    # Not log(): saving an entry validates that its page is there.
    PageLogEntry.objects.bulk_create([entry])
