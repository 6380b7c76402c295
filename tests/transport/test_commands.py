"""The commands that serve and that look at the server."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.management import CommandError, call_command

from mcp_server.registry import registry
from tests.ports import free_port

from .conftest import ROOT, LiveSite, wait_for
from .protocol import JSON_HEADERS, bearer


def manage(live: LiveSite, *arguments: str, secret: str = "") -> "subprocess.CompletedProcess[str]":
    environment = {**live.environment, **({"MCP_TOKEN": secret} if secret else {})}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=environment,
        cwd=ROOT,
        input="",
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
    )


def test_stdio_needs_a_token(live: LiveSite) -> None:
    done = manage(live, "run_mcp")
    assert done.returncode == 1
    assert "MCP_TOKEN" in done.stderr
    assert done.stdout == ""


def test_stdio_refuses_a_bad_token(live: LiveSite) -> None:
    done = manage(live, "run_mcp", secret=live.tokens["revoked"])
    assert done.returncode == 1
    assert "revoked" in done.stderr
    assert live.tokens["revoked"] not in done.stderr


@pytest.mark.parametrize("form", [["--token", "x"], ["--token=x"]])
def test_a_token_argument_is_refused(form: list[str]) -> None:
    with pytest.raises(CommandError, match="visible to every user"):
        call_command("run_mcp", *form)


def test_a_token_file(live: LiveSite, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(live.tokens["editor"] + "\n")
    file.chmod(0o644)
    done = manage(live, "run_mcp", "--token-file", str(file))
    assert done.returncode == 0
    assert "chmod 600" in done.stderr
    assert done.stdout == ""

    file.chmod(0o600)
    assert "chmod" not in manage(live, "run_mcp", "--token-file", str(file)).stderr


def test_a_token_file_that_is_not_there(live: LiveSite, tmp_path: Path) -> None:
    done = manage(live, "run_mcp", "--token-file", str(tmp_path / "none"))
    assert done.returncode == 1
    assert "cannot be read" in done.stderr


def test_http_alone_serves_mcp_and_nothing_else(live: LiveSite) -> None:
    port = free_port()
    command = [sys.executable, "manage.py", "run_mcp", "--transport", "http", "--port", str(port)]
    process = subprocess.Popen(
        command, env=live.environment, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/mcp/health", process)
        assert httpx.get(f"{url}/", timeout=60).status_code == 404
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        headers = {**JSON_HEADERS, **bearer(live.tokens["editor"])}
        assert httpx.post(f"{url}/mcp/", json=body, headers=headers, timeout=60).status_code == 200
        assert httpx.post(f"{url}/mcp/", json=body, timeout=60).status_code == 401
    finally:
        process.terminate()
        assert process.wait(timeout=20) in (0, -15)


def test_the_list_of_tools(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("mcp_tools")
    text = capsys.readouterr().out
    assert all(spec.name in text for spec in registry)
    assert "Page tree" in text
    assert "destructive" in text


def test_the_list_of_tools_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("mcp_tools", "--json")
    tools: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    assert [tool["name"] for tool in tools] == [spec.name for spec in registry]
    assert set(tools[0]) == {"name", "group", "kind", "by_name_only", "summary"}


def test_the_inspector_s_guide(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("mcp_inspector", "--url", "http://127.0.0.1:8000/mcp/")
    text = capsys.readouterr().out
    assert "curl -sS http://127.0.0.1:8000/mcp/" in text
    assert "npx @modelcontextprotocol/inspector" in text
    assert "$MCP_TOKEN" in text


def test_the_printed_curl_command_works(live: LiveSite, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("mcp_inspector", "--url", live.mcp)
    command = next(
        line.strip() for line in capsys.readouterr().out.splitlines() if "curl -sS" in line
    )
    environment = {**live.environment, "MCP_TOKEN": live.tokens["editor"]}
    done = subprocess.run(
        ["sh", "-c", command], env=environment, capture_output=True, text=True, check=True
    )
    assert '"get_page_tree"' in done.stdout


def test_the_inspector_without_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(CommandError, match="npx was not found"):
        call_command("mcp_inspector", "--run")


@pytest.mark.parametrize(("said", "told"), [("v20.20.2", "20.20.2"), ("", "?")])
def test_the_inspector_with_an_old_node(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str, told: str
) -> None:
    for name, line in (("npx", "exit 9"), ("node", f"echo {said}")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{line}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    expected = re.escape(f"Node.js 22.19 or newer; here is {told}.")
    with pytest.raises(CommandError, match=expected):
        call_command("mcp_inspector", "--run")
