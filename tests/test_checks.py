"""What the system checks find, and what keeps the server from starting."""

from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from pytest_django import Settings

from mcp_server import checks
from mcp_server.registry import registry
from mcp_server.transport.mount import get_asgi_application

# The id that a value of MCP_SERVER brings up.
GIVEN: list[tuple[str, Any]] = [
    ("E001", []),
    ("E001", {"NAMES": "x"}),
    ("E002", {"THREADS": 0}),
    ("E002", {"MAX_UPLOAD": "20 MB"}),
    ("E002", {"CALL_DAYS": -1}),
    ("E002", {"UNDO_DAYS": "30"}),
    ("W004", {"HIDDEN_FIELDS": {"blog.Post": ["title"]}}),
    ("W004", {"HIDDEN_FIELDS": {"blog.blogpage": ["title"]}}),
    ("W004", {"HIDDEN_FIELDS": {"BlogPage": ["title"]}}),
    ("W004", {"HIDDEN_FIELDS": {"blog.BlogPage": ["title", "internal_notes"]}}),
    ("W005", {"STYLESHEETS": ["css/site.css", "css/none.css"]}),
    ("W006", {"BASE_URL": "http://example.com"}),
    ("W006", {"BASE_URL": "https://example.com:8000/"}),
]


LACKING = "wagtail.contrib.settings"


def found() -> list[CheckMessage]:
    return [message for message in run_checks() if str(message.id).startswith("mcp_server.")]


def ids() -> list[str]:
    return [str(message.id).removeprefix("mcp_server.") for message in found()]


def test_a_site_that_is_set_up_well() -> None:
    assert ids() == []


@pytest.mark.parametrize(("expected", "value"), GIVEN)
def test_settings(settings: Settings, expected: str, value: Any) -> None:
    settings.MCP_SERVER = value
    assert ids() == [expected]
    assert expected == "E001" or all(message.hint for message in found() if expected[0] == "W")


@pytest.mark.parametrize(
    "names",
    [
        {"blog.BlogPage": ["intro", "related_links", "tags"]},
        {"blog.BlogPageRelatedLink": ["url"]},
    ],
)
def test_fields_that_exist_can_be_hidden(settings: Settings, names: dict[str, list[str]]) -> None:
    settings.MCP_SERVER = {"HIDDEN_FIELDS": names}
    assert ids() == []


def test_the_message_names_what_is_misspelt(settings: Settings) -> None:
    settings.MCP_SERVER = {"HIDDEN_FIELDS": {"blog.BlogPage": ["title", "notes"]}}
    assert [message.msg for message in found()] == [
        'MCP_SERVER["HIDDEN_FIELDS"] names blog.BlogPage.notes, which does not exist.'
    ]


def test_without_static_files_no_path_is_looked_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MCP_SERVER = {"STYLESHEETS": ["css/none.css"]}
    monkeypatch.setattr("django.apps.apps.is_installed", lambda name: False)
    assert checks.check_names() == []


def test_no_authentication_outside_debug(settings: Settings) -> None:
    settings.MCP_REQUIRE_AUTH = False
    assert ids() == ["E003"]


def test_no_authentication_and_nobody_to_act_for(settings: Settings) -> None:
    settings.DEBUG, settings.MCP_REQUIRE_AUTH = True, False
    assert ids() == ["E004"]
    settings.MCP_SERVER = {"DEV_USER": "ann"}
    assert ids() == []


def test_no_address(settings: Settings) -> None:
    settings.WAGTAILADMIN_BASE_URL = ""
    assert ids() == ["W001"]


def test_zero_days_are_a_choice(settings: Settings) -> None:
    settings.MCP_SERVER = {"CALL_DAYS": 0, "UNDO_DAYS": 0, "TOKEN_MAX_DAYS": 0}
    assert ids() == []


def test_no_place_for_the_style_guide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.apps.apps.is_installed", lambda name: name != LACKING)
    (message,) = checks.check_apps()
    assert (message.id, LACKING in str(message.hint)) == ("mcp_server.W007", True)


def test_no_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_specs", {})
    assert ids() == ["W002"]


def test_sqlite_that_refuses_concurrent_writers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "sqlite")
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {})
    (message,) = checks.check_sqlite(databases=["default"])
    assert message.id == "mcp_server.W003"
    assert '"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"' in str(message.hint)
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"transaction_mode": "immediate"})
    assert checks.check_sqlite(databases=["default"]) == []
    # Databases are only looked at when asked for.
    assert checks.check_sqlite(databases=None) == []


def test_another_database_needs_none_of_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "postgresql")
    assert checks.check_sqlite(databases=["default"]) == []


def test_without_a_secret_key_the_server_does_not_start(settings: Settings) -> None:
    settings.SECRET_KEY = ""
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        get_asgi_application()
