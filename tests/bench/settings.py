"""What both sites share: the demo's settings for a public server, without the plugin."""

from cms.settings.base import *  # noqa: F403 - Django's way to layer settings
from cms.settings.base import INSTALLED_APPS as ALL_APPS
from cms.settings.base import LOGGING as DEMO_LOGGING
from cms.settings.base import MCP_SERVER as DEMO_MCP_SERVER

PLUGIN = ("mcp_server", "media_tools")

DEBUG = False
# The same for both, because the tokens of both are digests made with it.
SECRET_KEY = "only-for-the-benchmark-never-used-by-a-site"
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [app for app in ALL_APPS if app not in PLUGIN]
MCP_SERVER = dict(DEMO_MCP_SERVER)
# The plugin's formatter and filter cannot be imported where the plugin is not.
LOGGING = DEMO_LOGGING | {
    "filters": {},
    "handlers": {
        name: {**handler, "filters": []} for name, handler in DEMO_LOGGING["handlers"].items()
    },
    "formatters": {
        name: formatter
        for name, formatter in DEMO_LOGGING["formatters"].items()
        if not str(formatter.get("()", "")).startswith(PLUGIN)
    },
}
