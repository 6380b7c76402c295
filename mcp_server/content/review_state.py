"""Where a page's review stands, in words."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import prefetch_related_objects
from wagtail.models import AbstractGroupApprovalTask, Page, Task, WorkflowState

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


def load_tasks(states: Iterable[WorkflowState]) -> None:
    """The tasks of many reviews at once, which each of them would look up for itself."""
    waiting = [state.current_task_state for state in states if state.current_task_state]
    if not waiting:
        return
    keys = {task_state.task_id for task_state in waiting}
    tasks = {task.pk: task for task in Task.objects.filter(pk__in=keys).specific()}
    by_type: dict[type, list[Any]] = defaultdict(list)
    for task in tasks.values():
        by_type[type(task)].append(task)
    for model, alike in by_type.items():
        if issubclass(model, AbstractGroupApprovalTask):
            prefetch_related_objects(alike, "groups")
    for task_state in waiting:
        task_state.task = tasks[task_state.task_id]


def _editors(task: Any) -> str:
    # Only of Wagtail's own kind of task is it known who its reviewers are.
    if not isinstance(task, AbstractGroupApprovalTask):
        return ""
    groups = ", ".join(sorted(group.name for group in task.groups.all()))
    return f"; until decided only {groups} may edit" if groups else ""
