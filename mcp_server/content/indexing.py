"""Wagtail's search and reference index, brought up to date once per action.

Wagtail saves a page several times in one action and enqueues the same two tasks each time: a third
of what creating a draft takes. They look at the database, so the last ones tell all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, task_backends
from modelsearch.tasks import insert_or_update_object_task
from wagtail.tasks import update_reference_index_task

_GATHERED = (insert_or_update_object_task, update_reference_index_task)


class _Gathering:
    """The site's task backend, but for the tasks of the two indexes, which wait."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self.waiting: dict[Any, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def enqueue(self, task: Any, args: Any, kwargs: Any) -> Any:
        # Whoever saves an object does not look at the result of these.
        if task in _GATHERED and not kwargs:
            self.waiting[task.func, args] = task
            return None
        return self._backend.enqueue(task, args, kwargs)


@contextmanager
def indexed_once() -> Iterator[None]:
    """Let the index tasks of what is saved in here wait for the end, each object's once.

    After an error they are dropped: what they would index is rolled back.
    """
    backend = task_backends[DEFAULT_TASK_BACKEND_ALIAS]
    gathering: Any = _Gathering(backend)
    task_backends[DEFAULT_TASK_BACKEND_ALIAS] = gathering
    try:
        yield
    finally:
        task_backends[DEFAULT_TASK_BACKEND_ALIAS] = backend
    for (_, args), task in gathering.waiting.items():
        task.enqueue(*args)
