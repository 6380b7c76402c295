"""ASGI entry point of the official server's site."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.official.settings")

application = get_asgi_application()
