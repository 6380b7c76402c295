"""What the nightly command deletes, and what it keeps."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from mcp_server.models import MCPCall, MCPReads, MCPReceipt, MCPToken
from tests.world import World

DELETED = {"deleted": [{"content": {"pk": 9}}], "moved_from": 2, "after": None}


def prune() -> str:
    said = StringIO()
    call_command("prune_mcp", stdout=said)
    return said.getvalue()


def call_of(token: MCPToken, days: int, **fields: Any) -> MCPCall:
    call = MCPCall.objects.create(
        token=token, user=token.user, tool="delete_page", kind="destructive", **fields
    )
    MCPCall.objects.filter(pk=call.pk).update(at=timezone.now() - timedelta(days=days))
    return call


@pytest.fixture
def token(world: World) -> MCPToken:
    made = world.actor("admin").token
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({}, [364, 1]),
        ({"CALL_DAYS": 0}, [800, 366, 364, 1]),
        ({"CALL_DAYS": 500}, [366, 364, 1]),
        # What can still be undone stays.
        ({"CALL_DAYS": 5, "UNDO_DAYS": 365}, [364, 1]),
    ],
)
def test_old_calls_go(
    token: MCPToken, settings: Any, given: dict[str, int], kept: list[int]
) -> None:
    settings.MCP_SERVER = given
    calls = {call_of(token, days).pk: days for days in (800, 366, 364, 1)}
    prune()
    left = MCPCall.objects.order_by("pk").values_list("pk", flat=True)
    assert [calls[pk] for pk in left] == kept


def test_counts_of_old_reads_go_with_them(token: MCPToken) -> None:
    today = timezone.localdate()
    for days in (400, 366, 300):
        MCPReads.objects.create(token=token, day=today - timedelta(days=days), count=1)
    prune()
    assert MCPReads.objects.get().day == today - timedelta(days=300)


def test_a_copy_of_a_deleted_page_goes_when_it_cannot_be_undone(
    token: MCPToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcp_server.management.commands.prune_mcp.BATCH", 2)
    old = [call_of(token, 31, data=dict(DELETED)).pk for _ in range(5)]
    young = call_of(token, 29, data=dict(DELETED))
    other = call_of(token, 31, data={"created": True})
    assert "5 copies of deleted pages" in prune()
    assert [MCPCall.objects.get(pk=pk).data for pk in old] == [{"moved_from": 2, "after": None}] * 5
    assert MCPCall.objects.get(pk=young.pk).data == DELETED
    assert MCPCall.objects.get(pk=other.pk).data == {"created": True}
    assert "0 copies of deleted pages" in prune()


def test_receipts_that_are_past_their_use_go(token: MCPToken) -> None:
    for key, hours in (("old", 25), ("young", 23)):
        made = MCPReceipt.objects.create(token=token, key=key, fingerprint="x")
        MCPReceipt.objects.filter(pk=made.pk).update(at=timezone.now() - timedelta(hours=hours))
    assert "1 receipts" in prune()
    assert MCPReceipt.objects.get().key == "young"
