"""Settings for a public server. Everything that differs per server comes from the environment.

`SECRET_KEY`, `ALLOWED_HOSTS` (comma separated), `SITE_URL` and `DATABASE_URL` are required.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403 - Django's way to layer settings
from .base import LOGGING, MCP_SERVER, STORAGES, VAR_DIR, WAGTAILSEARCH_BACKENDS
from .services import media_storages, search_backends


def required(name: str, example: str) -> str:
    """The variable's value, or a start-up error that says what to set."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Set it in the server's environment, for example {name}={example}"
        )
    return value


def listed(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


DEBUG = False
SECRET_KEY = required("SECRET_KEY", "$(openssl rand -base64 48)")
SECRET_KEY_FALLBACKS = listed(os.environ.get("SECRET_KEY_FALLBACKS", ""))
ALLOWED_HOSTS = listed(required("ALLOWED_HOSTS", "www.example.org,example.org"))
SITE_URL = required("SITE_URL", "https://www.example.org").rstrip("/")
required("DATABASE_URL", "postgres://user:password@127.0.0.1:5432/site")

WAGTAILADMIN_BASE_URL = SITE_URL
MCP_SERVER["METRICS_TOKEN"] = os.environ.get("METRICS_TOKEN", "")
CSRF_TRUSTED_ORIGINS = listed(os.environ.get("CSRF_TRUSTED_ORIGINS", SITE_URL))

SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = urlsplit(SITE_URL).scheme == "https"
SECURE_HSTS_SECONDS = int(os.environ.get("SECURE_HSTS_SECONDS", 60 * 60 * 24 * 365))
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_REFERRER_POLICY = "same-origin"
if os.environ.get("BEHIND_TLS_PROXY") == "1":
    # Only true when the proxy sets or strips this header itself: a client could forge it.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT") or VAR_DIR / "media")
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT") or VAR_DIR / "static")
if media := media_storages(os.environ):
    STORAGES |= media
    WAGTAILIMAGES_RENDITION_STORAGE = "renditions"
WAGTAILSEARCH_BACKENDS |= search_backends(os.environ)

# One object per line, for whatever collects them; uvicorn's records go the same way.
LOGGING["handlers"]["console"]["formatter"] = "json"
LOGGING["loggers"]["uvicorn"] = LOGGING["loggers"]["django"]
# Its addresses have query strings. Silent by --no-access-log, it would come back as a child of the
# logger above.
LOGGING["loggers"]["uvicorn.access"] = {"handlers": [], "propagate": False}

EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", 25))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
# Mails are sent while an assistant or an editor waits.
EMAIL_TIMEOUT = 5
EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS") == "1"
DEFAULT_FROM_EMAIL = os.environ.get(
    "DEFAULT_FROM_EMAIL", f"webmaster@{urlsplit(SITE_URL).hostname}"
)
