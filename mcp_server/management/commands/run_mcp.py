"""Serve MCP without the site: over standard input and output, or over HTTP."""

import os
import stat
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import uvicorn
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from mcp_server.conf import require_auth
from mcp_server.tokens import MCPAuthError

GRACE = 5  # seconds that open streams get when the server stops


class Command(BaseCommand):
    help = (
        "Serve MCP on its own. With --transport stdio, a client starts this command and the token "
        "comes from the variable MCP_TOKEN or from --token-file; with --transport http, clients "
        "send their own. The whole site, MCP included, is served by its ASGI application."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--transport", choices=["stdio", "http"], default="stdio")
        parser.add_argument("--host", default="127.0.0.1", help="For http; default 127.0.0.1.")
        parser.add_argument("--port", type=int, default=8000, help="For http; default 8000.")
        parser.add_argument("--token-file", type=Path, help="For stdio: a file with the token.")
        # Declared to be refused: without it, argparse takes --token for --token-file.
        parser.add_argument(
            "--token", help="Refused: other users could read it in the process list."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["token"] is not None:
            raise CommandError(
                _(
                    "A token in an argument is visible to every user of this machine. "
                    "Put it in the variable MCP_TOKEN, or in a file for --token-file."
                )
            )
        try:
            if options["transport"] == "http":
                self._serve_http(options["host"], options["port"])
            else:
                self._serve_stdio(options["token_file"])
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error

    def _serve_http(self, host: str, port: int) -> None:
        # Late, because it loads the protocol libraries, which `manage.py help` does not need.
        from mcp_server.transport.mount import get_asgi_application

        uvicorn.run(
            get_asgi_application(),
            host=host,
            port=port,
            # Its lines would carry query strings; calls are logged by the plugin.
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )

    def _serve_stdio(self, token_file: Path | None) -> None:
        from mcp_server.transport import stdio

        if not require_auth() and token_file is None and "MCP_TOKEN" not in os.environ:
            stdio.serve_without_token()
            return
        try:
            stdio.serve(self._secret(token_file))
        except MCPAuthError as refused:
            raise CommandError(
                _("The token is not accepted (%(reason)s). Issue one with create_mcp_token.")
                % {"reason": refused.reason}
            ) from None

    def _secret(self, token_file: Path | None) -> str:
        if token_file is None:
            # Taken out, so that no process that a tool starts inherits it.
            secret = os.environ.pop("MCP_TOKEN", "").strip()
            if secret:
                return secret
            raise CommandError(_("Set the variable MCP_TOKEN, or name a file with --token-file."))
        try:
            self._warn_about_readers(token_file)
            return token_file.read_text().strip()
        except OSError as error:
            raise CommandError(
                _("The token file cannot be read: %(reason)s") % {"reason": error.strerror}
            ) from error

    def _warn_about_readers(self, path: Path) -> None:
        if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
            self.stderr.write(
                _("Other users can read %(path)s. Run: chmod 600 %(path)s") % {"path": path}
            )
