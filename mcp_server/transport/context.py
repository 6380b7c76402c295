"""Who the running call acts for, for our own tools and for those written for FastMCP."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from fastmcp import Context

from mcp_server.actor import Actor

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser

    from mcp_server.models import MCPToken

USER_KEY = "mcp_user"
TOKEN_KEY = "mcp_token"  # noqa: S105 - the name of a state key
MAX_CLIENT_TEXT = 60

_actor: ContextVar[Actor | None] = ContextVar("mcp_server_actor", default=None)


def current_actor() -> Actor:
    """The actor of the running request; works in threads that the request started, too.

    Raises RuntimeError outside a request.
    """
    actor = _actor.get()
    if actor is None:
        raise RuntimeError("There is no MCP request here, so there is nobody to act for.")
    return actor


def known_actor() -> Actor | None:
    """The actor of the running request, or None outside one."""
    return _actor.get()


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Make ``actor`` the one that ``current_actor()`` answers."""
    before = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(before)


async def share(ctx: Context, actor: Actor) -> None:
    """Put user and token where a FastMCP tool's own context finds them, for this request only."""
    # Not serialised: a model instance has no place in a session store.
    await ctx.set_state(USER_KEY, actor.user, serializable=False)
    await ctx.set_state(TOKEN_KEY, actor.token, serializable=False)


async def get_mcp_user(ctx: Context) -> "AbstractUser":
    """The user of the request, for a tool that a site writes straight for FastMCP.

    Await it: FastMCP's state is asynchronous. A synchronous tool asks ``current_actor().user``.
    """
    user: AbstractUser | None = await ctx.get_state(USER_KEY)
    # A call of one of our tools puts nothing into the state; a site's middleware may see one.
    return user or current_actor().user


async def get_mcp_token(ctx: Context) -> "MCPToken | None":
    """The token of the request; None only where the site serves without authentication."""
    token: MCPToken | None = await ctx.get_state(TOKEN_KEY)
    return token or current_actor().token


def client_of(ctx: Context) -> dict[str, str]:
    """``{"name", "version"}`` of the client as it calls itself; empty when it did not say.

    A handshake-era client over stateless HTTP says it in a request of its own, which later
    ones do not repeat.
    """
    params = ctx.session.client_params if ctx.request_context else None
    if params is None:
        return {}
    info = params.client_info
    return {"name": _shown(info.title or info.name), "version": _shown(info.version)}


def _shown(text: Any) -> str:
    # It ends up in page histories: no control characters, and not a novel.
    return "".join(char for char in str(text or "") if char.isprintable())[:MAX_CLIENT_TEXT]
