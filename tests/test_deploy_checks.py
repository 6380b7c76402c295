"""What ``check --deploy`` finds, one by one, and that it finds nothing on a site set up well."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from pytest_django import Settings

from mcp_server import deploy_checks

ROOT = Path(__file__).resolve().parent.parent
REDIS = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:6379/0",
    }
}
LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
WELL = {"METRICS_TOKEN": "only-for-tests"}
# The check, the setting, and the value that brings it up.
GIVEN: list[tuple[str, str, Any]] = [
    ("W008", "WAGTAILADMIN_BASE_URL", "http://www.example.org"),
    ("W008", "WAGTAILADMIN_BASE_URL", "https://localhost"),
    ("W008", "WAGTAILADMIN_BASE_URL", "https://[::1]:8443"),
    ("W008", "MCP_SERVER", {**WELL, "BASE_URL": "https://127.0.0.2"}),
    ("W009", "ALLOWED_HOSTS", ["www.example.org", "*"]),
    ("W009", "MCP_SERVER", {**WELL, "ALLOWED_HOSTS": ["*"]}),
    ("W010", "MCP_SERVER", {**WELL, "RATE_LIMIT": ""}),
    ("W010", "MCP_SERVER", {**WELL, "AUTH_FAILURE_LIMIT": ""}),
    ("W011", "CACHES", LOCAL),
    ("W012", "MCP_SERVER", {**WELL, "RATE_LIMIT_STORAGE": "memory://"}),
    ("W014", "MCP_SERVER", {}),
]
# The same for one database's settings, on PostgreSQL.
DATABASE: list[tuple[str, dict[str, Any]]] = [
    ("W016", {"CONN_MAX_AGE": 600}),
    ("W016", {"CONN_MAX_AGE": None}),
    ("W017", {"CONN_MAX_AGE": 0, "OPTIONS": {"pool": {"max_size": 3}}}),
    # psycopg_pool's own default is as small as ours, and visitors need some, too.
    ("W017", {"CONN_MAX_AGE": 0, "OPTIONS": {"pool": True}}),
    ("W017", {"CONN_MAX_AGE": 0, "OPTIONS": {"pool": {"min_size": 2}}}),
]


@pytest.fixture
def public(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A site of two processes behind a proxy, with everything in its place."""
    monkeypatch.setenv("WEB_CONCURRENCY", "2")
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "/run/site/prometheus")
    settings.WAGTAILADMIN_BASE_URL = "https://www.example.org"
    settings.ALLOWED_HOSTS = ["www.example.org"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.CACHES = REDIS
    settings.MCP_SERVER = WELL
    return settings


def ids() -> list[str]:
    found = run_checks(include_deployment_checks=True)
    return [name for message in found if (name := short(message))]


def short(message: CheckMessage) -> str:
    """The number of one of our checks; "" for those of others."""
    _, ours, number = str(message.id).partition("mcp_server.")
    return number if ours else ""


def test_a_site_that_is_set_up_well(public: Settings) -> None:
    assert ids() == []


@pytest.mark.parametrize(("expected", "name", "value"), GIVEN)
def test_settings(public: Settings, expected: str, name: str, value: Any) -> None:
    setattr(public, name, value)
    found = run_checks(include_deployment_checks=True)
    assert [number for message in found if (number := short(message))] == [expected]
    assert all(message.hint for message in found if short(message))
    # Nobody is told during development.
    assert [message for message in run_checks() if short(message)] == []


def test_figures_of_one_process_among_several(
    public: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR")
    assert ids() == ["W013"]


@pytest.mark.parametrize("processes", ["", "1", "many"])
def test_one_process_shares_with_nobody(
    public: Settings, monkeypatch: pytest.MonkeyPatch, processes: str
) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", processes)
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR")
    public.CACHES = LOCAL
    assert ids() == []


def test_without_a_proxy_the_machine_itself_may_read_the_figures(public: Settings) -> None:
    public.SECURE_PROXY_SSL_HEADER = None
    public.MCP_SERVER = {}
    assert ids() == []


def about_database(
    monkeypatch: pytest.MonkeyPatch, vendor: str, given: dict[str, Any]
) -> list[CheckMessage]:
    database = SimpleNamespace(vendor=vendor, settings_dict=given)
    monkeypatch.setattr(deploy_checks, "connections", {"default": database})
    return deploy_checks.check_connections(databases=["default"])


@pytest.mark.parametrize(("expected", "given"), DATABASE)
def test_databases(monkeypatch: pytest.MonkeyPatch, expected: str, given: dict[str, Any]) -> None:
    (message,) = about_database(monkeypatch, "postgresql", given)
    assert (short(message), bool(message.hint)) == (expected, True)


@pytest.mark.parametrize("pool", [None, {}, {"max_size": 8}, {"min_size": 8}])
def test_a_database_that_is_set_up_well(monkeypatch: pytest.MonkeyPatch, pool: Any) -> None:
    given = {"CONN_MAX_AGE": 0, "OPTIONS": {"pool": pool}}
    assert about_database(monkeypatch, "postgresql", given) == []


def test_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    (message,) = about_database(monkeypatch, "sqlite", {"CONN_MAX_AGE": 0})
    assert short(message) == "W015"
    # Databases are only looked at when asked for.
    assert deploy_checks.check_connections(databases=None) == []


def test_the_demos_production_settings_pass(tmp_path: Path) -> None:
    """With the variables of deploy/compose.yaml. The database is not asked, so none need run."""
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "DJANGO_SETTINGS_MODULE": "cms.settings.production",
        "SECRET_KEY": "only-for-tests-" * 5,
        "ALLOWED_HOSTS": "www.example.org",
        "SITE_URL": "https://www.example.org",
        "DATABASE_URL": "postgres://site:none@127.0.0.1:1/site",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "BEHIND_TLS_PROXY": "1",
        "METRICS_TOKEN": "only-for-tests",
        "S3_BUCKET": "media",
        "SEARCH_URL": "opensearch3+https://127.0.0.1:9200",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
        "WEB_CONCURRENCY": "2",
        "VAR_DIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "mcp_server." not in done.stderr
