"""From a bearer token in a request to the user it stands for."""

from functools import partial
from typing import Any

from django.db import InterfaceError, OperationalError
from fastmcp.server.auth import AccessToken, TokenVerifier
from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import BearerAuthBackend
from mcp_types import INTERNAL_ERROR
from pydantic import Field
from starlette.authentication import AuthenticationError
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse

from mcp_server.actor import Actor
from mcp_server.conf import mcp_url, site_url
from mcp_server.errors import explain
from mcp_server.tokens import MCPAuthError, resolve_mcp_user

from . import metrics, runner
from .answer import protocol_error

RETRY_AFTER = "5"  # seconds


class EditorToken(AccessToken):
    """An access token with the user and the row it was checked against.

    The secret is not in it: whatever prints or stores this object cannot give it away.
    """

    user: Any = Field(exclude=True, repr=False)
    row: Any = Field(exclude=True, repr=False)

    @property
    def actor(self) -> Actor:
        return Actor(self.user, self.row)


class MCPTokenVerifier(TokenVerifier):
    """Checks every request's bearer token against the stored digests, without any cache."""

    def __init__(self) -> None:
        super().__init__(base_url=mcp_url().rstrip("/") if site_url() else None)

    async def verify_token(self, token: str) -> EditorToken | None:
        """The token's user and row, or None, which the client sees as 401."""
        try:
            user, row = await runner.run(partial(resolve_mcp_user, token))
        except MCPAuthError as refused:
            metrics.AUTH_FAILURES.labels(refused.reason).inc()
            return None
        except (OperationalError, InterfaceError) as error:
            # Not a 401: a client would throw a good token away.
            raise AuthenticationError(explain(error)[1]) from error
        return EditorToken(
            token=row.get_masked_token(),
            client_id=f"token-{row.pk}",
            subject=str(user.pk),
            scopes=[],
            user=user,
            row=row,
        )

    def get_middleware(self) -> list[Middleware]:
        """FastMCP's own two, with an answer for a database that does not answer."""
        return [
            Middleware(
                AuthenticationMiddleware, backend=BearerAuthBackend(self), on_error=_unavailable
            ),
            Middleware(AuthContextMiddleware),
        ]


def _unavailable(connection: HTTPConnection, error: AuthenticationError) -> JSONResponse:
    return JSONResponse(
        protocol_error(str(error), INTERNAL_ERROR),
        status_code=503,
        headers={"Retry-After": RETRY_AFTER},
    )
