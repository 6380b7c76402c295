"""The report “MCP activity”: every call that wrote or was refused."""

from typing import Any

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, MultipleUserFilter, WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.reports import ReportView

from mcp_server.models import MCPCall, MCPCallQuerySet, MCPToken
from mcp_server.registry import registry

from .links import with_links
from .outcomes import OUTCOMES, outcome_label
from .policy import ANY, policy, token_owners
from .widgets import KINDS


def may_see(user: Any) -> bool:
    """Who may see tokens may see what was done with them."""
    return bool(
        policy.user_has_any_permission(user, ANY) or user.has_perm("mcp_server.view_mcpcall")
    )


def visible_calls(user: Any) -> MCPCallQuerySet:
    """Calls of the users whose tokens this one manages; all, with the permission on calls."""
    calls: MCPCallQuerySet = MCPCall.objects.select_related("user", "token", "content_type")
    if user.has_perm("mcp_server.view_mcpcall"):
        return calls
    return calls.filter(user__in=token_owners(user))


def _tokens(request: HttpRequest) -> "QuerySet[MCPToken]":
    return MCPToken.objects.filter(pk__in=visible_calls(request.user).order_by().values("token"))


class ActivityFilterSet(WagtailFilterSet):
    at = django_filters.DateFromToRangeFilter(label=_("Date"), widget=DateRangePickerWidget)
    token = django_filters.ModelMultipleChoiceFilter(
        label=_("Token"), queryset=_tokens, widget=CheckboxSelectMultiple
    )
    user = MultipleUserFilter(
        label=_("User"),
        queryset=lambda request: token_owners(request.user).filter(
            pk__in=visible_calls(request.user).order_by().values("user")
        ),
        widget=CheckboxSelectMultiple,
    )
    tool = django_filters.MultipleChoiceFilter(
        label=_("Tool"),
        choices=lambda: [(spec.name, spec.name) for spec in registry],
        widget=CheckboxSelectMultiple,
    )
    kind = django_filters.MultipleChoiceFilter(
        label=_("Kind"),
        # Of the reads only those that were refused have a row.
        choices=[(kind, words[0]) for kind, words in KINDS.items()],
        widget=CheckboxSelectMultiple,
    )
    outcome = django_filters.MultipleChoiceFilter(
        label=_("Outcome"), choices=list(OUTCOMES.items()), widget=CheckboxSelectMultiple
    )

    class Meta:
        model = MCPCall
        fields: list[str] = []


class ActivityReport(ReportView):
    """Wagtail's report, with its filters and its CSV and XLSX exports."""

    page_title = _("MCP activity")
    header_icon = "history"
    template_name = "mcp_server/reports/activity.html"
    results_template_name = "mcp_server/reports/activity_results.html"
    index_url_name = "mcp_server_activity"
    index_results_url_name = "mcp_server_activity_results"
    filterset_class = ActivityFilterSet
    default_ordering = "-at"
    is_searchable = False
    list_export = [
        "at", "token_name", "user", "tool", "kind", "content_type", "object_id", "object_title",
        "outcome", "times", "revision_before", "revision_after", "milliseconds", "client",
    ]  # fmt: skip
    export_headings = {
        "at": _("Time"),
        "token_name": _("Token"),
        "user": _("User"),
        "tool": _("Tool"),
        "kind": _("Kind"),
        "content_type": _("Type"),
        "object_id": _("ID"),
        "object_title": _("Page or object"),
        "outcome": _("Outcome"),
        "times": _("Times"),
        "revision_before": _("Revision before"),
        "revision_after": _("Revision after"),
        "milliseconds": _("Milliseconds"),
        "client": _("Client"),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        text = {
            "user": str,
            "content_type": str,
            "kind": lambda kind: str(KINDS[kind][0]) if kind in KINDS else kind,
            "outcome": outcome_label,
            **dict.fromkeys(("token_name", "object_title", "client"), no_formula),
        }
        own = {
            name: dict.fromkeys(("csv", "xlsx"), _plain(change)) for name, change in text.items()
        }
        self.custom_field_preprocess: dict[str, Any] = {**super().custom_field_preprocess, **own}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not may_see(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> "QuerySet[MCPCall]":
        # What undoing needs may be a whole deleted section.
        return visible_calls(self.request.user).defer("data")

    def filter_queryset(self, queryset: "QuerySet[MCPCall]") -> "QuerySet[MCPCall]":
        # Wagtail leaves a filter that it cannot read out, and would show or export everything.
        if self.filters and not self.filters.is_valid():
            return queryset.none()
        filtered: QuerySet[MCPCall] = super().filter_queryset(queryset)
        return filtered

    def get_filename(self) -> str:
        return f"mcp-activity-{timezone.localdate():%Y-%m-%d}"

    def decorate_paginated_queryset(self, object_list: Any) -> Any:
        return object_list if self.is_export else with_links(object_list, self.request.user)


class ActivityMenuItem(MenuItem):
    """Below “Reports”, for those who may see it."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_see(request.user)


def no_formula(text: str) -> str:
    """``text`` as a spreadsheet shows it: a client chooses its name, which could be a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _plain(change: Any) -> Any:
    return lambda value: "" if value is None else change(value)
