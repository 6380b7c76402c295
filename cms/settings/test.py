"""Settings for the tests. `DATABASE_URL` and `REDIS_URL` choose other services to test against."""

import tempfile
from pathlib import Path

from .base import *  # noqa: F403 - Django's way to layer settings
from .base import DATABASES, INSTALLED_APPS, LOGGING, MCP_SERVER

# Kept in a name because the folder is removed when the object goes, at the end of the process.
TEMP_DIR = tempfile.TemporaryDirectory(prefix="editorial-tests-")

DEBUG = False
SECRET_KEY = "only-for-tests-never-used-by-a-server"  # noqa: S105 - not a secret
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
VAR_DIR = Path(TEMP_DIR.name)
MEDIA_ROOT = VAR_DIR / "media"
STATIC_ROOT = VAR_DIR / "static"

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, because an in-memory database is one connection and the server's threads
    # each open their own.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}

if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # Test data need not survive a power cut, and every flush would wait for the disk.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"

# Records reach pytest's caplog through the root logger instead of the console.
LOGGING["loggers"] = {"mcp_server": {"level": "INFO"}}
LOGGING["root"] = {"handlers": [], "level": "WARNING"}

# Page types of a site that the plugin has never seen.
INSTALLED_APPS += ["tests.kitchen"]

# One token makes all the calls of a test or a benchmark; the limits have tests of their own.
MCP_SERVER |= {"RATE_LIMIT": "", "AUTH_FAILURE_LIMIT": ""}
