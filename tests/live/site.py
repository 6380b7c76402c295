"""The demo site as a newcomer starts it: its own database, one uvicorn process, real tokens."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from django.db import connection

from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60


@dataclass
class LiveSite:
    """A running demo site; ``demo`` is what ``var/demo.json`` holds."""

    folder: Path
    port: int
    environment: dict[str, str]
    demo: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def mcp_url(self) -> str:
        return f"{self.url}/mcp/"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def token(self, name: str) -> str:
        return str(self.demo["tokens"][name])

    def manage(self, *arguments: str) -> str:
        """Run a management command on the site's database."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=180,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def admin(self, name: str = "admin") -> httpx.Client:
        """A browser session that is logged in to the Wagtail admin."""
        client = httpx.Client(base_url=self.url, follow_redirects=True, trust_env=False, timeout=30)
        client.get("/admin/login/")
        login = self.demo["logins"][name]
        answer = client.post(
            "/admin/login/",
            data={**login, "csrfmiddlewaretoken": client.cookies["csrftoken"], "next": "/admin/"},
            headers={"Referer": f"{self.url}/admin/login/"},
        )
        assert "/login/" not in str(answer.url), "the demo's login does not work"
        return client


@contextmanager
def live_site(folder: Path) -> Iterator[LiveSite]:
    """Make the demo's database in ``folder`` (or on PostgreSQL), load it, and serve it."""
    port = free_port()
    with _database(folder) as database_url:
        environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "VAR_DIR": str(folder),
            "PORT": str(port),
            "DJANGO_SETTINGS_MODULE": "cms.settings.dev",
        }
        site = LiveSite(folder, port, environment)
        site.manage("migrate", "--verbosity", "0")
        site.manage("load_demo")
        site.demo = json.loads((folder / "demo.json").read_text())
        with _serving(site):
            yield site


@contextmanager
def _serving(site: LiveSite) -> Iterator[None]:
    command = [sys.executable, "-m", "uvicorn", "cms.asgi:application", "--port", str(site.port)]
    with site.log.open("w") as log:
        server = subprocess.Popen(
            [*command, "--no-access-log"], cwd=ROOT, env=site.environment, stdout=log, stderr=log
        )
        try:
            _wait(site, server)
            yield
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait(site: LiveSite, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(f"{site.mcp_url}health", trust_env=False).json() == {"status": "ok"}:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the server did not start: {site.log.read_text()[-3000:]}")


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    """A database of its own, of the kind that the tests run on."""
    if connection.vendor != "postgresql":
        yield f"sqlite:///{folder / 'db.sqlite3'}"
        return
    given = connection.settings_dict
    host, port = given["HOST"] or "127.0.0.1", given["PORT"] or 5432
    login = f"{given['USER']}:{given['PASSWORD']}@{host}:{port}"
    name = f"editorial_live_{uuid4().hex[:8]}"
    with psycopg.connect(f"postgresql://{login}/postgres", autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            yield f"postgresql://{login}/{name}"
        finally:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
