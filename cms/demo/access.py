"""Tokens for the three accounts, and the file that tells a client how to connect."""

import json
import os
import shlex
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from mcp_server.models import MCPToken

from .tally import Tally

TOKEN_DAYS = 90


@dataclass(frozen=True)
class Access:
    site_url: str
    passwords: dict[str, str]
    tokens: dict[str, str]

    @property
    def mcp_url(self) -> str:
        return f"{self.site_url}/mcp/"

    def as_dict(self) -> dict[str, Any]:
        logins = {
            name: {"username": name, "password": password}
            for name, password in self.passwords.items()
        }
        return {
            "site_url": self.site_url,
            "mcp_url": self.mcp_url,
            "logins": logins,
            "tokens": self.tokens,
        }


def kept(path: Path) -> dict[str, Any]:
    """What an earlier load has written; empty when there is nothing readable."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def close_to_others(connection: BaseDatabaseWrapper) -> None:
    """Leave an SQLite file, and what SQLite keeps beside it, to its owner."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or ":memory:" in name:
        return
    for file in (name, f"{name}-wal", f"{name}-shm"):
        with suppress(FileNotFoundError):
            os.chmod(file, 0o600)


def keep(path: Path, access: Access) -> None:
    """Write the file for its owner's eyes only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(access.as_dict(), file, indent=2)
        file.write("\n")
    draft.replace(path)


def tokens(users: dict[str, User], known: dict[str, str], tally: Tally) -> dict[str, str]:
    """A working secret per user: the known one, or a new one in place of what it replaces."""
    return {name: working_token(user, known.get(name, ""), tally) for name, user in users.items()}


def working_token(user: User, known: str, tally: Tally) -> str:
    # A dict, because the secret is a look-up of the manager and not a field of the model.
    lookup: dict[str, Any] = {"token": known, "user": user}
    token = MCPToken.objects.filter(**lookup).first() if known else None
    if token and token.is_valid:
        return known
    name = f"Demo: {user.get_username()}"
    MCPToken.objects.filter(user=user, name=name).update(is_active=False)
    # No list of tools: the token may use every one, and the user's permissions are the limit.
    made = MCPToken.objects.create(
        user=user,
        name=name,
        allowed_tools=[],
        expires_at=timezone.now() + timedelta(days=TOKEN_DAYS),
    )
    tally.add("tokens")
    return str(made.token)


def instructions(access: Access) -> str:
    """Addresses, logins, tokens and a client configuration to paste."""
    header = f"Authorization: Bearer {access.tokens['editor']}"
    command = ["claude", "mcp", "add", "--transport", "http", "wagtail", access.mcp_url]
    server = {"type": "http", "url": access.mcp_url, "headers": dict([header.split(": ", 1)])}
    rows = [
        f"  {name:<10} password {password}   token {access.tokens[name]}"
        for name, password in access.passwords.items()
    ]
    return "\n".join(
        [
            f"Site   {access.site_url}/",
            f"Admin  {access.site_url}/admin/",
            f"MCP    {access.mcp_url}",
            "",
            *rows,
            "",
            "Claude Code, as the editor:",
            f"  {shlex.join([*command, '--header', header])}",
            "",
            "Claude Code (.mcp.json), Cursor (.cursor/mcp.json):",
            json.dumps({"mcpServers": {"wagtail": server}}, indent=2),
            "",
            "VS Code and Claude Desktop: see README.md, “Connect a client”.",
        ]
    )
