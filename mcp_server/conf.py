"""The plugin's settings: one dict, ``MCP_SERVER``, read here and nowhere else."""

from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed


def _setting(default: Any, help_text: str) -> Any:
    metadata = {"help": help_text}
    if isinstance(default, list | dict):
        return field(default_factory=lambda: type(default)(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class MCPSettings:
    """The keys of ``MCP_SERVER`` with their defaults. Unknown keys are a system check error."""

    NAME: str = _setting("", "Server name that clients show; default: WAGTAIL_SITE_NAME.")
    INSTRUCTIONS: str = _setting("", "Text added to the instructions that models read.")
    BASE_URL: str = _setting("", "The site's public address; default: WAGTAILADMIN_BASE_URL.")
    ALLOWED_HOSTS: list[str] = _setting(
        [], "Host names accepted in requests; default: Django's ALLOWED_HOSTS and BASE_URL's host."
    )
    ALLOWED_ORIGINS: list[str] = _setting([], "Browser origins accepted besides the site's own.")
    CACHE_SECONDS: int = _setting(
        60, "Seconds that clients may keep lists and resources for themselves; 0: not at all."
    )
    THREADS: int = _setting(4, "Worker threads that run tools, each with one connection.")
    TOKEN_KEY: str = _setting("", "Key of the token digests; default: SECRET_KEY.")
    TOKEN_KEY_FALLBACKS: list[str] = _setting([], "Former keys of the token digests.")
    TOKEN_USED_INTERVAL: int = _setting(60, "Seconds between two writes of a token's last use.")
    TOKEN_DEFAULT_DAYS: int = _setting(90, "Days that the form proposes for a new token.")
    RATE_LIMIT: str = _setting(
        "1200/minute", 'Requests per token; the answer to more is HTTP 429. "": no limit.'
    )
    AUTH_FAILURE_LIMIT: str = _setting(
        "20/minute", 'Unknown tokens per client address, an IPv6 /64 being one. "": no limit.'
    )
    RATE_LIMIT_STORAGE: str = _setting(
        "",
        "Where both are counted, as in redis://127.0.0.1:6379/1 or memory://; default: the Redis "
        "of the default cache, else each process by itself.",
    )
    TOKEN_MAX_DAYS: int = _setting(
        0, "Days that a token may last at most, from the day it is issued; 0: no limit."
    )
    METRICS_TOKEN: str = _setting("", "Bearer token for /mcp/metrics; without it, loopback only.")
    DEV_USER: str = _setting("", "User name that calls run as when MCP_REQUIRE_AUTH is False.")
    MARKDOWN_BLOCKS: dict[str, str] = _setting(
        {}, "Block type for heading, paragraph, image, quote, table or code in Markdown."
    )
    HIDDEN_FIELDS: dict[str, list[str]] = _setting(
        {}, "Fields that models never see or set, by type: {'blog.BlogPage': ['notes']}."
    )
    HIDDEN_SNIPPETS: list[str] = _setting(
        [], "Snippet types that models never see or set: ['crm.Lead']."
    )
    ALLOW_RAW_HTML: bool = _setting(False, "Accept raw HTML blocks from users who may edit them.")
    RENDITIONS: list[str] = _setting(
        ["width-400", "width-800", "width-1600", "fill-800x450", "max-800x800"],
        "Rendition filters that a client may ask for.",
    )
    STYLESHEETS: list[str] = _setting(
        [], "Static paths of the stylesheets whose custom properties design://tokens serves."
    )
    BASE_TEMPLATE: str = _setting("base.html", "Template whose blocks design://templates lists.")
    UNDO_DAYS: int = _setting(30, "Days that a change made through MCP can be undone.")
    CALL_DAYS: int = _setting(
        365, "Days after which prune_mcp deletes rows of the activity report; 0: it keeps them."
    )
    MAX_BLOCKS: int = _setting(400, "Blocks in one StreamField value, nested ones included.")
    MAX_DEPTH: int = _setting(16, "Nesting of lists and objects in one value.")
    MAX_TEXT: int = _setting(200_000, "Characters in one text value.")
    MAX_IMAGE_PIXELS: int = _setting(50_000_000, "Pixels of an uploaded image, all frames.")
    MAX_RENDITION: int = _setting(4096, "Longer side of a rendition that a client may ask for.")
    MAX_UPLOAD: int = _setting(
        20 * 1024 * 1024, "Bytes of an uploaded file; Wagtail's own limits hold besides."
    )
    UPLOAD_MINUTES: int = _setting(15, "Minutes that an upload address works.")
    FETCH_PORTS: list[int] = _setting(
        [80, 443], "Ports that an address may name when a client has a file fetched from it."
    )
    DOCUMENT_TYPES: list[str] = _setting(
        ["csv", "docx", "md", "ods", "odt", "pdf", "pptx", "rtf", "txt", "xlsx"],
        "File extensions of uploaded documents; WAGTAILDOCS_EXTENSIONS holds besides.",
    )
    PREVIEW_HOURS: int = _setting(24, "Hours that the address of a preview works.")


@lru_cache(maxsize=1)
def mcp_settings() -> MCPSettings:
    """The settings in force, defaults filled in. Unknown keys are left to the system checks."""
    given = getattr(settings, "MCP_SERVER", {}) or {}
    return MCPSettings(**{key: value for key, value in given.items() if key in known_settings()})


@lru_cache(maxsize=1)
def known_settings() -> frozenset[str]:
    """The names that ``MCP_SERVER`` may hold."""
    return frozenset(item.name for item in fields(MCPSettings))


def is_hidden_snippet(label: str) -> bool:
    """Whether models never see snippets of this type; the plugin's own (tokens) always are."""
    hidden = {name.lower() for name in mcp_settings().HIDDEN_SNIPPETS}
    return label.lower().startswith("mcp_server.") or label.lower() in hidden


def require_auth() -> bool:
    """``MCP_REQUIRE_AUTH``, True unless the site says otherwise."""
    return bool(getattr(settings, "MCP_REQUIRE_AUTH", True))


def site_url() -> str:
    """The public address of the site, without a slash at the end; "" when none is configured."""
    return (mcp_settings().BASE_URL or getattr(settings, "WAGTAILADMIN_BASE_URL", "")).rstrip("/")


def mcp_url() -> str:
    """The address that a client connects to."""
    return f"{site_url()}/mcp/"


def server_name() -> str:
    """The name that clients show for this server."""
    return mcp_settings().NAME or getattr(settings, "WAGTAIL_SITE_NAME", "") or "Wagtail"


def _reset(*, setting: str, **_: Any) -> None:
    if setting == "MCP_SERVER":
        mcp_settings.cache_clear()


setting_changed.connect(_reset)
