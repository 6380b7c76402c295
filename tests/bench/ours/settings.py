"""The demo site with the plugin, and one tool that does nothing."""

from tests.bench.settings import *  # noqa: F403 - Django's way to layer settings
from tests.bench.settings import INSTALLED_APPS, MCP_SERVER, PLUGIN

INSTALLED_APPS = [*PLUGIN, "tests.bench.ours", *INSTALLED_APPS]
# Out of reach but counted, so that the figures hold what counting costs.
MCP_SERVER |= {"RATE_LIMIT": "10000000/minute"}
