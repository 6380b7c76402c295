"""Ready configurations for MCP clients."""

import json
import shlex
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from .conf import server_name


@dataclass(frozen=True, slots=True)
class Snippet:
    """What one client is given to connect, and where it goes."""

    key: str
    client: str
    where: str | Promise
    text: str

    @property
    def rows(self) -> int:
        """Lines that a text box needs; long ones wrap."""
        return sum(1 + len(line) // 55 for line in self.text.splitlines())


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """What a client needs: the server's address and a bearer ``secret``.

    ``secret`` may be a shell variable such as ``$MCP_TOKEN`` where the real one must not appear.
    """

    url: str
    secret: str

    @property
    def name(self) -> str:
        """The site's name as clients want it: letters, digits and hyphens."""
        return slugify(server_name()) or "wagtail"

    @property
    def claude_code(self) -> str:
        """One shell command that adds the server to Claude Code."""
        return (
            f"claude mcp add --transport http {self.name} {shlex.quote(self.url)}"
            f' --header "Authorization: Bearer {self.secret}"'
        )

    @property
    def mcp_servers(self) -> str:
        """The ``mcpServers`` block that most clients read from their configuration file."""
        return _json({"mcpServers": {self.name: {"type": "http", **self._remote}}})

    @property
    def claude_desktop(self) -> str:
        """Claude Desktop's file starts programs only, so the bridge ``mcp-remote`` connects."""
        # A variable, because Claude Desktop on Windows splits arguments at spaces.
        arguments = ["-y", "mcp-remote", self.url, "--header", "Authorization:${AUTHORIZATION}"]
        if self.url.startswith("http://"):
            arguments.append("--allow-http")
        server = {
            "command": "npx",
            "args": arguments,
            "env": {"AUTHORIZATION": f"Bearer {self.secret}"},
        }
        return _json({"mcpServers": {self.name: server}})

    @property
    def cursor(self) -> str:
        """Cursor's ``mcp.json``."""
        return _json({"mcpServers": {self.name: self._remote}})

    @property
    def vs_code(self) -> str:
        """VS Code's ``mcp.json``, which says ``servers``."""
        return _json({"servers": {self.name: {"type": "http", **self._remote}}})

    @property
    def curl(self) -> str:
        """A request that lists the tools."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
        return " \\\n  ".join(
            [
                f"curl {shlex.quote(self.url)}",
                f'--header "Authorization: Bearer {self.secret}"',
                "--header 'Content-Type: application/json'",
                "--header 'Accept: application/json, text/event-stream'",
                f"--data {shlex.quote(body)}",
            ]
        )

    def snippets(self) -> list[Snippet]:
        """One per client, the simplest first."""
        terminal = _("Run this command once in a terminal.")
        return [
            Snippet("claude-code", "Claude Code", terminal, self.claude_code),
            Snippet(
                "claude-desktop",
                "Claude Desktop",
                _("Settings → Developer → Edit config. It needs Node.js on that computer."),
                self.claude_desktop,
            ),
            Snippet("cursor", "Cursor", _("In the file .cursor/mcp.json."), self.cursor),
            Snippet("vs-code", "VS Code", _("In the file .vscode/mcp.json."), self.vs_code),
            Snippet("curl", "curl", _("Lists the tools, to see whether it works."), self.curl),
        ]

    @property
    def _remote(self) -> dict[str, object]:
        return {"url": self.url, "headers": {"Authorization": f"Bearer {self.secret}"}}


def _json(data: object) -> str:
    return json.dumps(data, indent=2)
