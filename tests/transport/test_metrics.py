"""What the monitor sees, and who may see it; what is logged of a call."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from django.test import override_settings
from prometheus_client import REGISTRY

from mcp_server.transport import metrics
from mcp_server.transport.report import status_of

from .conftest import ROOT, MakeToken
from .protocol import MODERN, Server, bearer, call, conversation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("trial_tools")]


def sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def series() -> int:
    return sum(not line.startswith("#") for line in metrics.current().decode().splitlines())


def fetch(client: str = "127.0.0.1", **headers: str) -> httpx.Response:
    sent = {"Host": "127.0.0.1:8000", **{k.replace("_", "-"): v for k, v in headers.items()}}

    async def talk(server: Server) -> httpx.Response:
        return await server.http.get("/mcp/metrics", headers=sent)

    return conversation(talk, client=client)


@pytest.mark.parametrize(
    ("tool", "arguments", "status"),
    [
        ("count_up", {}, "success"),
        ("count_up", {"limit": "many"}, "refused"),
        ("rename_page", {"page_id": 0, "title": "x"}, "error"),
    ],
)
def test_calls_are_counted(
    secret: str, tool: str, arguments: dict[str, object], status: str
) -> None:
    before = sample("mcp_tool_invocations_total", tool=tool, status=status)
    timed = sample("mcp_tool_duration_seconds_count", tool=tool)
    call(secret, tool, MODERN, **arguments)
    assert sample("mcp_tool_invocations_total", tool=tool, status=status) == before + 1
    assert sample("mcp_tool_duration_seconds_count", tool=tool) == timed + 1


def test_the_buckets() -> None:
    call_text = metrics.DURATION.labels("count_up")
    call_text.observe(0.01)
    bounds = {
        line.partition('le="')[2].partition('"')[0]
        for line in metrics.current().decode().splitlines()
        if line.startswith("mcp_tool_duration_seconds_bucket")
    }
    assert bounds == {"0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf"}


def test_random_names_add_no_series(secret: str) -> None:
    async def talk(server: Server) -> tuple[int, int]:
        await server.call(secret, "no_such_tool")
        before = series()
        for number in range(300):
            await server.call(secret, f"made_up_{number}")
        return before, series()

    before, after = conversation(talk)
    assert after == before


@pytest.mark.parametrize("reason", ["missing", "malformed", "revoked"])
def test_refused_tokens_are_counted(make_token: MakeToken, reason: str) -> None:
    headers = {
        "missing": {},
        "malformed": bearer("x"),
        "revoked": bearer(make_token(is_active=False).token),
    }[reason]

    async def talk(server: Server) -> int:
        return (await server.post("{}", headers)).status_code

    before = sample("mcp_auth_failures_total", reason=reason)
    assert conversation(talk) == 401
    assert sample("mcp_auth_failures_total", reason=reason) == before + 1


def test_open_requests_are_counted(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from mcp_server.registry import registry

    seen: list[float] = []
    spec = registry.get("count_up")
    assert spec is not None

    def look(actor: object) -> str:
        seen.append(sample("mcp_active_sessions"))
        return ""

    monkeypatch.setitem(spec.__dict__, "func", look)
    before = sample("mcp_active_sessions")
    call(secret, "count_up")
    assert seen == [before + 1]
    assert sample("mcp_active_sessions") == before


def test_strangers_are_not_counted_as_sessions() -> None:
    async def talk(server: Server) -> float:
        await server.post("{}")
        return sample("mcp_active_sessions")

    assert conversation(talk) == 0


def test_loopback_may_read_where_no_token_is_set() -> None:
    response = fetch()
    assert response.status_code == 200
    assert "mcp_active_sessions" in response.text
    # Only ours: the site's own figures are the site's to publish.
    assert "python_info" not in response.text


@pytest.mark.parametrize(
    ("client", "headers"),
    [
        ("10.0.0.7", {}),
        ("127.0.0.1", {"X_Forwarded_For": "203.0.113.9"}),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.9"}),
        ("127.0.0.1", {"Host": "evil.example"}),
    ],
)
def test_others_may_not(client: str, headers: dict[str, str]) -> None:
    response = fetch(client, **headers)
    assert response.status_code == 401
    assert "METRICS_TOKEN" in response.text


@override_settings(MCP_SERVER={"METRICS_TOKEN": "m3tr1cs"})
@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("Bearer m3tr1cs", 200),
        ("bearer m3tr1cs", 200),
        ("Bearer m3tr1c", 401),
        ("Basic m3tr1cs", 401),
        ("", 401),
    ],
)
def test_with_a_token_only_its_holder_reads(authorization: str, status: int) -> None:
    response = fetch("10.0.0.7", Authorization=authorization)
    assert response.status_code == status
    assert fetch().status_code == 401


def test_one_log_record_per_call(secret: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "mcp_server.call"):
        call(secret, "sort_plants", name="c4n4ry")
    records = [record for record in caplog.records if record.name == "mcp_server.call"]
    assert len(records) == 1
    fields = records[0].__dict__
    assert fields["tool"] == "sort_plants"
    assert fields["outcome"] == "invalid"
    assert fields["request_id"] == "1"
    assert fields["milliseconds"] > 0
    assert isinstance(fields["user_id"], int)
    assert isinstance(fields["token_id"], int)
    assert "c4n4ry" not in str(fields)


def test_an_unknown_name_is_not_logged(secret: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "mcp_server.call"):
        call(secret, "evil\nname")
    assert caplog.records[-1].__dict__["tool"] == "unknown"
    assert "evil" not in caplog.text


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        ("success", "success"),
        ("refused", "refused"),
        ("invalid", "refused"),
        ("conflict", "refused"),
        ("forbidden", "refused"),
        ("unknown_tool", "refused"),
        ("unavailable", "error"),
        ("error", "error"),
        ("cancelled", "cancelled"),
    ],
)
def test_the_words_of_the_status_label(outcome: str, status: str) -> None:
    assert status_of(outcome) == status


def test_several_processes(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """With PROMETHEUS_MULTIPROC_DIR, any worker answers for all."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "cms.settings.test")
    count = (
        "import django; django.setup()\n"
        "from mcp_server.transport import metrics\n"
        "metrics.CALLS.labels('count_up', 'success').inc()\n"
        "print(metrics.current().decode())"
    )
    run = [
        subprocess.run(
            [sys.executable, "-c", count], capture_output=True, text=True, check=True, cwd=ROOT
        )
        for _ in range(2)
    ]
    assert 'mcp_tool_invocations_total{status="success",tool="count_up"} 2.0' in run[1].stdout


def test_what_a_killed_process_had_open_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    for name in (f"gauge_livesum_{gone.pid}.db", f"gauge_livesum_{os.getpid()}.db", "counter_1.db"):
        (tmp_path / name).touch()
    metrics.forget_dead_processes()
    assert {path.name for path in tmp_path.iterdir()} == {
        f"gauge_livesum_{os.getpid()}.db",
        "counter_1.db",
    }
