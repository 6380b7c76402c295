"""The addresses that the plugin answers through Django; ``/mcp/`` itself is ASGI.

``path("mcp-preview/", include("mcp_server.urls"))`` above Wagtail's own addresses.
"""

from django.urls import path

from .views import preview

app_name = "mcp_server"

urlpatterns = [path("<str:signed>/", preview, name="preview")]
