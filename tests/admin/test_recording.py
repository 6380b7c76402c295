"""Every call that writes or is refused leaves a row; every reading call is counted."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.utils import timezone
from wagtail.models import Page

from mcp_server.admin.activity import calls_per_day
from mcp_server.models import MCPCall, MCPReads
from mcp_server.registry import registry
from mcp_server.transport.arguments import Arguments
from mcp_server.transport.call import call
from tests.world import World

CLIENT = {"name": "Claude Code", "version": "2.1"}


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


def run(actor: Any, tool: str, **given: Any) -> Any:
    spec = registry.get(tool)
    assert spec is not None
    return call(actor, spec, Arguments(spec), given, CLIENT)


def test_a_change_is_recorded_with_the_revisions_around_it(world: World) -> None:
    actor = world.actor("editor")
    before = Page.objects.get(pk=world.first.pk).latest_revision_id
    given = {"base_revision_id": before, "fields": {"intro": "New words"}}
    assert run(actor, "update_page", page_id=world.first.pk, **given).outcome == "success"
    row = MCPCall.objects.get()
    assert (row.token, row.token_name, row.user) == (actor.token, "editor's token", world.editor)
    assert (row.tool, row.kind, row.outcome) == ("update_page", "draft", "success")
    assert row.content_type == ContentType.objects.get_for_model(Page)
    assert (row.object_id, row.object_title) == (str(world.first.pk), "First")
    assert row.revision_before == before
    assert row.revision_after == Page.objects.get(pk=world.first.pk).latest_revision_id
    assert row.revision_after != before
    assert row.client == "Claude Code 2.1"


def test_a_creation_has_no_revision_before(world: World) -> None:
    actor = world.actor("editor")
    run(actor, "create_blog_post", parent_id=world.blog.pk, title="New", body="Text")
    row = MCPCall.objects.get()
    assert row.revision_before is None
    assert row.object_title == "New"


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({"base_revision_id": 1, "fields": {}}, {"refused", "conflict", "invalid"}),
        ({"base_revision_id": "x"}, {"invalid"}),
    ],
)
def test_a_refusal_is_recorded_and_changes_nothing(
    world: World, given: dict[str, Any], outcome: set[str]
) -> None:
    answer = run(world.actor("editor"), "update_page", page_id=world.first.pk, **given)
    row = MCPCall.objects.get()
    assert row.outcome == answer.outcome
    assert row.outcome in outcome
    assert row.object_id == str(world.first.pk)
    assert row.revision_after is None


def test_a_row_outlives_its_token_and_its_user(world: World) -> None:
    actor = world.actor("editor")
    run(actor, "create_blog_post", parent_id=world.blog.pk, title="New", body="Text")
    assert actor.token is not None
    actor.token.delete()
    world.editor.delete()
    row = MCPCall.objects.get()
    assert (row.token, row.user, row.token_name) == (None, None, "editor's token")


def test_reads_are_counted_and_seldom_written(world: World, django_assert_num_queries: Any) -> None:
    actor = world.actor("editor")
    assert actor.token is not None
    for _ in range(5):
        run(actor, "list_sites")
    assert not MCPCall.objects.exists()
    assert MCPReads.objects.get().count == 1
    assert calls_per_day(actor.token)[0].reads == 5
    cache.delete(f"mcp_server.reads.{actor.token.pk}.{timezone.localdate()}.written")
    run(actor, "list_sites")
    assert MCPReads.objects.get().count == 6


def test_a_cache_that_is_away_does_not_stop_reading(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: Any, **kwargs: Any) -> Any:
        raise ConnectionError

    monkeypatch.setattr("mcp_server.records.cache.add", away)
    assert run(world.actor("editor"), "list_sites").outcome == "success"


def test_a_refused_read_is_recorded_and_an_answered_one_is_not(world: World) -> None:
    actor = world.actor("editor")
    answer = run(actor, "get_page_content", page_id=world.about.pk)
    run(actor, "get_page_content", page_id=world.first.pk)
    run(actor, "get_page_content", page_id="x")
    refused, invalid = MCPCall.objects.order_by("pk")
    assert (refused.tool, refused.kind, refused.outcome) == (
        "get_page_content", "read", answer.outcome,
    )  # fmt: skip
    assert (refused.object_id, refused.object_title) == (str(world.about.pk), "")
    assert (invalid.outcome, invalid.object_id) == ("invalid", "")
    assert actor.token is not None
    today = calls_per_day(actor.token)[0]
    assert (today.reads, today.changes, today.refusals) == (1, 0, 2)


def test_the_same_refusal_again_and_again_is_one_row(world: World) -> None:
    actor = world.actor("editor")
    for _ in range(30):
        run(actor, "get_page_content", page_id=world.about.pk)
    row = MCPCall.objects.get()
    assert row.times == 30
    assert actor.token is not None
    assert calls_per_day(actor.token)[0].refusals == 30
    MCPCall.objects.update(at=timezone.now() - timedelta(hours=2))
    run(actor, "get_page_content", page_id=world.about.pk)
    run(world.actor("editor"), "get_page_content", page_id=world.about.pk)
    assert list(MCPCall.objects.order_by("pk").values_list("times", flat=True)) == [30, 1, 1]


@pytest.mark.parametrize("tool", ["get_page_content", "publish_page"])
def test_asking_for_page_after_page_does_not_fill_the_table(
    world: World, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    monkeypatch.setattr("mcp_server.records.MAX_PAGES", 3)
    actor = world.actor("editor")
    for page_id in range(90_000, 90_020):
        run(actor, tool, page_id=page_id)
    rows = list(MCPCall.objects.order_by("pk").values_list("object_id", "times"))
    # The last one stands for all further pages, so it names none.
    assert rows == [("90000", 1), ("90001", 1), ("", 18)]
