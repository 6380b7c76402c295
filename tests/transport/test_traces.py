"""FastMCP's spans: what they have of a call, and what they never have."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from mcp_server.models import MCPToken
from tests.world import World

from .conftest import MakeToken
from .protocol import (
    HANDSHAKE,
    MODERN,
    Server,
    ask,
    bearer,
    call,
    conversation,
    request,
    routing,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("trial_tools")]
CANARY = "c4n4ry"


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What a site with an SDK sends to its collector."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    # OpenTelemetry lets a process set its provider once.
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    yield exporter
    provider.shutdown()


def server_span(exported: InMemorySpanExporter, method: str) -> ReadableSpan:
    found = [
        span
        for span in exported.get_finished_spans()
        if span.kind is SpanKind.SERVER and attributes(span).get("mcp.method.name") == method
    ]
    assert len(found) == 1
    return found[0]


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def everything(exported: InMemorySpanExporter) -> str:
    spans = exported.get_finished_spans()
    assert spans
    return "".join(span.to_json() for span in spans)


@pytest.mark.parametrize("era", [MODERN, HANDSHAKE])
def test_a_call_is_one_span_with_our_attributes(
    exported: InMemorySpanExporter, make_token: MakeToken, era: str
) -> None:
    token = make_token()
    call(token.token, "count_up", era, limit=2)
    span = server_span(exported, "tools/call")
    found = attributes(span)
    assert span.name == "tools/call count_up"
    assert found["gen_ai.tool.name"] == "count_up"
    assert found["mcp_server.token_id"] == token.pk
    assert found["mcp_server.user_id"] == token.user_id
    assert found["mcp_server.outcome"] == "success"
    assert found["mcp_server.queries"] > 0
    assert "error.type" not in found
    assert span.status.status_code is StatusCode.UNSET


@pytest.mark.parametrize(
    ("tool", "arguments", "outcome", "status"),
    [
        ("count_up", {"limit": CANARY}, "invalid", StatusCode.UNSET),
        ("rename_then_fail", {"mode": "refuse"}, "refused", StatusCode.UNSET),
        ("rename_then_fail", {"mode": "crash"}, "error", StatusCode.ERROR),
    ],
)
def test_only_a_fault_is_an_error(
    exported: InMemorySpanExporter,
    secret: str,
    world: World,
    tool: str,
    arguments: dict[str, Any],
    outcome: str,
    status: StatusCode,
) -> None:
    page = {"page_id": world.first.pk} if tool == "rename_then_fail" else {}
    call(secret, tool, **page, **arguments)
    span = server_span(exported, "tools/call")
    assert attributes(span)["mcp_server.outcome"] == outcome
    assert attributes(span)["error.type"] == outcome
    assert span.status.status_code is status
    assert "half-written" not in everything(exported)
    assert "secret detail" not in everything(exported)


def test_neither_arguments_nor_answers_nor_secrets(
    exported: InMemorySpanExporter, make_token: MakeToken, world: World
) -> None:
    token: MCPToken = make_token(name=f"named {CANARY}")
    secret = str(token.token)
    call(secret, "rename_page", page_id=world.first.pk, title=CANARY)
    call(secret, "sort_plants", name=CANARY)
    call(secret, "who_am_i")
    ask(secret, "resources/read", {"uri": f"trial://plants/{CANARY}"})
    ask(secret, "prompts/get", {"name": "rename_it", "arguments": {"title": CANARY}})
    ask(secret, "prompts/get", {"name": "anything", "arguments": {"tone": CANARY * 400}})
    # No messages of the protocol: pydantic's words for what is wrong repeat what was sent.
    for era in (MODERN, HANDSHAKE):
        ask(secret, "tools/call", {"name": "rename_page", "arguments": [CANARY]}, era)
        ask(secret, "prompts/get", {"name": "rename_it", "arguments": [CANARY]}, era)
    told = everything(exported)
    assert "rename_page" in told
    assert CANARY not in told
    assert secret not in told
    assert secret.rpartition("_")[2] not in told


@pytest.mark.parametrize("era", [MODERN, HANDSHAKE])
def test_a_method_that_is_none_names_no_span(
    exported: InMemorySpanExporter, secret: str, era: str
) -> None:
    answer = ask(secret, f"{CANARY}/list", {}, era)
    assert answer["error"]["message"] == "Method not found"
    found = [span for span in exported.get_finished_spans() if span.kind is SpanKind.SERVER]
    assert [span.name for span in found][-1] == "unknown"
    assert CANARY not in everything(exported)


def test_a_refused_resource_keeps_its_sentence_to_the_client(
    exported: InMemorySpanExporter, secret: str
) -> None:
    answer = ask(secret, "resources/read", {"uri": "trial://plants/none"})
    assert answer["error"]["message"] == "No such plant."
    found = attributes(server_span(exported, "resources/read"))
    assert found["mcp.resource.uri"] == "trial://plants/{name}"
    assert found["mcp_server.outcome"] == "refused"
    assert "No such plant" not in everything(exported)


@pytest.mark.parametrize("era", [MODERN, HANDSHAKE])
def test_a_session_that_a_client_makes_up_stands_in_no_span(
    exported: InMemorySpanExporter, secret: str, era: str
) -> None:
    params = {"name": "who_am_i", "arguments": {}}
    headers = {**bearer(secret), **routing("tools/call", params, era), "Mcp-Session-Id": secret}

    async def talk(server: Server) -> int:
        return (
            await server.post(json.dumps(request("tools/call", params, era)), headers)
        ).status_code

    assert conversation(talk) == 200
    assert secret not in everything(exported)


def test_names_that_are_made_up_name_no_span(exported: InMemorySpanExporter, secret: str) -> None:
    call(secret, CANARY)
    span = server_span(exported, "tools/call")
    assert span.name == "tools/call"
    assert CANARY not in json.dumps(attributes(span), default=str)


def test_the_log_names_the_trace(
    exported: InMemorySpanExporter, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "mcp_server.call"):
        call(secret, "count_up")
    context = server_span(exported, "tools/call").get_span_context()
    assert context is not None
    assert caplog.records[-1].__dict__["trace_id"] == trace.format_trace_id(context.trace_id)
