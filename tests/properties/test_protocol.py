"""Any call and any message over HTTP: a result, a refusal or a protocol error, and it goes on."""

import json
import re
from inspect import signature
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from mcp_server.guides import guides
from mcp_server.models import MCPToken
from mcp_server.registry import ToolSpec, registry
from mcp_server.transport.arguments import Arguments
from mcp_server.transport.gate import RULES
from mcp_server.transport.mount import get_asgi_application
from tests.kitchen.models import DishPage
from tests.properties.conftest import Unharmed
from tests.properties.hostile import Strategy, json_values, texts
from tests.properties.profiles import examples
from tests.properties.schemas import arguments
from tests.properties.trees import operations
from tests.transport.protocol import (
    HANDSHAKE,
    MODERN,
    Server,
    bearer,
    conversation,
    reply,
    request,
    routing,
)
from tests.world import World

INTERNAL_ERROR = -32603
# What `errors.explain` says of an exception that nobody foresaw.
UNFORESEEN = "Something went wrong on the site"
# Nor is the database away while these run.
AWAY = "database does not answer"
CALLS_IN_A_ROW = 6
ROWS_EACH = 4
ROWS = 30
SPECS = {spec.name: spec for spec in registry}

eras = st.sampled_from([MODERN, HANDSHAKE])
anything = json_values(6)


@pytest.fixture
def secret(world: World) -> str:
    """The secret of a token that grants a superuser every tool."""
    return str(MCPToken.objects.create(user=world.admin, name="Fuzz").token)


@pytest.fixture(autouse=True)
def _no_files_left(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


Sent = tuple[bytes, dict[str, str]]


def exchange(secret: str, sent: list[Sent]) -> list[httpx.Response]:
    """The answers to messages in a row; the server must answer the next one, too."""

    async def talk(server: Server) -> list[httpx.Response]:
        answers = [await server.post(body, {**bearer(secret), **headers}) for body, headers in sent]
        assert await server.ask(secret, "ping") == {"jsonrpc": "2.0", "id": 1, "result": {}}
        return answers

    return conversation(talk, get_asgi_application())


def written(method: str, params: Any, era: str) -> Sent:
    """The message as a client of this era sends it."""
    message = request(method, params, era) if isinstance(params, dict | None) else None
    message = message or {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    headers = routing(method, params if isinstance(params, dict) else None, era)
    # A header holds a line of latin-1; a client could not send anything else.
    plain = {key: str(value) for key, value in headers.items() if _fits_header(value)}
    return as_json(message), plain


def as_json(message: Any) -> bytes:
    return json.dumps(message).encode()


def _fits_header(value: Any) -> bool:
    return (
        isinstance(value, str)
        and value.isascii()
        and value.isprintable()
        and value == value.strip()
    )


def check(response: httpx.Response) -> None:
    """A result, a refusal or a protocol error; nothing that nobody foresaw."""
    assert response.status_code < 500, response.text
    assert "Traceback" not in response.text
    assert UNFORESEEN not in response.text
    assert AWAY not in response.text
    if response.status_code == 202:
        return
    answer = reply(response)
    assert answer["jsonrpc"] == "2.0"
    assert ("result" in answer) != ("error" in answer)
    if "error" in answer:
        assert answer["error"]["code"] != INTERNAL_ERROR, answer
        assert answer["error"]["message"]


def likely(world: World, dish: DishPage, spec: ToolSpec) -> dict[str, list[Any]]:
    """Values of what is there, by the ending of an argument's name."""
    pages = [dish.pk, world.first.pk, world.second.pk, world.tour.pk, world.about.pk]
    revisions = [dish.latest_revision_id, world.first.latest_revision_id]
    moments = ["2031-01-01T10:00", "2031-01-01", "2031-01-01T10:00:00+02:00"]
    return {
        "page_id": pages,
        "root_id": pages,
        "parent_id": [world.home.pk, world.blog.pk, world.events.pk, world.about.pk],
        "under_id": [world.home.pk],
        "revision_id": revisions,
        "image_id": [world.image.pk],
        "a": revisions,
        "b": [*revisions, "live"],
        "type": ["kitchen.DishPage", "blog.BlogPage", "home.FlexPage", "kitchen.Course"],
        "url": ["/blog/first/", "http://127.0.0.1:9/x.png", "http://[", "file:///etc/passwd"],
        "data": ["AAAA", "data:image/png;base64,AAAA", "====", "<svg/>"],
        "contentpath": ["body.heading", "body.step.content", "title", "body", "nothing.x"],
        "fields": [{"title": "New"}, {"body": "Some *words*"}, {"body": []}, {"tags": ["a"]}],
        "start": moments,
        "_at": moments,
        "after": moments,
        "before": moments,
        "since": moments,
        "cursor": ["", "x", "MTA=", "10", "-1", "9" * 30],
    }


@pytest.mark.parametrize("name", SPECS)
def test_a_tool_answers_any_arguments(
    world: World, dish: DishPage, secret: str, unharmed: Unharmed, name: str
) -> None:
    spec = SPECS[name]
    made = arguments(Arguments(spec).schema(), likely(world, dish, spec))
    if name == "edit_page_blocks":
        some = operations(["heading", "step", "text", "one"])
        here = {"page_id": dish.pk, "base_revision_id": dish.latest_revision_id}
        made = made | some.map(lambda chosen: {**here, "operations": chosen})

    @given(calls=st.lists(st.tuples(made, eras), min_size=1, max_size=CALLS_IN_A_ROW))
    @examples(ROWS_EACH)
    def tried(calls: list[tuple[dict[str, Any], str]]) -> None:
        sent = [
            written("tools/call", {"name": name, "arguments": given_}, era) for given_, era in calls
        ]
        with unharmed():
            for response in exchange(secret, sent):
                check(response)
                assert response.status_code in (200, 400), response.text

    tried()


uris = st.sampled_from(
    ["content://style-guide", "design://tokens", "content://", "x", "", "file:///etc/passwd",
     "content://types/blog.BlogPage", "content://page/1"]
)  # fmt: skip
params: Strategy = st.one_of(
    anything,
    st.fixed_dictionaries(
        {},
        optional={
            "name": st.sampled_from([*SPECS][:3]) | texts | anything,
            "uri": uris | anything,
            "arguments": anything,
            "cursor": texts | anything,
            "level": texts | anything,
            "protocolVersion": st.sampled_from([MODERN, HANDSHAKE, "1999-01-01"]) | anything,
            "capabilities": anything,
            "clientInfo": anything,
            "_meta": anything,
            "ref": anything,
            "argument": anything,
        },
    ),
)
methods = st.sampled_from([*RULES, "completion/complete", "resources/subscribe", "tools/Call", ""])
messages: Strategy = st.one_of(
    anything,
    st.fixed_dictionaries(
        {},
        optional={
            "jsonrpc": st.just("2.0") | anything,
            "id": st.integers(0, 9) | anything,
            "method": methods | anything,
            "params": params,
            "result": anything,
            "error": anything,
        },
    ),
)


PROMPTS = {
    spec.name: [name for name in signature(spec.func).parameters if name != "actor"]
    for spec in guides.prompts()
}
ADDRESSES = [spec.uri for spec in guides.resources()]
REFS = [
    *({"type": "ref/prompt", "name": name} for name in PROMPTS),
    *({"type": "ref/resource", "uri": uri} for uri in ADDRESSES if "{" in uri),
]
values = st.sampled_from(["1", "2", "9", "en", "blog.BlogPage", "/blog/first/"]) | texts


def filled(uri: str, value: str) -> str:
    return re.sub(r"\{[^}]+\}", lambda _: value, uri)


GUIDED: dict[str, Strategy] = {
    "prompts/get": st.sampled_from([*PROMPTS]).flatmap(
        lambda name: st.fixed_dictionaries(
            {
                "name": st.just(name),
                "arguments": st.fixed_dictionaries(dict.fromkeys(PROMPTS[name], values)),
            }
        )
    ),
    "resources/read": st.builds(filled, st.sampled_from(ADDRESSES), values).map(
        lambda uri: {"uri": uri}
    ),
    "completion/complete": st.fixed_dictionaries(
        {
            "ref": st.sampled_from(REFS),
            "argument": st.fixed_dictionaries(
                {
                    "name": st.sampled_from(
                        [*{name for each in PROMPTS.values() for name in each}]
                    ),
                    "value": values,
                }
            ),
        }
    ),
}


@pytest.mark.parametrize("method", GUIDED)
def test_a_prompt_a_resource_and_a_completion_answer_any_values(
    secret: str, unharmed: Unharmed, method: str
) -> None:
    results = 0

    @given(st.lists(st.tuples(GUIDED[method], eras), min_size=1, max_size=CALLS_IN_A_ROW))
    @examples(ROWS)
    def tried(given_: list[tuple[Any, str]]) -> None:
        nonlocal results
        sent = [written(method, params, era) for params, era in given_]
        with unharmed():
            for response in exchange(secret, sent):
                check(response)
                results += "result" in reply(response)

    tried()
    assert results


@given(st.lists(st.tuples(methods | texts, params, eras), min_size=1, max_size=CALLS_IN_A_ROW))
@examples(ROWS)
def test_a_method_answers_any_params(
    secret: str, unharmed: Unharmed, given_: list[tuple[str, Any, str]]
) -> None:
    with unharmed():
        for response in exchange(secret, [written(*each) for each in given_]):
            check(response)


bodies = st.tuples(
    messages.map(as_json) | st.binary(max_size=60),
    eras.map(lambda era: {"MCP-Protocol-Version": era}),
)


@given(st.lists(bodies, min_size=1, max_size=CALLS_IN_A_ROW))
@examples(ROWS)
def test_any_body_is_answered(secret: str, unharmed: Unharmed, given_: list[Sent]) -> None:
    with unharmed():
        for response in exchange(secret, given_):
            assert response.status_code < 500, response.text
            assert "Traceback" not in response.text
            assert str(INTERNAL_ERROR) not in response.text
