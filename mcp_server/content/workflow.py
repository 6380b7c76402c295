"""Review: a page on its way through its workflow, with Wagtail's own tasks and permissions."""

from django.db import transaction
from wagtail.models import Page, PageLogEntry, TaskState, WorkflowState

from mcp_server.actor import Actor
from mcp_server.errors import Conflict, Invalid, Refused
from mcp_server.plaintext import clean_text

from .drafts import newest_draft
from .finding import editable_page, locked_page
from .people import display_name, refuse_while_others_work
from .readiness import publish_problems
from .review_state import review_state
from .shapes import PageSummary
from .unread import refuse_unread
from .writing import page_revision

SUBMITTED = ("wagtail.workflow.start", "wagtail.workflow.resume")


class ReviewSummary(PageSummary):
    """A page's summary, and where its review stands."""

    review: str


@transaction.atomic
def submit_for_review(
    actor: Actor, page_id: int, comment: str, revision_id: int | None
) -> ReviewSummary:
    """Start the page's workflow, or resume it after changes were requested."""
    page = editable_page(actor, page_id, lock=True)
    if not page.has_workflow:
        raise Refused(f"Page {page_id} has no workflow. Someone who may publish it has to do that.")
    if page.workflow_in_progress:
        raise Refused(f"Page {page_id} is in review already: {review_state(page)}.")
    refuse_while_others_work(actor, page)
    if not page.permissions_for_user(actor.user).can_submit_for_moderation():
        raise Refused(f"This user may not submit page {page_id} for review.")
    refuse_unread(actor, page, revision_id, "submitted", "revision_id")
    draft = newest_draft(page)
    if problems := list(publish_problems(draft)):
        raise Invalid(problems)
    state = page.current_workflow_state
    if state is None:
        state = page.get_workflow().start(page, actor.user)
    else:
        state.resume(actor.user)
    _leave_comment(page, state, comment)
    return _summary(page)


@transaction.atomic
def approve_review(
    actor: Actor, page_id: int, revision_id: int, comment: str, task_id: int | None = None
) -> ReviewSummary:
    """Approve the current task for the revision that the caller has read."""
    page, task_state = _reviewed(actor, page_id, "approve")
    _refuse_other_task(actor, task_state, task_id)
    refuse_while_others_work(actor, page)
    revision = page_revision(page, revision_id)
    # Wagtail publishes the newest draft when the last task is approved, not the submitted one.
    if revision.pk != page.latest_revision_id:
        latest = page.get_latest_revision()
        raise Conflict(
            f"Nothing was approved: {display_name(latest.user)} saved revision {latest.pk} after "
            f"revision {revision_id}. Call get_page_content({page_id}) and decide on that one."
        )
    if problems := list(publish_problems(revision.as_object())):
        raise Invalid(problems)
    _act(actor, task_state, "approve", comment)
    return _summary(page)


@transaction.atomic
def reject_review(actor: Actor, page_id: int, comment: str) -> ReviewSummary:
    """Send the page back with what has to change."""
    page, task_state = _reviewed(actor, page_id, "reject")
    _act(actor, task_state, "reject", comment)
    return _summary(page)


def _reviewed(actor: Actor, page_id: int, action: str) -> tuple[Page, TaskState]:
    """The page, its row locked, and its current task, on which this user may act."""
    page = locked_page(actor, page_id)
    task_state = page.current_workflow_task_state
    if task_state is None or task_state.status != TaskState.STATUS_IN_PROGRESS:
        raise Refused(f"Page {page_id} is not in review. Call list_review_tasks to see what is.")
    actions = {name for name, *_ in task_state.task.specific.get_actions(page, actor.user)}
    if action not in actions:
        raise Refused(
            f"This user may not {action} page {page_id} at the task {task_state.task.name}. "
            "Call list_review_tasks to see what waits for this user."
        )
    return page, task_state.specific


def _refuse_other_task(actor: Actor, task_state: TaskState, task_id: int | None) -> None:
    """An approval that is sent again must not approve the task after the one that was meant."""
    page_id, task = task_state.workflow_state.object_id, task_state.task.name
    if task_id is not None and task_id != task_state.pk:
        raise Conflict(
            f"Nothing was approved: page {page_id} waits for {task} now (task {task_state.pk}). "
            "Call list_review_tasks and decide on that one."
        )
    mine = task_state.workflow_state.task_states.filter(
        status=TaskState.STATUS_APPROVED,
        finished_by=actor.user,
        revision=task_state.revision_id,
    )
    earlier = mine.select_related("task").order_by("-pk").first()
    if task_id is None and earlier is not None:
        raise Conflict(
            f"This user has approved {earlier.task.name}; page {page_id} waits for {task} now. "
            f"To approve that too, call with task_id {task_state.pk}."
        )


def _act(actor: Actor, task_state: TaskState, action: str, comment: str) -> None:
    text = clean_text(comment).strip()
    # A custom task may not know of comments, so that none is sent where there is none.
    more = {"comment": text} if text else {}
    task_state.task.specific.on_action(task_state, actor.user, action, **more)


def _leave_comment(page: Page, state: WorkflowState, comment: str) -> None:
    """Kept where Wagtail shows it: with the task to the reviewers, and in the page's history."""
    text = clean_text(comment).strip()
    state.refresh_from_db()
    if not text or not state.current_task_state_id:
        return
    # update(), not save(): the task may be of any type, with rules of its own in save().
    TaskState.objects.filter(pk=state.current_task_state_id).update(comment=text)
    entries = PageLogEntry.objects.filter(page_id=page.pk, action__in=SUBMITTED)
    if entry := entries.order_by("-timestamp", "-pk").first():
        entries.filter(pk=entry.pk).update(data={**entry.data, "comment": text})


def _summary(page: Page) -> ReviewSummary:
    # Not looked up for the actor: when the task is done, it is no page of the reviewer's any more.
    page = Page.objects.get(pk=page.pk).specific
    done = "approved and published" if page.live else "finished"
    return ReviewSummary.of(page, review=review_state(page) or done)
