"""From a bearer token in a request to the user it stands for."""

import logging
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import InterfaceError, OperationalError
from fastmcp.server.auth import AccessToken, TokenVerifier
from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import BearerAuthBackend
from mcp_types import INTERNAL_ERROR, INVALID_REQUEST
from pydantic import Field
from starlette.authentication import AuthenticationError
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse

from mcp_server.actor import Actor
from mcp_server.conf import mcp_url, site_url
from mcp_server.digests import is_well_formed
from mcp_server.errors import explain
from mcp_server.rates import TooOften, current_rates
from mcp_server.tokens import MCPAuthError, resolve_mcp_user

from . import metrics, runner
from .answer import protocol_error

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser

    from mcp_server.models import MCPToken

logger = logging.getLogger("mcp_server.auth")

RETRY_AFTER = 5  # seconds
# A token that expired or was revoked is no guess: its holder had a good one.
GUESSES = frozenset({"malformed", "unknown"})
SENTENCES = {
    "token_limited": "This token has sent more requests than the site allows.",
    "address_limited": "Too many unknown tokens came from this address. Check the token.",
}

_client_host: ContextVar[str] = ContextVar("mcp_server_client_host", default="")


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
        host = _client_host.get()
        try:
            # Several spaces may stand before it: https://www.rfc-editor.org/rfc/rfc9110#section-11.4
            user, row = await runner.run(partial(_resolve, token.lstrip(" "), host))
        except MCPAuthError as refused:
            metrics.AUTH_FAILURES.labels(refused.reason).inc()
            logger.info("a token from %s was refused: %s", host or "somewhere", refused.reason)
            return None
        except TooOften as limited:
            metrics.AUTH_FAILURES.labels(limited.reason).inc()
            if limited.reason == "token_limited":
                # An address that guesses is warned of once, and must not fill the log.
                logger.info(
                    "a request from %s was refused: %s", host or "somewhere", limited.reason
                )
            raise Limited(limited) from None
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
        """FastMCP's own two, with answers for a used-up limit and a database that is away."""
        return [
            Middleware(AuthenticationMiddleware, backend=_Backend(self), on_error=_later),
            Middleware(AuthContextMiddleware),
        ]


class Limited(AuthenticationError):  # noqa: N818 - an answer, not a fault
    """More requests than a limit allows."""

    def __init__(self, limited: TooOften) -> None:
        self.seconds = limited.seconds
        super().__init__(f"{SENTENCES[limited.reason]} Call again in {_in_words(limited.seconds)}.")


class _Backend(BearerAuthBackend):
    """Keeps the client's address where the verifier finds it.

    It is the peer's. What a proxy says of it counts where the ASGI server has put it into the
    scope, as uvicorn does for the proxies in ``--forwarded-allow-ips``; a header that anybody
    can send is not read here.
    """

    async def authenticate(self, conn: HTTPConnection) -> Any:
        before = _client_host.set(conn.client.host if conn.client else "")
        try:
            return await super().authenticate(conn)
        finally:
            _client_host.reset(before)


def _resolve(secret: str, host: str) -> "tuple[AbstractUser, MCPToken]":
    """``resolve_mcp_user`` within the site's limits. Raises TooOften besides."""
    rates = current_rates()
    rates.admit(host, secret)
    if is_well_formed(secret):
        rates.count_call(secret)
    try:
        user, token = resolve_mcp_user(secret)
    except MCPAuthError as refused:
        if refused.reason in GUESSES:
            rates.count_failure(host)
        raise
    rates.prove(secret)
    if token.has_two_secrets:
        # While both work they share one limit, besides the one that each has from its first call.
        rates.count_call(f"token {token.pk}")
    return user, token


def _later(connection: HTTPConnection, error: AuthenticationError) -> JSONResponse:
    """A JSON-RPC error that says when: clients show its message, and few read the header."""
    limited = isinstance(error, Limited)
    seconds = error.seconds if isinstance(error, Limited) else RETRY_AFTER
    body = protocol_error(str(error), INVALID_REQUEST if limited else INTERNAL_ERROR)
    body["error"]["data"] = {"retry_after_seconds": seconds}
    return JSONResponse(
        body, status_code=429 if limited else 503, headers={"Retry-After": str(seconds)}
    )


def _in_words(seconds: int) -> str:
    return "1 second" if seconds == 1 else f"{seconds} seconds"
