"""Who is let in."""

import base64
import json
import logging
from datetime import timedelta

import httpx
import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mcp_server import tokens
from mcp_server.models import MCPToken
from mcp_server.transport import auth, runner
from mcp_server.transport.identity import BAD_TOKEN, NO_TOKEN

from .conftest import MakeToken
from .protocol import MODERN, Server, bearer, call, conversation, request, routing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("trial_tools")]

LIST = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'


def listing(headers: dict[str, str], path: str = "/mcp/") -> httpx.Response:
    async def talk(server: Server) -> httpx.Response:
        return await server.post(LIST, headers, path)

    return conversation(talk)


def refused(secret: str) -> None:
    response = listing(bearer(secret))
    assert response.status_code == 401
    assert response.json()["error"]["message"] == BAD_TOKEN
    assert 'error="invalid_token"' in response.headers["www-authenticate"]
    assert response.headers["www-authenticate"].startswith("Bearer ")
    assert secret not in response.text


def test_a_token_acts_as_its_user(secret: str) -> None:
    for era in (MODERN, "2025-11-25"):
        result = call(secret, "who_am_i", era)
        assert result["structuredContent"] == {"user": "editor", "token": "Claude on my laptop"}


def test_its_use_is_recorded(make_token: MakeToken) -> None:
    token = make_token()
    call(token.token, "who_am_i")
    token.refresh_from_db()
    assert token.last_used_at is not None


def test_no_token() -> None:
    response = listing({})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["error"]["message"] == NO_TOKEN


def test_malformed_costs_no_query() -> None:
    with CaptureQueriesContext(connection) as queries:
        refused("not-a-token")
        refused("wagtail_mcp_" + "A" * 33)
        refused("wagtail_mcp_" + "A" * 5000)
    assert not queries.captured_queries


def test_unknown(secret: str) -> None:
    MCPToken.objects.all().delete()
    refused(secret)


def test_expired(make_token: MakeToken) -> None:
    refused(str(make_token(expires_at=timezone.now() - timedelta(seconds=1)).token))


def test_the_log_says_why_and_from_where(
    make_token: MakeToken, caplog: pytest.LogCaptureFixture
) -> None:
    expired = str(make_token(expires_at=timezone.now() - timedelta(seconds=1)).token)
    with caplog.at_level(logging.INFO, logger="mcp_server.auth"):
        refused(expired)
        refused("not-a-token")
    told = [record.getMessage() for record in caplog.records if record.name == "mcp_server.auth"]
    assert told == [
        "a token from 127.0.0.1 was refused: expired",
        "a token from 127.0.0.1 was refused: malformed",
    ]


def test_revoked_between_two_calls(make_token: MakeToken) -> None:
    token = make_token()

    async def talk(server: Server) -> tuple[int, int]:
        first = await server.post(LIST, bearer(token.token))
        await runner.run(lambda: MCPToken.objects.update(is_active=False))
        second = await server.post(LIST, bearer(token.token))
        return first.status_code, second.status_code

    assert conversation(talk) == (200, 401)


def test_inactive_user(make_token: MakeToken) -> None:
    token = make_token()
    type(token.user).objects.filter(pk=token.user.pk).update(is_active=False)
    refused(str(token.token))


@pytest.mark.parametrize("path", ["/mcp/?token={}", "/mcp/?access_token={}", "/mcp/?bearer={}"])
def test_in_the_query_string(secret: str, path: str) -> None:
    assert listing({}, path.format(secret)).status_code == 401


def test_behind_several_spaces(secret: str) -> None:
    assert listing({"Authorization": f"Bearer   {secret}"}).status_code == 200


def test_in_a_cookie(secret: str) -> None:
    assert listing({"Cookie": f"Authorization=Bearer {secret}; token={secret}"}).status_code == 401


def test_as_basic(secret: str) -> None:
    encoded = base64.b64encode(f"editor:{secret}".encode()).decode()
    assert listing({"Authorization": f"Basic {encoded}"}).status_code == 401


def test_bad_token_beside_a_valid_session_is_not_anonymous(secret: str) -> None:
    assert (
        listing({"Authorization": "Bearer x", "Cookie": f"sessionid={secret}"}).status_code == 401
    )


@pytest.mark.parametrize("path", ["/mcp/", "/mcp/sse/messages/?session_id=" + "0" * 32])
def test_every_door_asks(path: str) -> None:
    assert listing({}, path).status_code == 401


def test_the_sse_door_asks() -> None:
    async def talk(server: Server) -> int:
        return (await server.http.get("/mcp/sse/")).status_code

    assert conversation(talk) == 401


def test_a_silent_database_is_not_a_bad_token(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(given: str) -> None:
        raise OperationalError("could not connect to server at 10.0.0.9")

    monkeypatch.setattr(auth, "resolve_mcp_user", down)
    response = listing(bearer(secret))
    assert response.status_code == 503
    assert response.headers["retry-after"]
    assert "10.0.0.9" not in response.text
    assert "Call again" in response.json()["error"]["message"]


def test_the_secret_is_not_carried_along(secret: str) -> None:
    user, row = tokens.resolve_mcp_user(secret)
    carried = auth.EditorToken(
        token=row.get_masked_token(), client_id="1", scopes=[], user=user, row=row
    )
    assert secret not in repr(carried)
    assert "user" not in carried.model_dump()
    assert "row" not in carried.model_dump()


def test_revoked_during_the_call_still_stops_the_write(
    make_token: MakeToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = make_token()
    before = tokens.resolve_mcp_user

    def revoked_right_after(given: str) -> object:
        found = before(given)
        MCPToken.objects.filter(pk=token.pk).update(is_active=False)
        return found

    monkeypatch.setattr(auth, "resolve_mcp_user", revoked_right_after)
    result = call(token.token, "rename_page", page_id=1, title="Changed")
    assert result["isError"]
    assert "any more" in result["content"][0]["text"]


def test_routing_headers_are_checked(secret: str) -> None:
    """A gateway that filters by header must see what the server sees."""

    async def talk(server: Server) -> int:
        body = json.dumps(request("tools/call", {"name": "read_table", "arguments": {}}, MODERN))
        headers = {**bearer(secret), **routing("tools/call", {"name": "who_am_i"}, MODERN)}
        return (await server.post(body, headers)).status_code

    assert conversation(talk) == 400
