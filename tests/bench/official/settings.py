"""The demo site with the official server in place of our plugin."""

from tests.bench.settings import *  # noqa: F403 - Django's way to layer settings
from tests.bench.settings import INSTALLED_APPS

INSTALLED_APPS = ["tests.bench.official", "wagtail_mcp", "wagtail.api.v3", *INSTALLED_APPS]
ROOT_URLCONF = "tests.bench.official.urls"
