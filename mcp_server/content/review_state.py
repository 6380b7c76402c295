"""Where a page's review stands, in words."""

from typing import Any

from wagtail.models import AbstractGroupApprovalTask, Page, WorkflowState

from .people import display_name


def review_state(page: Page) -> str | None:
    """Which task a page waits for and who may edit it meanwhile; None without a review."""
    state = page.current_workflow_state
    return in_words(state) if state is not None else None


def in_words(state: WorkflowState) -> str | None:
    """The same of a workflow that runs; None between two tasks."""
    if state.current_task_state is None:
        return None
    if state.status == WorkflowState.STATUS_NEEDS_CHANGES:
        return f"changes requested by {display_name(state.current_task_state.finished_by)}"
    task = state.current_task_state.task.specific
    return f"waiting for: {task.name}{_editors(task)}"


def _editors(task: Any) -> str:
    # Only of Wagtail's own kind of task is it known who its reviewers are.
    if not isinstance(task, AbstractGroupApprovalTask):
        return ""
    groups = ", ".join(sorted(task.groups.values_list("name", flat=True)))
    return f"; until decided only {groups} may edit" if groups else ""
