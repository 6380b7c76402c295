"""The HTTP side: paths, hosts, origins, sizes, malformed messages."""

import json
from typing import Any

import httpx
import pytest
from django.test import override_settings
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from mcp_server.transport import hosts
from mcp_server.transport.answer import protocol_error
from mcp_server.transport.mount import get_asgi_application
from mcp_server.transport.refusals import NO_ID, NO_STREAM, NOT_A_MESSAGE, SENTENCES

from .protocol import (
    HANDSHAKE,
    JSON_HEADERS,
    MODERN,
    Server,
    bearer,
    conversation,
    lifespan,
    reply,
    request,
    routing,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("trial_tools")]

PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}'


def post(
    secret: str, body: str | bytes = PING, path: str = "/mcp/", **headers: str
) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}

    async def talk(server: Server) -> httpx.Response:
        return await server.post(body, {**bearer(secret), **sent}, path)

    return conversation(talk)


def get(path: str, **options: Any) -> httpx.Response:
    async def talk(server: Server) -> httpx.Response:
        return await server.http.get(path)

    return conversation(talk, **options)


@pytest.mark.parametrize("path", ["/mcp/health", "/mcp/health/"])
def test_health(path: str) -> None:
    response = get(path)
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
def test_the_slash_is_added_in_place(secret: str, path: str) -> None:
    response = post(secret, path=path)
    assert response.status_code == 200
    assert reply(response)["result"] == {}


async def site(scope: Scope, receive: Receive, send: Send) -> None:
    """Stands in for Django."""
    await PlainTextResponse(f"site: {scope['root_path']}{scope['path']}")(scope, receive, send)


@pytest.mark.parametrize("path", ["/", "/mcpx/", "/blog/mcp/", "/admin/", "/.well-known/mcp"])
def test_everything_else_is_the_site(path: str) -> None:
    response = get(path, app=get_asgi_application(site))
    assert response.text == f"site: {path}"


@pytest.mark.parametrize("path", ["/mcp/unknown", "/mcp/health/more", "/mcp/sse/unknown"])
def test_nothing_under_mcp_reaches_the_site(path: str) -> None:
    assert get(path, app=get_asgi_application(site)).status_code == 404


def test_without_a_site_only_mcp_is_there() -> None:
    assert get("/").status_code == 404


def test_other_protocols_reach_the_site() -> None:
    from asgiref.sync import async_to_sync

    seen: list[str] = []

    async def sockets(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def talk() -> None:
        app = get_asgi_application(sockets)
        scope = {"type": "websocket", "path": "/live/", "headers": []}
        await app(scope, None, None)  # type: ignore[arg-type]  # it does not speak

    async_to_sync(talk)()
    assert seen == ["websocket"]


def test_the_lifespan_can_run_twice() -> None:
    from asgiref.sync import async_to_sync

    async def talk() -> None:
        for _ in range(2):
            async with lifespan(get_asgi_application(site)):
                pass

    async_to_sync(talk)()


@override_settings(WAGTAILADMIN_BASE_URL="https://www.example.org", ALLOWED_HOSTS=[".example.com"])
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("www.example.org", 200),
        ("example.com", 200),
        ("a.b.example.com:443", 200),
        ("EXAMPLE.COM", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("evil.example", 421),
        ("example.com.evil.example", 421),
        ("notexample.com", 421),
        ("", 421),
    ],
)
def test_hosts(secret: str, host: str, status: int) -> None:
    response = post(secret, Host=host)
    assert response.status_code == status
    if status == 421:
        assert response.json()["error"]["message"] == SENTENCES[421]


@override_settings(ALLOWED_HOSTS=["*"])
def test_every_host_when_django_says_so(secret: str) -> None:
    assert post(secret, Host="anything.example").status_code == 200


@override_settings(
    WAGTAILADMIN_BASE_URL="https://www.example.org",
    MCP_SERVER={"ALLOWED_ORIGINS": ["https://tool.example.net"]},
)
@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://www.example.org", 200),
        ("https://tool.example.net", 200),
        ("http://www.example.org", 403),
        ("https://evil.example", 403),
        ("https://www.example.org.evil.example", 403),
        ("null", 403),
    ],
)
def test_origins(secret: str, origin: str, status: int) -> None:
    response = post(secret, Origin=origin)
    assert response.status_code == status
    assert "access-control-allow-origin" not in response.headers
    if status == 403:
        assert response.json()["error"]["message"] == SENTENCES[403]


@override_settings(MCP_SERVER={"ALLOWED_HOSTS": ["mcp.example.org"]}, ALLOWED_HOSTS=["other"])
def test_the_setting_replaces_django_s_hosts() -> None:
    assert hosts.allowed_hosts() == ["mcp.example.org"]


@pytest.mark.parametrize("path", ["/mcp/sse/", "/mcp/sse"])
def test_sse_checks_the_host_too(path: str) -> None:
    async def talk(server: Server) -> int:
        return (await server.http.get(path, headers={"Host": "evil.example"})).status_code

    assert conversation(talk) == 421


@pytest.mark.parametrize("era", ["2025-11-25", MODERN])
def test_too_large(secret: str, era: str) -> None:
    response = post(secret, b"a" * (4 * 1024 * 1024 + 1), MCP_Protocol_Version=era)
    assert response.status_code == 413
    assert response.json()["error"]["message"] == SENTENCES[413]


def test_too_large_without_a_declared_size(secret: str) -> None:
    async def chunks() -> Any:
        for _ in range(5):
            yield b"a" * 1024 * 1024

    async def talk(server: Server) -> httpx.Response:
        return await server.http.post("/mcp/", content=chunks(), headers=bearer(secret))

    assert conversation(talk).status_code == 413


def test_a_stranger_s_large_body_is_not_read() -> None:
    async def talk(server: Server) -> httpx.Response:
        return await server.post(b"a" * (5 * 1024 * 1024))

    assert conversation(talk).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "changed", "sentence"),
    [
        ("GET", "/mcp/", {}, SENTENCES[405]),
        ("PUT", "/mcp/", {}, SENTENCES[405]),
        ("DELETE", "/mcp/", {"MCP-Protocol-Version": MODERN}, SENTENCES[405]),
        ("POST", "/mcp/sse/", {}, SENTENCES[405]),
        (
            "POST",
            "/mcp/",
            {"MCP-Protocol-Version": MODERN, "Accept": "text/html"},
            SENTENCES[406],
        ),
        ("POST", "/mcp/", {"Content-Type": "text/plain"}, SENTENCES[400]),
        ("POST", "/mcp/sse/messages/", {}, NO_STREAM),
        ("POST", "/mcp/sse/messages/?session_id=c4n4ry", {}, NO_STREAM),
        ("POST", f"/mcp/sse/messages/?session_id={'0' * 32}", {}, SENTENCES[404]),
        ("POST", "/mcp/elsewhere", {}, SENTENCES[404]),
        ("GET", "/mcp/sse/elsewhere", {}, SENTENCES[404]),
    ],
)
def test_what_is_no_mcp_request_gets_a_sentence(
    secret: str, method: str, path: str, changed: dict[str, str], sentence: str
) -> None:
    headers = {**JSON_HEADERS, **bearer(secret), **changed}

    async def talk(server: Server) -> httpx.Response:
        return await server.http.request(method, path, content=PING, headers=headers)

    response = conversation(talk)
    assert 400 <= response.status_code < 500
    assert response.headers["content-type"] == "application/json"
    assert response.json()["error"]["message"] == sentence
    assert len(response.content) == int(response.headers["content-length"])


@pytest.mark.parametrize("number", ["null", "true", "1.5", "1.0", "{}", "[1]", "NaN"])
def test_an_id_that_is_none_is_refused(secret: str, number: str) -> None:
    """The SDK takes such a request for a notification, and nobody would hear of it again."""
    response = post(secret, f'{{"jsonrpc":"2.0","id":{number},"method":"ping"}}')
    assert response.status_code == 400
    assert response.json() == protocol_error(NO_ID)


def test_a_notification_is_accepted(secret: str) -> None:
    response = post(secret, '{"jsonrpc":"2.0","method":"notifications/initialized"}')
    assert (response.status_code, response.content) == (202, b"")


def test_a_sentence_of_the_protocol_s_own_stays(secret: str) -> None:
    response = post(secret, Accept="text/html")
    assert response.status_code == 406
    assert "must accept both" in response.json()["error"]["message"]


@pytest.mark.parametrize("era", ["2025-11-25", MODERN])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"jsonrpc":"2.0","id":1,', -32700),
        ("", -32700),
        ('"c4n4ry"', -32600),
        ("[]", -32600),
        ('{"id":1,"method":"ping","c4n4ry":1}', -32600),
        ('{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600),
    ],
)
def test_malformed(secret: str, body: str, code: int, era: str) -> None:
    response = post(secret, body, MCP_Protocol_Version=era)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == code
    assert "c4n4ry" not in response.text


def test_a_batch_of_the_old_era_gets_a_sentence(secret: str) -> None:
    assert post(secret, f"[{PING}]").json()["error"]["message"] == NOT_A_MESSAGE


@pytest.mark.parametrize(
    "params", ["[]", '{"name":5}', '{"name":"who_am_i","arguments":[1]}', '"c4n4ry"', "{}"]
)
def test_malformed_parameters(secret: str, params: str) -> None:
    body = f'{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}'
    response = post(secret, body)
    assert "error" in reply(response)
    assert "c4n4ry" not in response.text


def test_deep_nesting_is_survived(secret: str) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    body = f'{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":{deep}}}}}'

    async def talk(server: Server) -> tuple[int, int]:
        first = await server.post(body, bearer(secret))
        second = await server.post(PING, bearer(secret))
        return first.status_code, second.status_code

    first, second = conversation(talk)
    assert first in (200, 400)
    assert second == 200


@pytest.mark.parametrize("era", [HANDSHAKE, MODERN])
def test_whitespace_around_a_header_is_no_part_of_it(secret: str, era: str) -> None:
    """As a server with httptools hands it over."""
    named = {"name": "who_am_i", "arguments": {}}
    headers = {**bearer(secret), **routing("tools/call", named, era)}
    spaced = {name: f" \t{value}\t " for name, value in headers.items()}

    async def talk(server: Server) -> httpx.Response:
        return await server.post(json.dumps(request("tools/call", named, era)), spaced)

    assert reply(conversation(talk))["result"]["structuredContent"]


def test_no_get_stream_in_a_stateless_server(secret: str) -> None:
    assert get("/mcp/").status_code == 405


def test_an_unknown_protocol_version_is_refused(secret: str) -> None:
    assert post(secret, MCP_Protocol_Version="1999-01-01").status_code == 400
