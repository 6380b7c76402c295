"""Change streams: what they tell, to whom, and when they end."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import anyio
import pytest
import uvicorn
from asgiref.sync import async_to_sync
from fastmcp import Client
from mcp.client.subscriptions import Subscription, listen
from mcp.server.subscriptions import (
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ToolsListChanged,
)
from mcp.shared.exceptions import MCPError

from mcp_server.models import MCPToken, StyleGuide
from mcp_server.transport import listening, runner
from mcp_server.transport.identity import FromSecret
from mcp_server.transport.server import build_server
from tests.world import World

from .conftest import LiveSite, MakeToken
from .protocol import HANDSHAKE, MODERN, ask
from .test_clients import modern

pytestmark = pytest.mark.django_db

GUIDE = "content://style-guide"
T = TypeVar("T")
Talk = Callable[[Client[Any]], Awaitable[T]]


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "INTERVAL", 0.01)


def connected(token: MCPToken, talk: Talk[T]) -> T:
    """What ``talk`` returns, with a client of the current protocol; it fails rather than hangs."""

    async def held() -> T:
        with anyio.fail_after(120):
            async with Client(build_server(identity=FromSecret(str(token.token)))) as client:
                return await talk(client)

    return async_to_sync(held)()


def everything(client: Client[Any], *uris: str) -> Any:
    return listen(
        client.session,
        tools_list_changed=True,
        prompts_list_changed=True,
        resources_list_changed=True,
        resource_subscriptions=uris or (GUIDE,),
    )


async def change(func: Callable[[], Any]) -> None:
    """What somebody does in the admin meanwhile."""
    await runner.run(func)


def save_guide(text: str) -> Callable[[], None]:
    def save() -> None:
        guide = StyleGuide.load()
        guide.text = text
        guide.save()

    return save


async def heard(stream: Subscription, number: int) -> list[Any]:
    return [await anext(stream) for _ in range(number)]


def test_other_tools_are_announced_with_what_depends_on_them(make_token: MakeToken) -> None:
    token = make_token()

    async def talk(client: Client[Any]) -> list[Any]:
        before = {tool.name for tool in await client.list_tools()}
        async with everything(client) as stream:
            grant = MCPToken.objects.filter(pk=token.pk)
            await change(lambda: grant.update(allowed_tools=["list_sites"]))
            events = await heard(stream, 3)
        after = {tool.name for tool in await client.list_tools()}
        assert before > after == {"list_sites"}
        return events

    assert connected(token, talk) == [
        ToolsListChanged(),
        PromptsListChanged(),
        ResourcesListChanged(),
    ]


def test_a_saved_style_guide_is_announced(world: World, make_token: MakeToken) -> None:
    async def talk(client: Client[Any]) -> list[Any]:
        await change(save_guide("<p>Be brief.</p>"))
        async with everything(client) as stream:
            await change(save_guide("<p>Be kind.</p>"))
            return await heard(stream, 1)

    assert connected(make_token(), talk) == [ResourceUpdated(GUIDE)]


def test_only_what_was_asked_for_is_told(make_token: MakeToken) -> None:
    token = make_token()

    async def talk(client: Client[Any]) -> list[Any]:
        async with listen(client.session, prompts_list_changed=True) as stream:
            assert stream.honored.tools_list_changed is None
            grant = MCPToken.objects.filter(pk=token.pk)
            await change(save_guide("<p>Be brief.</p>"))
            await change(lambda: grant.update(allowed_tools=["list_sites"]))
            return await heard(stream, 1)

    assert connected(token, talk) == [PromptsListChanged()]


def test_resources_that_never_tell_are_not_promised(make_token: MakeToken) -> None:
    async def talk(client: Client[Any]) -> Any:
        uris = (GUIDE, "design://tokens", "content://types", "content://nothing")
        async with everything(client, *uris) as stream:
            return stream.honored.resource_subscriptions

    assert connected(make_token(allowed_tools=["list_sites"]), talk) == [GUIDE]


def revoke(token: MCPToken) -> None:
    token.revoke()


def rotate(token: MCPToken) -> None:
    token.rotate()


def deactivate(token: MCPToken) -> None:
    type(token.user).objects.filter(pk=token.user.pk).update(is_active=False)


def delete(token: MCPToken) -> None:
    MCPToken.objects.filter(pk=token.pk).delete()


@pytest.mark.parametrize("stop", [revoke, rotate, deactivate, delete])
def test_a_stream_ends_with_its_token(make_token: MakeToken, stop: Any) -> None:
    token = make_token()

    async def talk(client: Client[Any]) -> list[Any]:
        async with everything(client) as stream:
            await change(lambda: stop(MCPToken.objects.get(pk=token.pk)))
            await change(save_guide("<p>Not for them.</p>"))
            return [event async for event in stream]

    # The guide may have been told of before the end was noticed, but the stream ended.
    assert set(connected(token, talk)) <= {ResourceUpdated(GUIDE)}


def test_a_stream_ends_when_the_server_stops(
    make_token: MakeToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping = anyio.Event()
    monkeypatch.setattr(listening, "_is_stopping", stopping.is_set)

    async def talk(client: Client[Any]) -> list[Any]:
        async with everything(client) as stream:
            stopping.set()
            return [event async for event in stream]

    assert connected(make_token(), talk) == []


def test_uvicorn_s_word_for_stopping_is_understood() -> None:
    """It waits for open answers before it ends the application, so these have to look at it."""
    server = uvicorn.Server(uvicorn.Config(app=""))
    with server.capture_signals():
        assert not listening._is_stopping()
        server.should_exit = True
        assert listening._is_stopping()
    assert not listening._is_stopping()


def test_a_stream_lasts_no_longer_than_it_may(
    make_token: MakeToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "LIFETIME", 0.0)

    async def talk(client: Client[Any]) -> list[Any]:
        async with everything(client) as stream:
            return [event async for event in stream]

    assert connected(make_token(), talk) == []


def test_a_token_listens_a_few_times_at_once(
    make_token: MakeToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "MAX_STREAMS", 1)

    async def talk(client: Client[Any]) -> str:
        async with everything(client):
            with pytest.raises(MCPError) as caught:
                async with everything(client):
                    pass
        # The place is free again.
        async with everything(client):
            return caught.value.message

    assert "Close a stream first" in connected(make_token(), talk)


def test_a_database_that_is_away_for_a_moment_ends_nothing(
    make_token: MakeToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    original = listening.Listener._look_again
    looks: list[str] = []

    def flaky(self: Any, actor: Any) -> Any:
        looks.append("")
        if len(looks) == 1:
            raise OperationalError("gone")
        return original(self, actor)

    monkeypatch.setattr(listening.Listener, "_look_again", flaky)

    async def talk(client: Client[Any]) -> list[Any]:
        async with everything(client) as stream:
            await change(save_guide("<p>Be kind.</p>"))
            return await heard(stream, 1)

    assert connected(make_token(), talk) == [ResourceUpdated(GUIDE)]


def test_what_is_promised_is_kept_in_each_era(secret: str) -> None:
    """No client is told to wait for notifications that never come."""
    hello = {
        "protocolVersion": HANDSHAKE,
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    }
    old = ask(secret, "initialize", hello, HANDSHAKE)["result"]["capabilities"]
    new = ask(secret, "server/discover", None, MODERN)["result"]["capabilities"]
    for kind in ("tools", "prompts", "resources"):
        assert not old[kind].get("listChanged")
        assert new[kind]["listChanged"] is True
    assert not old["resources"].get("subscribe")
    assert new["resources"]["subscribe"] is True
    listening_there = ask(secret, "subscriptions/listen", {"notifications": {}}, HANDSHAKE)
    assert listening_there["error"]["code"] == -32601


def test_over_http_from_another_process(live: LiveSite) -> None:
    async def talk() -> list[Any]:
        with anyio.fail_after(120):
            async with (
                modern(live, live.tokens["editor"]) as client,
                listen(client.session, resource_subscriptions=[GUIDE]) as stream,
            ):
                code = (
                    "from mcp_server.models import StyleGuide\n"
                    "guide = StyleGuide.load(); guide.text = '<p>New.</p>'; guide.save()"
                )
                await anyio.to_thread.run_sync(live.shell, code)
                return await heard(stream, 1)

    assert anyio.run(talk) == [ResourceUpdated(GUIDE)]
