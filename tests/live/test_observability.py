"""`deploy/serve` with the production settings: its log lines, and the spans of a collector."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.ports import free_port

from . import rpc
from .collector import Collector, attributes, collecting
from .site import ROOT

START_SECONDS = 120
CANARY = "c4n4ry"


@dataclass
class Site:
    """A served production site, and what it prints."""

    url: str
    token: str
    log: Path

    def calls(self) -> list[dict[str, Any]]:
        """The records of calls. Other lines of the log are JSON, too, once Django runs."""
        lines = [line for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in map(json.loads, lines) if line["logger"] == "mcp_server.call"]


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as started:
        yield started


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("observed")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = _environment(folder, port, collector)
    made = subprocess.run(
        [sys.executable, "-m", "tests.transport.live_site"],
        env=environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    # Without their manifest, pages such as that of a 404 fail.
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"],
        env=environment, cwd=ROOT, check=True,
    )  # fmt: skip
    token = json.loads(made.stdout)["tokens"]["editor"]
    log = folder / "server.log"
    with _serving(environment, url, log):
        yield Site(f"{url}/mcp/", token, log)


def _environment(folder: Path, port: int, collector: Collector) -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MCP_", "OTEL_", "PROMETHEUS_"))
    }
    return inherited | {
        "DJANGO_SETTINGS_MODULE": "cms.settings.production",
        "SECRET_KEY": uuid4().hex + uuid4().hex,
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "VAR_DIR": str(folder),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        # More would be stopped by uvicorn when a busy machine takes five seconds to start one.
        "WORKERS": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "200",  # milliseconds
    }


@contextmanager
def _serving(environment: dict[str, str], url: str, log: Path) -> Iterator[None]:
    with log.open("w") as output:
        server = subprocess.Popen(
            [str(ROOT / "deploy" / "serve"), "web"],
            cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            _wait(server, url, log)
            yield
        finally:
            server.terminate()
            server.wait(timeout=40)


def _wait(server: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(f"{url}/mcp/health", trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"the server did not start: {log.read_text()[-3000:]}")


def test_a_call_is_a_line_of_json_and_a_span_of_one_trace(site: Site, collector: Collector) -> None:
    found = rpc.call(site.url, site.token, "search_pages", query=CANARY)
    assert not found["isError"]
    span = collector.span("tools/call search_pages")
    told = attributes(span)
    (line,) = site.calls()
    assert line["tool"] == told["gen_ai.tool.name"] == "search_pages"
    assert line["trace_id"] == span.trace_id.hex()
    assert line["outcome"] == told["mcp_server.outcome"] == "success"
    assert line["queries"] == told["mcp_server.queries"] > 0
    assert line["token_id"] == told["mcp_server.token_id"]
    assert collector.services == {"wagtail-editorial-mcp"}
    everything = site.log.read_text() + "".join(map(str, collector.spans))
    assert CANARY not in everything
    assert site.token not in everything


def test_django_and_uvicorn_print_json_without_query_strings(site: Site) -> None:
    root = site.url.removesuffix("/mcp/")
    assert httpx.get(f"{root}/nowhere/?q={CANARY}", trust_env=False, timeout=60).status_code == 404
    deadline = time.monotonic() + START_SECONDS
    while "/nowhere/" not in site.log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    lines = [json.loads(x) for x in site.log.read_text().splitlines() if x.startswith("{")]
    assert {"django.request", "uvicorn.error"} <= {line["logger"] for line in lines}
    assert CANARY not in site.log.read_text()
