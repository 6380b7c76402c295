"""Settings for the demo and for development: one process on one machine."""

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from django.core.management.utils import get_random_secret_key

from .base import *  # noqa: F403 - Django's way to layer settings
from .base import MCP_SERVER, SITE_URL, VAR_DIR


def kept_secret_key(path: Path) -> str:
    """The key of this checkout: made on first use, readable by its owner only."""
    if not path.exists():
        # Linked into place when complete: two processes that start together must agree.
        handle, draft = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w") as file:
            file.write(get_random_secret_key())
        with suppress(FileExistsError):
            os.link(draft, path)
        os.unlink(draft)
    return path.read_text()


def kept_address(path: Path) -> str:
    """The address that the demo was loaded for; "" when it was not."""
    try:
        return str(json.loads(path.read_text())["site_url"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""


VAR_DIR.mkdir(exist_ok=True)

if not (os.environ.get("SITE_URL") or os.environ.get("PORT")):
    # A process that a client starts over stdio gets neither, and links to the running demo.
    SITE_URL = kept_address(VAR_DIR / "demo.json") or SITE_URL
    WAGTAILADMIN_BASE_URL = SITE_URL

DEBUG = True
SECRET_KEY = os.environ.get("SECRET_KEY") or kept_secret_key(VAR_DIR / "secret_key")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", urlsplit(SITE_URL).hostname or "localhost"]
INTERNAL_IPS = ["127.0.0.1"]

# Notifications of the moderation workflow can be read as files instead of being sent.
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"

# Load tests run against the demo with one token.
MCP_SERVER |= {"RATE_LIMIT": ""}
