"""Every change through MCP is recognisable: to people in the history, to code by its revision."""

from functools import partial

from django.test import Client
from wagtail.models import Page, PageLogEntry, Revision

from mcp_server.models import MCPCall
from tests.calling import answered
from tests.world import World

CLIENT = {"name": "Garden Chat", "version": "7.1"}
ask = partial(answered, client=CLIENT)


def _behind(revision_id: int | None) -> MCPCall | None:
    return MCPCall.objects.for_revision(Revision.objects.get(pk=revision_id))


def test_a_revision_leads_to_the_call_that_saved_it(world: World) -> None:
    actor, page = world.actor("moderator"), world.second
    base = page.latest_revision_id
    saved = ask(actor, "update_page", page_id=page.pk, base_revision_id=base, fields={"intro": "x"})
    found = _behind(saved["revision_id"])
    assert found is not None
    assert (found.tool, found.token, found.client) == (
        "update_page", actor.token, "Garden Chat 7.1",
    )  # fmt: skip
    assert _behind(base) is None
    # Undoing gives the change another result; the revision keeps its call.
    ask(actor, "undo_change", change_id=found.pk)
    assert _behind(saved["revision_id"]) == found
    newest = _behind(Page.objects.get(pk=page.pk).latest_revision_id)
    assert newest is not None
    assert newest.tool == "undo_change"


def test_a_person_s_revision_is_not_put_down_to_a_call_that_saved_none(world: World) -> None:
    actor, page = world.actor("moderator"), world.second
    comment = ask(actor, "add_comment", page_id=page.pk, text="Why?", contentpath="intro")
    theirs = Page.objects.get(pk=page.pk).specific.save_revision(user=world.moderator)
    ask(actor, "resolve_comment", comment_id=comment["id"])
    ask(actor, "publish_page", page_id=page.pk, revision_id=theirs.pk)
    assert _behind(theirs.pk) is None
    assert not PageLogEntry.objects.filter(action="mcp_server.call", revision=theirs).exists()
    newest = ask(actor, "list_revisions", page_id=page.pk)["items"][0]
    assert newest["id"] == theirs.pk
    assert "through" not in newest


def test_a_copy_leads_to_its_call_and_not_its_source(world: World) -> None:
    actor = world.actor("moderator")
    copy = ask(actor, "copy_page", page_id=world.first.pk)
    found = _behind(copy["revision_id"])
    assert found is not None
    assert (found.tool, found.object_id) == ("copy_page", str(copy["id"]))
    assert found.revision_before is None
    assert _behind(world.first.latest_revision_id) is None


def test_the_history_names_tool_token_and_client(world: World, client: Client) -> None:
    actor = world.actor("moderator")
    base = world.second.latest_revision_id
    ask(actor, "update_page", page_id=world.second.pk, base_revision_id=base, fields={"intro": "x"})
    client.force_login(world.admin)
    html = client.get(f"/admin/pages/{world.second.pk}/history/").content.decode()
    assert "Update page through MCP" in html
    assert "moderator&#x27;s token" in html
    assert "Garden Chat 7.1" in html


def test_visitors_see_nothing_of_it(world: World, client: Client) -> None:
    actor = world.actor("moderator")
    given = {"parent_id": world.blog.pk, "title": "Moss", "body": "Green."}
    post = ask(actor, "create_blog_post", **given)
    ask(actor, "publish_page", page_id=post["id"], revision_id=post["revision_id"])
    answer = client.get("/blog/moss/")
    seen = answer.content.decode() + repr(dict(answer.headers))
    assert "Green." in seen
    for trace in ("mcp", "moderator's token", "Garden Chat", "assistant", "create_blog_post"):
        assert trace.lower() not in seen.lower()
