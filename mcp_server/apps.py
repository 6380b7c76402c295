from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MCPServerConfig(AppConfig):
    name = "mcp_server"
    verbose_name = _("MCP server")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import checks, deploy_checks  # noqa: F401 - importing registers the system checks
        from .registry import autodiscover

        autodiscover()
