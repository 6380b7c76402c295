"""Drafts of others that the caller may not have read."""

from wagtail.models import Page

from mcp_server.actor import Actor
from mcp_server.errors import Conflict

from .clock import shown
from .people import display_name


def refuse_unread(actor: Actor, page: Page, read: int | None, done: str, name: str) -> None:
    """Raise Conflict unless the newest draft is ``read``, the revision that the caller names in
    the parameter ``name``; without that, unless it is the caller's own."""
    latest = page.get_latest_revision()
    if latest is None or latest.pk == read:
        return
    if read is None and latest.user_id == actor.user.pk:
        return
    after = "" if read is None else f", after revision {read}"
    raise Conflict(
        f"Nothing was {done}: {display_name(latest.user)} saved revision {latest.pk} at "
        f"{shown(latest.created_at)}{after}. Call get_page_content({page.pk}) and decide on that "
        f"one; pass its revision_id{'' if name == 'revision_id' else f' as {name}'}."
    )
