"""Reviewers whose explorer does not have the page: Wagtail lets them in while it is theirs."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db import transaction
from wagtail.models import (
    GroupApprovalTask,
    GroupPagePermission,
    Page,
    TaskState,
    WorkflowTask,
)

from mcp_server.content.finding import no_such_page
from mcp_server.errors import Conflict, Refused
from mcp_server.tools import comments, pages, review, workflow
from tests.world import World

from .test_workflow import in_use, submit


@pytest.fixture
def waiting(world: World) -> int:
    """The outsiders review as well; returns the revision that waits for them."""
    GroupApprovalTask.objects.get(workflow_tasks__workflow=in_use()).groups.add(
        world.outsider.groups.get()
    )
    return submit(world)


def test_what_waits_for_a_reviewer_is_listed_read_and_looked_at(world: World, waiting: int) -> None:
    reviewer, page = world.actor("outsider"), world.second.pk
    (item,) = workflow.list_review_tasks(reviewer).for_you
    assert (item.id, item.revision_id, item.task_id) == (page, waiting, TaskState.objects.get().pk)
    assert pages.get_page_content(reviewer, page).revision_id == waiting
    assert "A paragraph." in review.preview_page(reviewer, page).text
    assert review.list_revisions(reviewer, page).total == 1
    comment = comments.add_comment(reviewer, page, "Why?", "intro")
    assert comments.resolve_comment(reviewer, comment.id).resolved
    saved = pages.update_page(reviewer, page, waiting, {"intro": "Shorter"})
    changes = review.compare_revisions(reviewer, page, waiting, saved.revision_id).changes
    assert changes == ["intro: added “Shorter”"]


def test_a_reviewer_approves_and_rejects(world: World, waiting: int) -> None:
    reviewer, page = world.actor("outsider"), world.second.pk
    answer = workflow.reject_review(reviewer, page, "Too short")
    assert answer.review == "changes requested by Outsider"
    workflow.submit_for_review(world.actor("editor"), page, "Again", waiting)
    # The last approval publishes, and that takes Wagtail's permission.
    with pytest.raises(PermissionDenied), transaction.atomic():
        workflow.approve_review(reviewer, page, waiting)
    assert Page.objects.get(pk=page).workflow_in_progress
    GroupPagePermission.objects.create(
        group=world.outsider.groups.get(),
        page=world.blog,
        permission=Permission.objects.get(codename="publish_page"),
    )
    answer = workflow.approve_review(world.actor("outsider"), page, waiting)
    assert (answer.status, answer.review) == ("live", "approved and published")


def test_before_and_after_it_is_no_page_of_theirs(world: World) -> None:
    reviewer, page = world.actor("outsider"), world.second.pk

    def refused() -> str:
        with pytest.raises(Refused) as refusal:
            pages.get_page_content(reviewer, page)
        return str(refusal.value)

    missing = str(no_such_page(page))
    assert refused() == missing
    revision = submit(world)
    # In review, but not theirs.
    assert refused() == missing
    GroupApprovalTask.objects.get(workflow_tasks__workflow=in_use()).groups.add(
        world.outsider.groups.get()
    )
    pages.get_page_content(world.actor("outsider"), page)
    workflow.approve_review(world.actor("moderator"), page, revision)
    assert refused() == missing


def test_a_limited_token_keeps_its_limit(world: World, waiting: int) -> None:
    reviewer = world.actor("outsider", root_page=Page.objects.get(pk=world.about.pk))
    assert workflow.list_review_tasks(reviewer).for_you == []
    with pytest.raises(Refused, match="No page"):
        pages.get_page_content(reviewer, world.second.pk)


@pytest.fixture
def two_tasks(world: World) -> Any:
    task = GroupApprovalTask.objects.create(name="Second look")
    task.groups.set(world.moderator.groups.all())
    return WorkflowTask.objects.create(workflow=in_use(), task=task, sort_order=2)


def test_an_approval_that_is_sent_again_does_not_approve_the_next_task(
    world: World, two_tasks: Any
) -> None:
    moderator, page, revision = world.actor("moderator"), world.second.pk, submit(world)
    first = workflow.list_review_tasks(moderator).for_you[0].task_id
    workflow.approve_review(moderator, page, revision)
    with pytest.raises(Conflict, match=r"has approved Moderators approval; .* Second look now"):
        workflow.approve_review(moderator, page, revision)
    with pytest.raises(Conflict, match="waits for Second look now"):
        workflow.approve_review(moderator, page, revision, task_id=first)
    assert not Page.objects.get(pk=page).live
    second = workflow.list_review_tasks(moderator).for_you[0].task_id
    assert workflow.approve_review(moderator, page, revision, task_id=second).status == "live"
