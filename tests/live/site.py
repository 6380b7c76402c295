"""The demo site as a newcomer starts it: its own database, one uvicorn process, real tokens."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
from django.db import connection

from tests.ports import free_port

from .databases import new_database

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 240


@dataclass
class LiveSite:
    """A demo site and its server; ``demo`` is what ``var/demo.json`` holds.

    ``options`` are further ones of uvicorn; they and ``environment`` count from the next start.
    """

    folder: Path
    port: int
    environment: dict[str, str]
    demo: dict[str, Any] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    application: str = "cms.asgi:application"
    server: "subprocess.Popen[bytes] | None" = None

    @classmethod
    def at(cls, folder: Path, database_url: str) -> Self:
        """A site that is to be served on a free port, with its files in ``folder``."""
        port = free_port()
        environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "VAR_DIR": str(folder),
            "PORT": str(port),
            "DJANGO_SETTINGS_MODULE": "cms.settings.dev",
        }
        return cls(folder, port, environment)

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
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def load(self) -> None:
        """Make the tables and fill them with the demo."""
        self.manage("migrate", "--verbosity", "0")
        self.manage("load_demo")
        self.read_demo()

    def read_demo(self) -> None:
        self.demo = json.loads((self.folder / "demo.json").read_text())

    def start(self) -> None:
        """Serve, and return once the server answers; what it prints is added to the log."""
        command = [sys.executable, "-m", "uvicorn", self.application, "--no-access-log"]
        self.launch([*command, "--port", str(self.port), *self.options], ROOT)

    def launch(self, command: list[str], folder: Path) -> None:
        """Start the server with this command, in this folder, and wait until it answers."""
        with self.log.open("a") as log:
            self.server = subprocess.Popen(
                command, cwd=folder, env=self.environment, stdout=log, stderr=log
            )
        self.wait(self.server)

    def stop(self, seconds: float = 20) -> None:
        """SIGTERM, and the end of the process."""
        self._end(signal.SIGTERM, seconds)

    def kill(self) -> None:
        """SIGKILL: the process gets no chance to do anything more."""
        self._end(signal.SIGKILL, seconds=20)

    @contextmanager
    def serving(self) -> Iterator[None]:
        try:
            self.start()
            yield
        finally:
            self.stop()

    def _end(self, by: signal.Signals, seconds: float) -> None:
        if self.server is not None:
            self.server.send_signal(by)
            self.server.wait(timeout=seconds)
            self.server = None

    def wait(self, server: "subprocess.Popen[Any]") -> None:
        """Return once the site answers."""
        deadline = time.monotonic() + START_SECONDS
        # One client: each would read the certificates anew, which costs more than the request.
        with httpx.Client(trust_env=False) as client:
            while time.monotonic() < deadline and server.poll() is None:
                try:
                    if client.get(f"{self.mcp_url}health").json() == {"status": "ok"}:
                        return
                except httpx.TransportError:
                    time.sleep(0.1)
        raise AssertionError(f"the server did not start: {self.log.read_text()[-3000:]}")

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
    with _database(folder) as database_url:
        site = LiveSite.at(folder, database_url)
        site.load()
        with site.serving():
            yield site


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    """A database of its own, of the kind that the tests run on."""
    if connection.vendor != "postgresql":
        yield f"sqlite:///{folder / 'db.sqlite3'}"
        return
    given = connection.settings_dict
    host, port = given["HOST"] or "127.0.0.1", given["PORT"] or 5432
    login = f"{given['USER']}:{given['PASSWORD']}@{host}:{port}"
    with new_database(f"postgresql://{login}/postgres") as url:
        yield url
