"""Look at this server with the MCP Inspector, or without it."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from mcp_server.clients import ClientConfig
from mcp_server.conf import mcp_url

INSPECTOR = "@modelcontextprotocol/inspector"
# What the Inspector's package asks for; an older one fails with an error that does not say so.
NODE = (22, 19)
NODE_WORDS = ".".join(map(str, NODE))
TOKEN = "$MCP_TOKEN"  # noqa: S105 - a shell variable, never the secret itself


class Command(BaseCommand):
    help = (
        "Show how to look at this server: with curl, which needs nothing else, and with the MCP "
        "Inspector, which needs Node.js 22.19 or newer. --run starts the Inspector on this "
        "machine only."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default="", help="Default: the site's own MCP address.")
        parser.add_argument("--run", action="store_true", help="Start the Inspector with npx.")

    def handle(self, *args: Any, **options: Any) -> None:
        url = options["url"] or mcp_url()
        self.stdout.write(_guide(url))
        if options["run"]:
            self._start(url)

    def _start(self, url: str) -> None:
        npx = shutil.which("npx")
        if npx is None:
            raise CommandError(
                _(
                    "npx was not found. Install Node.js %(needed)s or newer, "
                    "or use the curl command above."
                )
                % {"needed": NODE_WORDS}
            )
        found = _node_version()
        if found < NODE:
            raise CommandError(
                _(
                    "The Inspector needs Node.js %(needed)s or newer; here is %(found)s. "
                    "Install a newer one, or use the curl command above."
                )
                % {"needed": NODE_WORDS, "found": ".".join(map(str, found)) or "?"}
            )
        # Loopback only: whoever reaches the Inspector's proxy can start programs with it.
        environment = {**os.environ, "HOST": "127.0.0.1"}
        command = [npx, INSPECTOR, "--transport", "http", "--server-url", url]
        sys.exit(subprocess.run(command, env=environment, check=False).returncode)  # noqa: S603


def _node_version() -> tuple[int, ...]:
    """The version of the node that npx runs on; empty when node does not say."""
    node = shutil.which("node")
    if node is None:
        return ()
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    return tuple(map(int, re.findall(r"\d+", said.stdout)[:3]))


def _guide(url: str) -> str:
    return _(
        "Address: %(url)s\n"
        "Token: create one in the Wagtail admin under MCP tokens, or with create_mcp_token, and "
        "put it in the variable MCP_TOKEN.\n\n"
        "Without the Inspector, list the tools:\n  %(curl)s\n\n"
        "The Inspector needs Node.js %(node)s or newer.\n\n"
        "Inspector, command line:\n  %(cli)s\n\n"
        "Inspector, in the browser:\n  %(ui)s\n"
        "  Transport: Streamable HTTP. Header: Authorization, with “Bearer ” and the token.\n\n"
        "Over standard input and output:\n  %(stdio)s\n\n"
        "Configuration file:\n%(block)s\n"
    ) % {
        "url": url,
        "node": NODE_WORDS,
        "curl": _curl(url),
        "cli": f"npx {INSPECTOR} --cli {shlex.quote(url)} --transport http --method tools/list "
        f'--header "Authorization: Bearer {TOKEN}"',
        "ui": f"npx {INSPECTOR} --transport http --server-url {shlex.quote(url)}",
        "stdio": f"npx {INSPECTOR} {shlex.join(_stdio())}",
        "block": ClientConfig(url, "${MCP_TOKEN}").mcp_servers,
    }


def _curl(url: str) -> str:
    message = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    headers = ["Content-Type: application/json", "Accept: application/json, text/event-stream"]
    given = " ".join(f"-H {shlex.quote(header)}" for header in headers)
    return (
        f'curl -sS {shlex.quote(url)} -H "Authorization: Bearer {TOKEN}" {given} '
        f"-d {shlex.quote(message)}"
    )


def _stdio() -> list[str]:
    return [sys.executable, os.path.abspath(sys.argv[0]), "run_mcp", "--transport", "stdio"]
