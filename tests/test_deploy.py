"""The files of ``deploy/`` name what is there."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from mcp_server.transport import metrics

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"


def test_the_image_copies_folders_that_exist() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    copied = [
        source
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    ]
    assert "mcp_server" in copied
    missing = [source for source in copied if not (ROOT / source).exists()]
    assert not missing


def test_the_image_does_not_run_as_root() -> None:
    users = re.findall(r"^USER (\S+)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert users == ["10001"]


@pytest.mark.parametrize("script", ["serve"])
def test_a_script_is_sound_and_can_be_run(script: str) -> None:
    path = DEPLOY / script
    assert path.stat().st_mode & 0o111
    subprocess.run(["sh", "-n", str(path)], check=True)


def test_what_the_services_read_is_what_the_settings_ask_for() -> None:
    """A variable that `production` requires and compose.yaml lacks would stop every container."""
    settings = (ROOT / "cms/settings/production.py").read_text()
    compose = (DEPLOY / "compose.yaml").read_text()
    required = re.findall(r'required\("(\w+)"', settings)
    assert len(required) == 4
    for name in [*required, "METRICS_TOKEN", "REDIS_URL"]:
        assert f"    {name}: " in compose, name


def test_nginx_passes_mcp_on_unbuffered_and_sse_to_its_own_process() -> None:
    conf = (DEPLOY / "nginx/site.conf").read_text()
    for path, upstream in (("/mcp/sse", "sse"), ("/mcp", "mcp")):
        block = conf.split(f"location {path} {{")[1].split("}")[0]
        assert f"proxy_pass http://{upstream};" in block
        assert "proxy_buffering off;" in block
    upstreams = (DEPLOY / "nginx/upstreams.conf").read_text()
    assert set(re.findall(r"^upstream (\w+)", upstreams, re.MULTILINE)) == {"web", "mcp", "sse"}


def test_the_dashboard_asks_for_series_that_exist() -> None:
    text = (DEPLOY / "grafana/dashboard.json").read_text()
    asked = set(re.findall(r"\bmcp_[a-z_]+", " ".join(_queries(json.loads(text)))))
    there = {name for metric in metrics._ALL for name in metrics._sample_names(metric)}
    assert asked
    assert asked <= there


def _queries(dashboard: dict[str, list[dict[str, list[dict[str, str]]]]]) -> list[str]:
    return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
