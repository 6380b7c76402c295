"""Where the report and the token's page lead: history, comparison, the editor."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.models import Page, Revision
from wagtail.permission_policies.pages import PagePermissionPolicy

from mcp_server.models import MCPCall


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses of one call; "" where there is nothing that this user may open."""

    edit: str = ""
    history: str = ""
    compare: str = ""


def with_links(calls: Iterable[MCPCall], user: Any) -> list[MCPCall]:
    """The calls with ``links`` and ``subject`` on each; a handful of queries for all of them."""
    rows = list(calls)
    pages = _editable(rows, user)
    revisions = _existing(rows)
    finder = AdminURLFinder(user)
    for row in rows:
        page = pages.get(_page_id(row))
        row.subject = row.object_title or (page.get_admin_display_title() if page else "")  # type: ignore[attr-defined]  # for templates
        row.links = _page_links(row, page, revisions) if page else _other(row, finder)  # type: ignore[attr-defined]  # for templates
    return rows


def _page_id(row: MCPCall) -> int:
    page_type = ContentType.objects.get_for_model(Page).pk
    return int(row.object_id) if row.content_type_id == page_type and row.object_id else 0


def _editable(rows: list[MCPCall], user: Any) -> dict[int, Page]:
    policy: Any = PagePermissionPolicy()
    mine = policy.instances_user_has_any_permission_for(user, {"add", "change", "publish"})
    return {page.pk: page for page in mine.filter(pk__in={_page_id(row) for row in rows})}


def _existing(rows: list[MCPCall]) -> set[int]:
    wanted = {number for row in rows for number in (row.revision_before, row.revision_after)}
    return set(Revision.objects.filter(pk__in=wanted - {None}).values_list("pk", flat=True))


def _page_links(row: MCPCall, page: Page, revisions: set[int]) -> Links:
    return Links(
        edit=reverse("wagtailadmin_pages:edit", args=[page.pk]),
        history=reverse("wagtailadmin_pages:history", args=[page.pk]),
        compare=comparison(page, row, revisions),
    )


def comparison(page: Page, row: MCPCall, revisions: set[int]) -> str:
    """Wagtail's comparison of the page before and after the call; "" when nothing was before."""
    before, after = row.revision_before, row.revision_after
    if before == after or not {before, after} <= revisions:
        return ""
    return reverse("wagtailadmin_pages:revisions_compare", args=[page.pk, before, after])


def _other(row: MCPCall, finder: AdminURLFinder) -> Links:
    model = row.content_type.model_class() if row.content_type else None
    if model is None or issubclass(model, Page) or not row.object_id:
        return Links()
    found = model._default_manager.filter(pk=row.object_id).first()
    return Links(edit=(found and finder.get_edit_url(found)) or "")
