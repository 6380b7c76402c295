"""The server over standard input and output, for a client that starts it as a process."""

from functools import partial

import anyio
from django.db import connections

from mcp_server.tokens import resolve_mcp_user

from .identity import FromSecret, Identity, dev_actor, from_settings
from .server import build_server


def serve(secret: str) -> None:
    """Serve until standard input closes. Raises MCPAuthError when the token is no good now."""
    resolve_mcp_user(secret)
    _serve(FromSecret(secret))


def serve_without_token() -> None:
    """Serve as the development user; raises ImproperlyConfigured outside DEBUG."""
    dev_actor()
    _serve(from_settings)


def _serve(identity: Identity) -> None:
    # This thread runs the event loop from here on and needs no connection.
    connections.close_all()
    server = build_server(identity=identity)
    anyio.run(partial(server.run_stdio_async, show_banner=False))
