from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MediaToolsConfig(AppConfig):
    name = "media_tools"
    verbose_name = _("MCP media tools")
    default_auto_field = "django.db.models.BigAutoField"
