"""What the server says of itself, and the few private things of FastMCP that we rely on."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from fastmcp import Client, Context, FastMCP
from fastmcp.server.middleware import Middleware
from mcp.server.request_state import InvalidRequestState, RequestStateCodec

from mcp_server.actor import Actor
from mcp_server.models import MCPToken
from mcp_server.transport.context import current_actor, get_mcp_token, get_mcp_user
from mcp_server.transport.identity import FromSecret, dev_actor
from mcp_server.transport.mount import get_asgi_application
from mcp_server.transport.server import build_server, our_version
from tests.world import World

from . import throwaway
from .conftest import MakeToken
from .protocol import HANDSHAKE, MODERN, Server, ask, bearer, call, conversation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("trial_tools")]


def test_name_version_and_instructions(secret: str, settings: Any) -> None:
    settings.MCP_SERVER = {"NAME": "The Garden", "INSTRUCTIONS": "Write in British English."}
    hello = {
        "protocolVersion": HANDSHAKE,
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    }
    result = ask(secret, "initialize", hello)["result"]
    assert result["serverInfo"]["name"] == "The Garden"
    assert result["serverInfo"]["version"] == our_version()
    assert result["instructions"].endswith("Write in British English.")
    assert len(result["instructions"]) < 1200

    discovered = ask(secret, "server/discover", None, MODERN)["result"]
    assert MODERN in discovered["supportedVersions"]


def test_tools_are_not_listed_for_every_call(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK would, to look for parameters that travel in headers. This goes when it stops."""
    listed: list[str] = []
    original = FastMCP.list_tools

    async def counting(self: Any, **options: Any) -> Any:
        listed.append("")
        return await original(self, **options)

    monkeypatch.setattr(FastMCP, "list_tools", counting)
    assert not call(secret, "count_up", MODERN, limit=2).get("isError")
    assert not listed


def test_the_shortcut_is_still_where_it_was() -> None:
    lookup = build_server()._mcp_server.get_tool_input_schema
    assert lookup is not None
    assert lookup("count_up") is None


def test_no_tool_declares_a_parameter_header() -> None:
    from mcp_server.transport.arguments import Arguments

    for spec in throwaway.SPECS:
        assert "x-mcp-header" not in str(Arguments(spec).schema())


def test_two_tools_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="who_am_i"):
        build_server(specs=[throwaway.SPECS[0], throwaway.SPECS[0]])


def test_a_tool_of_the_site_cannot_have_the_name_of_one_of_ours(make_token: MakeToken) -> None:
    server = build_server(identity=FromSecret(str(make_token().token)))

    @server.tool
    def who_am_i() -> str:
        """Never seen: ours would be called."""
        return "nobody"

    async def talk() -> None:
        async with Client(server):
            pass

    with pytest.raises(Exception, match="a tool called who_am_i already"):
        async_to_sync(talk)()


def test_a_middleware_of_the_site_knows_who_calls(make_token: MakeToken) -> None:
    token = make_token()
    server = build_server(identity=FromSecret(str(token.token)))
    seen: list[Any] = []

    class Look(Middleware):
        async def on_call_tool(self, context: Any, call_next: Any) -> Any:
            ctx = context.fastmcp_context
            seen.append((await get_mcp_user(ctx), await get_mcp_token(ctx)))
            result = await call_next(context)
            result.meta = {"site/seen": True}
            return result

    server.add_middleware(Look())

    async def talk() -> Any:
        async with Client(server) as client:
            return (await client.call_tool("who_am_i")).meta

    assert async_to_sync(talk)()["site/seen"] is True
    assert seen == [(token.user, token)]


def test_in_memory_client(make_token: MakeToken) -> None:
    server = build_server(identity=FromSecret(str(make_token().token)))

    async def talk() -> Any:
        async with Client(server) as client:
            return (await client.call_tool("who_am_i")).structured_content

    assert async_to_sync(talk)() == {"user": "editor", "token": "Claude on my laptop"}


def test_a_fixed_secret_is_checked_for_every_request(make_token: MakeToken) -> None:
    token = make_token()
    server = build_server(identity=FromSecret(str(token.token)))

    async def talk() -> str:
        from mcp_server.transport import runner

        async with Client(server) as client:
            await client.call_tool("who_am_i")
            await runner.run(lambda: MCPToken.objects.update(is_active=False))
            with pytest.raises(Exception, match="revoked") as caught:
                await client.call_tool("who_am_i")
            return str(caught.value)

    assert str(token.token) not in async_to_sync(talk)()


def test_the_secret_is_not_in_the_identity_s_text(secret: str) -> None:
    assert secret not in repr(FromSecret(secret))


def test_tools_written_straight_for_fastmcp(make_token: MakeToken) -> None:
    """They need a grant by name, and find user and token in their context."""
    token = make_token(allowed_tools=["site_tool", "site_tool_sync"])

    def build(**options: Any) -> FastMCP[Any]:
        server = build_server(**options)

        @server.tool
        async def site_tool(ctx: Context) -> str:
            user, row = await get_mcp_user(ctx), await get_mcp_token(ctx)
            return f"{user.get_username()} {row and row.pk}"

        @server.tool
        def site_tool_sync() -> str:
            return current_actor().user.get_username()

        return server

    async def talk(server: Server) -> list[Any]:
        other = make_other.token
        return [
            await server.call(token.token, "site_tool", MODERN),
            await server.call(token.token, "site_tool_sync"),
            await server.call(other, "site_tool"),
        ]

    make_other = make_token()
    first, second, third = conversation(talk, get_asgi_application(build=build))
    assert first["structuredContent"] == {"result": f"editor {token.pk}"}
    assert second["structuredContent"] == {"result": "editor"}
    assert third["isError"]


NO_AUTH: dict[str, Any] = {
    "MCP_REQUIRE_AUTH": False,
    "DEBUG": True,
    "MCP_SERVER": {"DEV_USER": "editor"},
}


def test_without_authentication_in_development(world: World) -> None:
    with override_settings(**NO_AUTH):
        result = call(None, "who_am_i")
        assert result["structuredContent"] == {"user": "editor", "token": None}
        assert call(None, "read_table")["isError"]


@pytest.mark.parametrize(
    "changed", [{"DEBUG": False}, {"MCP_SERVER": {}}, {"MCP_SERVER": {"DEV_USER": ""}}]
)
def test_never_without_authentication_elsewhere(changed: dict[str, Any]) -> None:
    with override_settings(**{**NO_AUTH, **changed}), pytest.raises(ImproperlyConfigured):
        get_asgi_application()


def test_the_development_user_must_be_there_and_active(world: World) -> None:
    with override_settings(**NO_AUTH):
        assert isinstance(dev_actor(), Actor)
        type(world.editor).objects.update(is_active=False)
        with pytest.raises(ImproperlyConfigured):
            dev_actor()


def test_without_authentication_the_host_is_still_checked(world: World) -> None:
    async def talk(server: Server) -> int:
        return (await server.post("{}", {**bearer(None), "Host": "evil.example"})).status_code

    with override_settings(**NO_AUTH):
        assert conversation(talk) == 421


def test_state_that_one_process_sealed_is_opened_by_another(settings: Any) -> None:
    """Also after the key was exchanged; a process without either key refuses it."""
    codec = _state_codec()
    sealed = codec.seal(b"half done")
    assert _state_codec().unseal(sealed) == b"half done"
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-that-is-only-for-tests"
    assert _state_codec().unseal(sealed) == b"half done"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InvalidRequestState):
        _state_codec().unseal(sealed)


def _state_codec() -> RequestStateCodec:
    policy = build_server()._request_state_security
    assert policy is not None
    return policy.codec
