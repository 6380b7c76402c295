"""“Undo these”: people take changes back from the report, by their own permissions."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.images import get_image_model
from wagtail.models import Page, PageLogEntry

from mcp_server.models import MCPCall
from tests.world import World

from .conftest import People
from .html import Page as Html
from .test_activity import REPORT, client_of, draft, edit
from .test_recording import run

UNDO = reverse("wagtail_bulk_action", args=["mcp_server", "mcpcall", "undo"])


def address(*calls: MCPCall | str, query: str = "") -> str:
    keys = "&".join(f"id={getattr(call, 'pk', call)}" for call in calls)
    return f"{UNDO}?{keys}&{query}next={reverse(REPORT)}"


def told(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def watcher(user: Any) -> Client:
    """Somebody who sees every call in the report, whatever they may do with pages."""
    user.user_permissions.add(Permission.objects.get(codename="view_mcpcall"))
    return client_of(user)


def test_the_report_offers_what_can_be_undone(world: World) -> None:
    done, undone = draft(world), draft(world, "Undone")
    refused = MCPCall.objects.create(
        user=world.editor, tool="publish_page", kind="live", outcome="refused", object_id="3"
    )
    MCPCall.objects.filter(pk=undone.pk).update(undone_at=timezone.now())
    html = client_of(world.admin).get(reverse(REPORT)).content.decode()
    boxes = [attrs for attrs in Html(html).all("input") if "data-bulk-action-checkbox" in attrs]
    assert [attrs["data-object-id"] for attrs in boxes] == [str(done.pk)]
    assert str(refused.pk) not in [attrs["data-object-id"] for attrs in boxes]
    assert UNDO in html


def test_asking_lists_the_changes_and_undoes_nothing(world: World) -> None:
    made, changed = draft(world, "Made"), edit(world, world.first)
    html = client_of(world.admin).get(address(made, changed)).content.decode()
    assert "<strong>Made</strong> is deleted" in html
    assert "<strong>First</strong> goes back to what it was before" in html
    assert Page.objects.filter(pk=made.object_id).exists()
    assert not MCPCall.objects.exclude(undone_at=None).exists()


def test_confirming_undoes_them_as_this_person(world: World) -> None:
    made, changed = draft(world, "Made"), edit(world, world.first)
    before = Page.objects.get(pk=world.first.pk).latest_revision_id
    response = client_of(world.admin).post(address(made, changed))
    assert (response.status_code, response["Location"]) == (302, reverse(REPORT))
    assert "2 changes undone." in told(response)
    assert not Page.objects.filter(pk=made.object_id).exists()
    page = Page.objects.get(pk=world.first.pk)
    assert page.latest_revision_id > before
    assert page.get_latest_revision().user == world.admin
    assert MCPCall.objects.filter(undone_at=None).count() == 0
    entry = PageLogEntry.objects.get(page_id=page.pk, action="mcp_server.undo")
    assert entry.user == world.admin
    assert entry.message == "Undone: Update page through MCP (token “editor's token”)"
    # What a person did is no call of a client.
    assert MCPCall.objects.count() == 2


def test_a_run_of_edits_of_one_page_goes_back_to_its_beginning(world: World) -> None:
    intro = world.first.latest_revision.content["intro"]
    calls = [edit(world, world.first)]
    base = Page.objects.get(pk=world.first.pk).latest_revision_id
    run(
        world.actor("editor"), "update_page", page_id=world.first.pk, base_revision_id=base,
        fields={"intro": "Once more"},
    )  # fmt: skip
    calls.append(MCPCall.objects.latest("pk"))
    client = client_of(world.admin)
    assert "These stay" not in client.get(address(*calls)).content.decode()
    client.post(address(*calls))
    page = Page.objects.get(pk=world.first.pk)
    assert page.latest_revision.content["intro"] == intro
    assert MCPCall.objects.filter(undone_at=None).count() == 0


def test_what_others_built_upon_is_named_and_left(world: World) -> None:
    made, other = draft(world, "Built upon"), draft(world, "Other")
    Page.objects.get(pk=made.object_id).specific.save_revision(user=world.moderator)
    client = client_of(world.admin)
    html = client.get(address(made, other)).content.decode()
    assert "Moderator saved revision" in html
    response = client.post(address(made, other))
    said = told(response)
    assert "1 change undone." in said
    assert "Left as it is:" in said
    assert "Built upon: Page" in said
    assert Page.objects.filter(pk=made.object_id).exists()
    assert not Page.objects.filter(pk=other.object_id).exists()


@pytest.mark.parametrize("name", ["outsider", "moderator", "editor", "admin"])
def test_only_what_wagtail_lets_this_person_do(world: World, name: str) -> None:
    changed = edit(world, world.first)
    client = watcher(getattr(world, name))
    allowed = name != "outsider"
    html = client.get(address(changed)).content.decode()
    assert ("Yes, undo" in html) is allowed
    client.post(address(changed))
    changed.refresh_from_db()
    assert (changed.undone_at is not None) is allowed


def test_an_upload_needs_the_right_to_delete_it(world: World) -> None:
    image = get_image_model().objects.get(pk=world.secret_image.pk)
    call = MCPCall.objects.create(
        user=world.admin, tool="upload_image", kind="draft", object_id=str(image.pk),
        object_title=image.title, data={"created": True},
        content_type=ContentType.objects.get_for_model(image),
    )  # fmt: skip
    watcher(world.editor).post(address(call))
    assert type(image).objects.filter(pk=image.pk).exists()
    client_of(world.admin).post(address(call))
    assert not type(image).objects.filter(pk=image.pk).exists()


def test_calls_that_one_may_not_see_are_not_there(world: World, people: People) -> None:
    call = draft(world, "Secret title")
    client = people.client("issuer")
    assert "Secret title" not in client.get(address(call)).content.decode()
    client.post(address(call))
    call.refresh_from_db()
    assert call.undone_at is None
    # Without the report there is no undoing either; a crafted POST is a plain 403.
    assert people.client("reader").post(address(call)).status_code == 403


def test_all_means_what_the_filters_show(world: World) -> None:
    made, changed = draft(world, "Made"), edit(world, world.first)
    client = client_of(world.admin)
    client.post(address("all", query="tool=create_blog_post&"))
    made.refresh_from_db()
    changed.refresh_from_db()
    assert made.undone_at is not None
    assert changed.undone_at is None
    client.post(address("all", query="tool=drop_everything&"))
    changed.refresh_from_db()
    assert changed.undone_at is None


@pytest.mark.parametrize("key", ["x", "-1", "9" * 30, "0"])
def test_other_ids_are_nothing(world: World, key: str) -> None:
    draft(world)
    html = client_of(world.admin).get(address(key)).content.decode()
    assert "None of the selected changes can be undone." in html


def test_after_the_days_for_undoing_it_is_too_late(world: World, settings: Any) -> None:
    call = draft(world)
    settings.MCP_SERVER = {"UNDO_DAYS": 1}
    MCPCall.objects.update(at=timezone.now() - timedelta(days=2))
    client = client_of(world.admin)
    html = client.get(reverse(REPORT)).content.decode()
    assert f'data-object-id="{call.pk}"' not in html
    client.post(address(call))
    assert Page.objects.filter(pk=call.object_id).exists()
