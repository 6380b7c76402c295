"""Every transport test talks to a server that offers the throw-away tools."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mcp_server import registry as registry_module
from mcp_server.models import MCPToken
from mcp_server.transport import runner
from tests.ports import free_port
from tests.transport import throwaway
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _in_this_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """Database work happens in the test's thread, inside its transaction."""
    with ExitStack() as stack:
        if "real_threads" not in request.fixturenames:
            stack.enter_context(runner.in_calling_thread())
        yield


@pytest.fixture
def real_threads() -> None:
    """For a test of the threads themselves."""


@pytest.fixture
def trial_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The site offers the throw-away tools and nothing else."""
    specs = throwaway.registry()
    # The registry itself, because a token asks it which grants need a name.
    monkeypatch.setattr(registry_module.registry, "_specs", {spec.name: spec for spec in specs})
    monkeypatch.setattr("mcp_server.transport.server.all_guides", throwaway.guides())


MakeToken = Callable[..., MCPToken]


@pytest.fixture
def make_token(world: World) -> MakeToken:
    """A token of somebody, the editor's unless said otherwise."""

    def make(user: str = "editor", **fields: Any) -> MCPToken:
        fields = {"name": "Claude on my laptop", **fields}
        return MCPToken.objects.create(user=getattr(world, user), **fields)

    return make


@pytest.fixture
def secret(make_token: MakeToken) -> str:
    """The secret of a token that grants every tool."""
    return str(make_token().token)


@dataclass
class LiveSite:
    """A site that a server process serves."""

    url: str
    tokens: dict[str, str]
    pages: dict[str, int]
    environment: dict[str, str]
    log: Path

    @property
    def mcp(self) -> str:
        return f"{self.url}/mcp/"

    def shell(self, code: str) -> str:
        """What Python code prints that runs in the site's own Django."""
        lines = f"import django; django.setup()\n{code}"
        return run([sys.executable, "-c", lines], self.environment).stdout


def run(
    command: list[str], environment: dict[str, str], **options: Any
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, env=environment, cwd=ROOT, text=True, capture_output=True, check=True, **options
    )


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """The small site, served by uvicorn in a process of its own, with its own database."""
    folder = tmp_path_factory.mktemp("live")
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.transport.live_settings",
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
    }
    environment.pop("MCP_TOKEN", None)
    made = json.loads(run([sys.executable, "-m", "tests.transport.live_site"], environment).stdout)
    port = free_port()
    log = folder / "server.log"
    command = [sys.executable, "-m", "uvicorn", "cms.asgi:application", "--port", str(port)]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "--log-level", "trace"],
            env=environment,
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(f"{url}/mcp/health", process)
            yield LiveSite(url, made["tokens"], made["pages"], environment, log)
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended while starting"
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer")
