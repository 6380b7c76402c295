"""ASGI entry point: the site, and the MCP server under `/mcp`."""

import os

from django.core.asgi import get_asgi_application as get_django_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.dev")

# First, because it sets Django up: what follows needs settings and models.
django_application = get_django_application()

from mcp_server.transport.mount import get_asgi_application  # noqa: E402

application = get_asgi_application(django_application)
