"""What the plugin adds to Wagtail's admin."""

from typing import Any

from django.apps import apps
from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.staticfiles import versioned_static
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet

from . import log_actions
from .admin.account import ConnectionsPanel
from .admin.bulk import DeleteTokensBulkAction, RevokeTokensBulkAction
from .admin.home import AssistantDraftsPanel
from .admin.policy import policy
from .admin.reach import reach
from .admin.report import ActivityMenuItem, ActivityReport
from .admin.undoing import UndoCallsBulkAction
from .admin.viewsets import MCPTokenViewSet
from .models import MCPToken, StyleGuide

# Before the viewset, which would settle for Wagtail's default policy.
register_permission_policy(MCPToken, policy, exact_class=True)
register_snippet(MCPTokenViewSet)

# After Wagtail's own action of the same name, which it replaces for tokens.
hooks.register("register_bulk_action", DeleteTokensBulkAction, order=1)
hooks.register("register_bulk_action", RevokeTokensBulkAction)
hooks.register("register_bulk_action", UndoCallsBulkAction)
hooks.register("register_account_settings_panel", ConnectionsPanel)

if apps.is_installed("wagtail.contrib.settings"):
    from wagtail.contrib.settings.registry import registry as settings_registry

    settings_registry.register(StyleGuide, icon="openquote")


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    actions.register_action("mcp_server.revoke", _("Revoke MCP token"), _("MCP token revoked"))
    actions.register_action("mcp_server.rotate", _("New secret"), _("New secret made"))
    log_actions.register(actions)


@hooks.register("register_permissions")
def register_permissions() -> "QuerySet[Permission]":
    return Permission.objects.filter(content_type__app_label="mcp_server", codename="view_mcpcall")


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLPattern]:
    report = ActivityReport.as_view()
    results = ActivityReport.as_view(results_only=True)
    return [
        path("mcp/reach/", reach, name="mcp_server_reach"),
        path("reports/mcp-activity/", report, name="mcp_server_activity"),
        path("reports/mcp-activity/results/", results, name="mcp_server_activity_results"),
    ]


@hooks.register("register_reports_menu_item")
def register_reports_menu_item() -> ActivityMenuItem:
    return ActivityMenuItem(
        _("MCP activity"), reverse("mcp_server_activity"), icon_name="history", order=1050
    )


@hooks.register("insert_global_admin_css")
def own_styles() -> str:
    # Everywhere, because the panels on Wagtail's own screens need it too: two kilobytes.
    address = versioned_static("mcp_server/css/tokens.css")
    return format_html('<link rel="stylesheet" href="{}">', address)


@hooks.register("construct_homepage_panels")
def add_assistant_drafts(request: Any, panels: list[Any]) -> None:
    panels.append(AssistantDraftsPanel())
