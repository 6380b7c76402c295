"""The home panel “Drafts from your assistants”."""

from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from wagtail.admin.ui.components import Component
from wagtail.models import Page, Revision
from wagtail.permission_policies.pages import PagePermissionPolicy

from mcp_server.models import MCPCall

SHOWN = 5
# So many of the latest calls are looked through; older drafts are no news.
LOOKED_THROUGH = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """A page whose newest draft an assistant made."""

    page: Page
    call: MCPCall
    compare: str


class AssistantDraftsPanel(Component):
    """Shown only when there is something in it."""

    name = "mcp_drafts"
    template_name = "mcp_server/home/drafts.html"
    order = 260

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(parent_context)
        return context | {"drafts": latest_drafts(parent_context["request"].user)}


def latest_drafts(user: Any) -> list[Draft]:
    """Pages that this user may edit and whose newest draft came through MCP, newest first."""
    calls = MCPCall.objects.filter(
        outcome="success",
        undone_at=None,
        content_type=ContentType.objects.get_for_model(Page),
        revision_after__isnull=False,
    ).select_related("user")
    newest: dict[int, MCPCall] = {}
    for call in calls[:LOOKED_THROUGH]:
        newest.setdefault(int(call.object_id), call)
    pages = _drafts(user, list(newest))
    found = [
        (call, pages[pk])
        for pk, call in newest.items()
        if pk in pages and pages[pk].latest_revision_id == call.revision_after
    ][:SHOWN]
    before = {page.live_revision_id for _call, page in found} - {None}
    there = set(Revision.objects.filter(pk__in=before).values_list("pk", flat=True))
    return [Draft(page.specific, call, _compare(page, there)) for call, page in found]


def _drafts(user: Any, keys: list[int]) -> dict[int, Page]:
    if not keys:
        return {}
    policy: Any = PagePermissionPolicy()
    mine = policy.instances_user_has_any_permission_for(user, {"add", "change", "publish"})
    waiting = mine.filter(pk__in=keys, has_unpublished_changes=True) | mine.filter(
        pk__in=keys, live=False
    )
    # The query is by section; who may only add has a right to edit his own pages alone.
    return {
        page.pk: page for page in waiting.distinct() if page.permissions_for_user(user).can_edit()
    }


def _compare(page: Page, there: set[int]) -> str:
    if not page.live or page.live_revision_id not in there:
        return ""
    return reverse(
        "wagtailadmin_pages:revisions_compare", args=[page.pk, "live", page.latest_revision_id]
    )
