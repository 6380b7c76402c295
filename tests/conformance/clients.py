"""Clients of other makers and older versions: what each of them did with the running site."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.live.site import ROOT, LiveSite

from .install import FOLDER, NPM, PYTHON, node, program, python

HERE = Path(__file__).resolve().parent
SECONDS = 600
# Milliseconds; over stdio it waits for a process that loads Django.
PATIENCE = ("--connect-timeout", "300000")
# What a session of an SDK's client does, in this order.
STEPS = (
    "connect",
    "list tools",
    "get_user_info",
    "create a draft",
    "read it",
    "a refusal",
    "read a resource",
)
# What the Inspector is asked for: method, its arguments, and what to count in the answer.
METHODS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("tools/list", (), "tools"),
    ("tools/call", ("--tool-name", "get_user_info"), "content"),
    ("resources/list", (), "resources"),
    ("resources/read", ("--uri", "content://style-guide"), "contents"),
    ("prompts/list", (), "prompts"),
)
# The newest SDK asks for the protocol of 2026-07-28 only when it is told to.
NEGOTIATING = "typescript-2.4"


@dataclass(frozen=True)
class Step:
    """One thing that a client did, and what it saw."""

    name: str
    ok: bool
    said: str


@dataclass(frozen=True)
class Session:
    """One client over one transport; a step that is not in it was not reached."""

    client: str
    transport: str
    steps: tuple[Step, ...]
    error: str = ""


def sdk_sessions(site: LiveSite) -> Iterator[Session]:
    """The SDKs: each connects, reads, writes a draft and is refused something."""
    for folder, (version, *_) in PYTHON.items():
        for transport in ("http", "sse"):
            command = [python(folder), str(HERE / "client.py")]
            yield _session(site, f"Python SDK {version}", transport, command)
    for folder, (package, _) in NPM.items():
        if folder.startswith("typescript"):
            name = f"TypeScript {package.partition('/')[2]} {installed(folder, package)}"
            command = [str(node()), str(HERE / "client.mjs"), str(FOLDER / folder)]
            for transport in ("http", "sse", *(["negotiated"] if folder == NEGOTIATING else [])):
                yield _session(site, name, transport, command)


def inspector_sessions(site: LiveSite) -> Iterator[Session]:
    """The Inspector's command line over each transport."""
    with TemporaryDirectory(prefix="inspector-") as folder:
        # A file, because every user of the machine can read the arguments of a process.
        config = Path(folder) / "servers.json"
        config.touch(mode=0o600)
        config.write_text(json.dumps({"mcpServers": _servers(site)}))
        for transport in _servers(site):
            steps = tuple(_inspect(config, transport, *method) for method in METHODS)
            yield Session("Inspector CLI", transport, steps)


def installed(folder: str, package: str) -> str:
    """The version of a package that npm has put there."""
    file = FOLDER / folder / "node_modules" / package / "package.json"
    return str(json.loads(file.read_text())["version"])


def _session(site: LiveSite, client: str, transport: str, command: list[str]) -> Session:
    address = f"{site.mcp_url}sse/" if transport == "sse" else site.mcp_url
    done = subprocess.run(
        [*command, transport, address, f"A draft by {client} over {transport}"],
        env={**os.environ, "MCP_TOKEN": site.token("editor")},
        capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    steps = tuple(Step(line["step"], line["ok"], str(line["said"])) for line in lines)
    if done.returncode == 0:
        return Session(client, transport, steps)
    sys.stderr.write(f"{client} over {transport}:\n{done.stderr[-2000:]}\n")
    return Session(client, transport, steps, _last_line(done.stderr))


def _servers(site: LiveSite) -> dict[str, dict[str, Any]]:
    """The Inspector's configuration, transport by transport."""
    headers = {"Authorization": f"Bearer {site.token('editor')}"}
    passed = ("DATABASE_URL", "VAR_DIR", "DJANGO_SETTINGS_MODULE", "PORT", "PATH")
    environment = {name: site.environment[name] for name in passed if name in site.environment}
    return {
        "http": {"type": "streamable-http", "url": site.mcp_url, "headers": headers},
        "sse": {"type": "sse", "url": f"{site.mcp_url}sse/", "headers": headers},
        "stdio": {
            "type": "stdio",
            "command": sys.executable,
            "args": [str(ROOT / "manage.py"), "run_mcp"],
            "env": {**environment, "MCP_TOKEN": site.token("editor")},
            "cwd": str(ROOT),
        },
    }


def _inspect(
    config: Path, transport: str, method: str, arguments: tuple[str, ...], counted: str
) -> Step:
    command = [*program("inspector", "mcp-inspector"), "--cli", "--config", str(config)]
    command += ["--server", transport, "--method", method, *PATIENCE, *arguments]
    done = subprocess.run(
        command, cwd=config.parent, capture_output=True, text=True, timeout=SECONDS,
        # Otherwise it looks for a keychain to put the token into.
        env={**os.environ, "MCP_INSPECTOR_SECRET_STORE": "memory"},
    )  # fmt: skip
    try:
        found = json.loads(done.stdout)[counted]
    except (ValueError, LookupError, TypeError):
        sys.stderr.write(
            f"Inspector, {transport}, {method}:\n{(done.stderr or done.stdout)[-2000:]}\n"
        )
        return Step(method, False, _last_line(done.stderr or done.stdout))
    return Step(method, done.returncode == 0 and bool(found), f"{len(found)} {counted}")


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else "no output"
