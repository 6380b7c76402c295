"""System checks: what would go wrong in use is said at start-up, with a hint."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

from .conf import known_settings, mcp_settings, require_auth, site_url
from .rates import problems as rate_problems
from .registry import registry

# What `wagtail start` writes into a new project.
PLACEHOLDER_HOST = "example.com"
WHOLE_NUMBERS = (
    "THREADS",
    "MAX_BLOCKS",
    "MAX_DEPTH",
    "MAX_TEXT",
    "MAX_IMAGE_PIXELS",
    "MAX_RENDITION",
    "MAX_UPLOAD",
    "PREVIEW_HOURS",
    "UPLOAD_MINUTES",
)
ZERO_TOO = ("CALL_DAYS", "UNDO_DAYS", "TOKEN_MAX_DAYS")


@register("mcp_server")
def check_settings(**_: Any) -> list[CheckMessage]:
    """E001 unknown key, E002 bad number, E003/E004 authentication off, E005 rate limits, W001/W006
    address."""
    given = getattr(settings, "MCP_SERVER", {})
    if not isinstance(given, dict):
        return [Error("MCP_SERVER must be a dict.", id="mcp_server.E001")]
    return [*_unknown(given), *_numbers(), *_authentication(), *_rates(), *_address()]


@register("mcp_server")
def check_tools(**_: Any) -> list[CheckMessage]:
    """W002: no tool was found, so clients would connect to an empty server."""
    if len(registry):
        return []
    return [Warning("No MCP tool is registered.", id="mcp_server.W002")]


@register("mcp_server")
def check_names(**_: Any) -> list[CheckMessage]:
    """W004 hidden fields and W005 stylesheets that are not there."""
    if not isinstance(getattr(settings, "MCP_SERVER", {}), dict):
        return []
    return [*_hidden_fields(), *_stylesheets()]


@register("mcp_server")
def check_apps(**_: Any) -> list[CheckMessage]:
    """W007: without Wagtail's settings app nobody finds the style guide to write it."""
    if apps.is_installed("wagtail.contrib.settings"):
        return []
    return [
        Warning(
            "The style guide for assistants has no place in the admin.",
            hint='Add "wagtail.contrib.settings" to INSTALLED_APPS.',
            id="mcp_server.W007",
        )
    ]


@register(Tags.database)
def check_sqlite(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """W003: SQLite without WAL and IMMEDIATE loses concurrent writes to "database is locked"."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor != "sqlite":
            continue
        options = connection.settings_dict.get("OPTIONS", {})
        if str(options.get("transaction_mode", "")).upper() != "IMMEDIATE":
            found.append(
                Warning(
                    f"The SQLite database {alias!r} refuses concurrent writers.",
                    hint='Set OPTIONS = {"transaction_mode": "IMMEDIATE", "timeout": 20, '
                    '"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"}.',
                    id="mcp_server.W003",
                )
            )
    return found


def _unknown(given: dict[str, Any]) -> list[CheckMessage]:
    return [
        Error(
            f"MCP_SERVER has an unknown key: {key}.",
            hint=f"Known keys: {', '.join(sorted(known_settings()))}.",
            id="mcp_server.E001",
        )
        for key in sorted(set(given) - known_settings())
    ]


def _numbers() -> Iterator[CheckMessage]:
    for name in WHOLE_NUMBERS:
        if not _is_whole(name, least=1):
            yield Error(
                f"MCP_SERVER[{name!r}] must be a whole number above 0.", id="mcp_server.E002"
            )
    for name in ZERO_TOO:
        if not _is_whole(name, least=0):
            yield Error(
                f"MCP_SERVER[{name!r}] must be a whole number, 0 or above.", id="mcp_server.E002"
            )


def _is_whole(name: str, least: int) -> bool:
    value = getattr(mcp_settings(), name)
    return isinstance(value, int) and value >= least


def _authentication() -> list[CheckMessage]:
    if require_auth():
        return []
    if not settings.DEBUG:
        return [
            Error(
                "MCP_REQUIRE_AUTH = False works in DEBUG only.",
                hint="Remove it, and issue a token in the Wagtail admin.",
                id="mcp_server.E003",
            )
        ]
    if not mcp_settings().DEV_USER:
        return [
            Error(
                "Without authentication, calls need a user to run as.",
                hint='Set MCP_SERVER["DEV_USER"] to a user name.',
                id="mcp_server.E004",
            )
        ]
    return []


def _rates() -> list[CheckMessage]:
    return [Error(said, hint=hint, id="mcp_server.E005") for said, hint in rate_problems()]


def _address() -> list[CheckMessage]:
    address = site_url()
    if not address:
        return [
            Warning(
                "The site's public address is not known; links in replies will be incomplete.",
                hint='Set WAGTAILADMIN_BASE_URL or MCP_SERVER["BASE_URL"].',
                id="mcp_server.W001",
            )
        ]
    if urlsplit(address).hostname == PLACEHOLDER_HOST:
        return [
            Warning(
                f"The site's public address is still the placeholder {address}.",
                hint="Set WAGTAILADMIN_BASE_URL to the address that people and clients use, in "
                "development http://127.0.0.1:8000; links in replies start with it.",
                id="mcp_server.W006",
            )
        ]
    return []


def _hidden_fields() -> Iterator[CheckMessage]:
    for label, names in mcp_settings().HIDDEN_FIELDS.items():
        known = _field_names(label)
        wrong = [label] if known is None else [f"{label}.{n}" for n in names if n not in known]
        for name in wrong:
            yield Warning(
                f'MCP_SERVER["HIDDEN_FIELDS"] names {name}, which does not exist.',
                hint="Write the type as in blog.BlogPage and its fields as the model names them. "
                "What is misspelt is not hidden.",
                id="mcp_server.W004",
            )
    for label in mcp_settings().HIDDEN_SNIPPETS:
        if _field_names(label) is None:
            yield Warning(
                f'MCP_SERVER["HIDDEN_SNIPPETS"] names {label}, which does not exist.',
                hint="Write the type as in crm.Lead. What is misspelt is not hidden.",
                id="mcp_server.W004",
            )


def _field_names(label: str) -> set[str] | None:
    """The names that can be hidden; None when there is no such type, spelt exactly so."""
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        return None
    if model._meta.label != label:
        return None
    # A form of the model's own may have fields that the model lacks.
    form = getattr(model, "base_form_class", None)
    return {field.name for field in model._meta.get_fields()} | set(
        getattr(form, "base_fields", ())
    )


def _stylesheets() -> Iterator[CheckMessage]:
    if not apps.is_installed("django.contrib.staticfiles"):
        return
    for path in mcp_settings().STYLESHEETS:
        if finders.find(path) is None:
            yield Warning(
                f'MCP_SERVER["STYLESHEETS"] names {path}, which is not a static file of this site.',
                hint="Write the path as for the static tag, for example css/site.css; "
                "`manage.py findstatic` looks a path up.",
                id="mcp_server.W005",
            )
