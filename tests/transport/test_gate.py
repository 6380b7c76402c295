"""What a token reaches: every MCP method, in both eras, with every kind of token."""

from typing import Any

import pytest
from mcp_types import methods

from mcp_server.models import MCPCall
from mcp_server.registry import registry
from mcp_server.transport import gate

from . import throwaway
from .conftest import MakeToken
from .protocol import HANDSHAKE, MODERN, Server, ask, bearer, call, conversation, request, routing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("trial_tools")]

ERAS = (HANDSHAKE, MODERN)
ALL = {spec.name for spec in throwaway.SPECS}

# kind of token → what it grants
GRANTS: dict[str, list[str]] = {
    "unlimited": [],
    "limited": ["who_am_i", "rename_page"],
    "by name": ["read_table"],
    "nothing that exists": ["no_longer_a_tool"],
}
MAY_USE = {
    "unlimited": ALL - {"read_table"},
    "limited": {"who_am_i", "rename_page"},
    "by name": {"read_table"},
    "nothing that exists": set(),
}
PARAMS: dict[str, dict[str, Any]] = {
    "initialize": {
        "protocolVersion": HANDSHAKE,
        "capabilities": {},
        "clientInfo": {"name": "tester", "version": "1"},
    },
    "tools/call": {"name": "who_am_i", "arguments": {}},
    "resources/read": {"uri": "trial://greeting"},
    "resources/subscribe": {"uri": "trial://greeting"},
    "resources/unsubscribe": {"uri": "trial://greeting"},
    "prompts/get": {"name": "anything", "arguments": {}},
    "logging/setLevel": {"level": "info"},
    "completion/complete": {
        "ref": {"type": "ref/prompt", "name": "anything"},
        "argument": {"name": "tone", "value": "a"},
    },
}
# Methods that are in the protocol but not served, plus some that are in no protocol.
CLOSED = {"resources/subscribe", "resources/unsubscribe"}
# Its answer is a stream that stays open; see test_listening.py.
STREAMS = {"subscriptions/listen"}
INVENTED = ("Tools/List", "tools/call ", "tasks/list", "tasks/result", "admin/shutdown", "")


def served(method: str, era: str) -> bool:
    return (method, era) in methods.CLIENT_REQUESTS and method not in CLOSED


def test_the_matrix_covers_the_protocol() -> None:
    assert set(gate.RULES) | CLOSED == methods.SPEC_CLIENT_METHODS
    assert not set(gate.RULES) & CLOSED


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("method", sorted(methods.SPEC_CLIENT_METHODS - STREAMS))
def test_method_by_token(make_token: MakeToken, method: str, era: str) -> None:
    async def talk(server: Server) -> dict[str, Any]:
        return {
            name: await server.ask(secret, method, PARAMS.get(method), era)
            for name, secret in secrets.items()
        }

    secrets = {name: str(make_token(allowed_tools=tools).token) for name, tools in GRANTS.items()}
    for name, answer in conversation(talk).items():
        if not served(method, era):
            assert answer["error"]["code"] == -32601, (name, answer)
        elif method == "tools/call":
            assert answer["result"].get("isError", False) is ("who_am_i" not in MAY_USE[name])
        else:
            assert "result" in answer, (name, answer)


@pytest.mark.parametrize("method", INVENTED)
@pytest.mark.parametrize("era", ERAS)
def test_methods_of_no_protocol(secret: str, method: str, era: str) -> None:
    assert ask(secret, method, None, era)["error"]["code"] in (-32601, -32600, -32602, -32020)


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("grant", GRANTS)
def test_only_granted_tools_are_listed(make_token: MakeToken, grant: str, era: str) -> None:
    secret = make_token(allowed_tools=GRANTS[grant]).token
    tools = ask(secret, "tools/list", None, era)["result"]["tools"]
    assert {tool["name"] for tool in tools} == MAY_USE[grant]


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("grant", GRANTS)
def test_every_tool_by_every_token(make_token: MakeToken, grant: str, era: str) -> None:
    secret = make_token(allowed_tools=GRANTS[grant]).token

    async def talk(server: Server) -> dict[str, Any]:
        return {name: await server.call(secret, name, era) for name in sorted(ALL)}

    for name, result in conversation(talk).items():
        unknown = result["content"][0]["text"] == gate.NO_SUCH_TOOL
        assert unknown is (name not in MAY_USE[grant]), name


@pytest.mark.parametrize("era", ERAS)
def test_ungranted_and_unknown_are_byte_equal(make_token: MakeToken, era: str) -> None:
    secret = make_token(allowed_tools=["who_am_i"]).token

    async def body(server: Server, name: str) -> bytes:
        params = {"name": name, "arguments": {"page_id": 1}}
        message = str(request("tools/call", params, era)).replace("'", '"')
        headers = {**bearer(secret), **routing("tools/call", params, era)}
        return (await server.post(message, headers)).content

    async def talk(server: Server) -> list[bytes]:
        names = ["rename_page", "rename_pagf", "Who_Am_I", "who_am_i ", "read_table"]
        return [await body(server, name) for name in names]

    answers = conversation(talk)
    assert len(set(answers)) == 1, answers
    assert b'"isError":true' in answers[0]


@pytest.mark.parametrize("era", ERAS)
def test_prompts_need_their_tools(make_token: MakeToken, era: str) -> None:
    reader, writer = (
        str(make_token(allowed_tools=[name]).token) for name in ("who_am_i", "rename_page")
    )

    async def talk(server: Server) -> list[Any]:
        return [
            [
                p["name"]
                for p in (await server.ask(s, "prompts/list", None, era))["result"]["prompts"]
            ]
            for s in (reader, writer)
        ] + [
            await server.ask(s, "prompts/get", {"name": name, "arguments": {"title": "x"}}, era)
            for s, name in ((reader, "rename_it"), (reader, "rename_xx"), (writer, "rename_it"))
        ]

    listed_to_reader, listed_to_writer, hidden, unknown, given = conversation(talk)
    assert listed_to_reader == ["anything"]
    assert listed_to_writer == ["rename_it", "anything"]
    assert given["result"]["messages"][0]["content"]["text"] == "Rename it to x."
    assert hidden["error"]["code"] == unknown["error"]["code"]
    assert (
        hidden["error"]["message"].replace("rename_it", "rename_xx")
        == (unknown["error"]["message"])
    )


def test_a_notification_has_no_effect_and_no_answer(secret: str) -> None:
    async def talk(server: Server) -> list[tuple[int, bytes]]:
        found = []
        for method in ("notifications/cancelled", "notifications/made_up", "tools/call"):
            body = f'{{"jsonrpc":"2.0","method":"{method}","params":{{}}}}'
            answer = await server.post(body, bearer(secret))
            found.append((answer.status_code, answer.content))
        return found

    assert conversation(talk) == [(202, b"")] * 3


@pytest.mark.parametrize("era", ERAS)
def test_a_batch_is_refused_whole(make_token: MakeToken, era: str) -> None:
    secret = make_token(allowed_tools=["who_am_i"]).token
    one = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"rename_page"}}'

    async def talk(server: Server) -> Any:
        headers = {**bearer(secret), "MCP-Protocol-Version": era}
        return await server.post(f"[{one},{one}]", headers)

    response = conversation(talk)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == -32600
    assert "rename_page" not in response.text


def test_a_token_taken_from_a_tool_loses_it_at_once(make_token: MakeToken) -> None:
    token = make_token(allowed_tools=["who_am_i"])
    assert not call(token.token, "who_am_i").get("isError")
    token.allowed_tools = ["count_up"]
    token.save()
    assert call(token.token, "who_am_i")["isError"]


def test_the_trial_tools_are_all_there_is() -> None:
    assert {spec.name for spec in registry} == ALL


def test_a_call_of_a_tool_that_is_not_granted_is_on_record(make_token: MakeToken) -> None:
    token = make_token(allowed_tools=["who_am_i"])
    for name in ("rename_page", "count_up", "no_such_tool"):
        call(str(token.token), name, page_id=1)
    assert list(MCPCall.objects.order_by("pk").values_list("token", "tool", "outcome")) == [
        (token.pk, "rename_page", "forbidden"),
        (token.pk, "count_up", "forbidden"),
    ]
