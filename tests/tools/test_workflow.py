"""Review: a page on its way through Wagtail's workflow, with its tasks and permissions."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from wagtail.admin.models import EditingSession
from wagtail.models import (
    GroupApprovalTask,
    Page,
    TaskState,
    Workflow,
    WorkflowPage,
    WorkflowTask,
    get_default_page_content_type,
)

from mcp_server.errors import Conflict, Invalid, Refused
from mcp_server.tools import pages, workflow
from tests.world import World


def in_use() -> Workflow:
    """The workflow of the test site; Wagtail's migrations made another one."""
    return Workflow.objects.get(name="Moderation")


def submit(world: World, comment: str = "Please look") -> int:
    """The editor submits the second post; the revision that is in review."""
    read = Page.objects.get(pk=world.second.pk).latest_revision_id
    editor = world.actor("editor")
    return workflow.submit_for_review(editor, world.second.pk, comment, read).revision_id


def test_submitting_starts_the_workflow_with_a_comment(world: World) -> None:
    read = world.second.latest_revision_id
    answer = workflow.submit_for_review(world.actor("editor"), world.second.pk, "Please look", read)
    assert answer.status == "in review"
    assert answer.review == (
        "waiting for: Moderators approval; until decided only Moderators may edit"
    )
    state = Page.objects.get(pk=world.second.pk).current_workflow_state
    assert state.requested_by.username == "editor"
    assert any("moderator@example.org" in message.to for message in mail.outbox)
    client = Client()
    client.force_login(world.moderator)
    assert "Please look" in client.get(f"/admin/pages/{world.second.pk}/edit/").content.decode()
    history = client.get(f"/admin/pages/{world.second.pk}/history/").content.decode()
    assert "Please look" in history


def test_a_page_in_review_says_who_may_edit_it(world: World) -> None:
    submit(world)
    read = pages.get_page_content(world.actor("editor"), world.second.pk)
    assert read.workflow is not None
    assert "only Moderators may edit" in read.workflow
    with pytest.raises(Conflict, match="Moderators approval"):
        pages.update_page(world.actor("editor"), read.id, read.revision_id, {"intro": "x"})
    pages.update_page(world.actor("moderator"), read.id, read.revision_id, {"intro": "x"})


def test_only_once_and_only_where_there_is_a_workflow(world: World) -> None:
    submit(world)
    with pytest.raises(Refused, match="is in review already: waiting for"):
        submit(world)
    WorkflowPage.objects.all().delete()
    with pytest.raises(Refused, match="has no workflow"):
        workflow.submit_for_review(world.actor("editor"), world.tour.pk)


def test_who_may_not_edit_may_not_submit(world: World) -> None:
    with pytest.raises(Refused, match="No page"):
        workflow.submit_for_review(world.actor("outsider"), world.second.pk)
    with pytest.raises(Refused, match="may not edit"):
        workflow.submit_for_review(world.actor("editor"), world.home.pk)


def test_an_unfinished_page_is_not_submitted(world: World) -> None:
    world.second.body = [{"type": "quote", "value": {"text": ""}}]
    world.second.save_revision(clean=False)
    with pytest.raises(Invalid, match=r"body\[0\].quote.text: required"):
        submit(world)
    assert not TaskState.objects.exists()


def test_what_waits_for_whom(world: World) -> None:
    revision = submit(world)
    tasks = workflow.list_review_tasks(world.actor("moderator"))
    (item,) = tasks.for_you
    assert (item.id, item.title, item.revision_id) == (world.second.pk, "Second", revision)
    assert item.status == "in review"
    assert (item.submitted_by, item.comment) == ("Editor", "Please look")
    assert item.review.startswith("waiting for: Moderators approval")
    assert timezone.now() - datetime.fromisoformat(item.since) < timedelta(minutes=2)
    assert tasks.submitted_by_you == []
    mine = workflow.list_review_tasks(world.actor("editor"))
    assert (mine.for_you, [item.id for item in mine.submitted_by_you]) == ([], [world.second.pk])
    nothing = workflow.list_review_tasks(world.actor("outsider"))
    assert (nothing.for_you, nothing.submitted_by_you) == ([], [])


def test_tasks_of_others_on_pages_outside_the_users_section_stay_hidden(world: World) -> None:
    submit(world)
    assert workflow.list_review_tasks(world.actor("outsider")).for_you == []


def test_approving_publishes_what_was_read(world: World, client: Client) -> None:
    revision = submit(world)
    answer = workflow.approve_review(
        world.actor("moderator"), world.second.pk, revision, "Well written"
    )
    assert (answer.status, answer.review) == ("live", "approved and published")
    assert client.get("/blog/second/").status_code == 200
    state = TaskState.objects.get()
    assert (state.status, state.finished_by.username) == ("approved", "moderator")
    assert state.comment == "Well written"


def test_a_draft_that_came_after_is_not_approved(world: World) -> None:
    revision = submit(world)
    Page.objects.get(pk=world.second.pk).specific.save_revision(user=world.admin)
    with pytest.raises(Conflict, match="Nothing was approved: Admin saved revision"):
        workflow.approve_review(world.actor("moderator"), world.second.pk, revision)
    page = Page.objects.get(pk=world.second.pk)
    assert not page.live
    assert page.workflow_in_progress


def test_only_reviewers_decide(world: World) -> None:
    revision = submit(world)
    with pytest.raises(Refused, match="may not approve page"):
        workflow.approve_review(world.actor("editor"), world.second.pk, revision)
    with pytest.raises(Refused, match="may not reject page"):
        workflow.reject_review(world.actor("editor"), world.second.pk, "no")
    with pytest.raises(Refused, match="No page"):
        workflow.approve_review(world.actor("outsider"), world.second.pk, revision)
    assert TaskState.objects.get().status == "in_progress"


def test_only_what_is_in_review_is_decided(world: World) -> None:
    moderator = world.actor("moderator")
    with pytest.raises(Refused, match="is not in review"):
        workflow.approve_review(moderator, world.second.pk, world.second.latest_revision_id)
    submit(world)
    workflow.reject_review(moderator, world.second.pk, "no")
    with pytest.raises(Refused, match="is not in review"):
        workflow.reject_review(moderator, world.second.pk, "no")


def test_a_page_that_another_reviewer_has_open_is_not_approved(world: World) -> None:
    revision = submit(world)
    EditingSession.objects.create(
        user=world.admin,
        content_type=get_default_page_content_type(),
        object_id=world.second.pk,
        last_seen_at=timezone.now(),
    )
    with pytest.raises(Conflict, match="Admin has page"):
        workflow.approve_review(world.actor("moderator"), world.second.pk, revision)


def test_requested_changes_are_made_and_submitted_again(world: World) -> None:
    submit(world)
    answer = workflow.reject_review(world.actor("moderator"), world.second.pk, "Too short")
    assert answer.review == "changes requested by Moderator"
    editor = world.actor("editor")
    (item,) = workflow.list_review_tasks(editor).submitted_by_you
    assert (item.review, item.comment) == ("changes requested by Moderator", "Too short")
    read = pages.get_page_content(editor, world.second.pk)
    assert read.workflow == "changes requested by Moderator"
    pages.update_page(editor, read.id, read.revision_id, {"intro": "Longer"})
    state = Page.objects.get(pk=read.id).current_workflow_state.pk
    again = workflow.submit_for_review(editor, world.second.pk, "Longer now")
    resumed = Page.objects.get(pk=read.id).current_workflow_state
    assert (resumed.pk, resumed.status) == (state, "in_progress")
    assert again.status == "in review"
    (item,) = workflow.list_review_tasks(world.actor("moderator")).for_you
    assert (item.comment, item.revision_id) == ("Longer now", again.revision_id)


def test_the_first_of_two_approvals_publishes_nothing(world: World) -> None:
    task = GroupApprovalTask.objects.create(name="Second look")
    task.groups.set(world.moderator.groups.all())
    WorkflowTask.objects.create(workflow=in_use(), task=task, sort_order=2)
    revision = submit(world)
    moderator = world.actor("moderator")
    answer = workflow.approve_review(moderator, world.second.pk, revision)
    assert answer.status == "in review"
    assert answer.review.startswith("waiting for: Second look")
    answer = workflow.approve_review(
        moderator, world.second.pk, revision, task_id=TaskState.objects.latest("pk").pk
    )
    assert answer.status == "live"


def test_a_draft_of_somebody_else_is_submitted_by_who_read_it(world: World) -> None:
    editor, page = world.actor("editor"), world.second
    with pytest.raises(Conflict, match="Nothing was submitted: Admin saved revision"):
        workflow.submit_for_review(editor, page.pk)
    read = page.latest_revision_id
    page.save_revision(user=world.moderator)
    with pytest.raises(Conflict, match=f"Moderator saved revision .*, after revision {read}"):
        workflow.submit_for_review(editor, page.pk, revision_id=read)
    own = page.save_revision(user=world.editor).pk
    assert workflow.submit_for_review(editor, page.pk).revision_id == own
