"""Every call that writes leaves a row; every reading call is counted."""

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

    monkeypatch.setattr("mcp_server.transport.records.cache.add", away)
    assert run(world.actor("editor"), "list_sites").outcome == "success"
