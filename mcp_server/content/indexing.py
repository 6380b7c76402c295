"""Wagtail's search and reference index, brought up to date once per action.

Wagtail saves a page several times in one action and enqueues the same two tasks each time: a third
of what creating a draft takes. They look at the database, so the last ones tell all. A new draft
of a live page leaves in the database what both indexes hold of it; it is not indexed again.

The tasks are those of Wagtail 8, which brings django-tasks and modelsearch along.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, task_backends
from modelsearch.backends import get_search_backends
from modelsearch.tasks import insert_or_update_object_task
from wagtail.models import Page
from wagtail.search import index
from wagtail.tasks import update_reference_index_task

Key = tuple[Any, tuple[Any, ...]]
_GATHERED = (insert_or_update_object_task, update_reference_index_task)
# What of a live page's row a new draft changes.
_OF_A_DRAFT = frozenset(
    {"draft_title", "has_unpublished_changes", "latest_revision", "latest_revision_created_at"}
)


class _Gathering:
    """The site's task backend, but for the tasks of the two indexes, which wait."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self.waiting: Counter[Key] = Counter()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def enqueue(self, task: Any, args: Any, kwargs: Any) -> Any:
        # Whoever saves an object does not look at the result of these.
        if task in _GATHERED and not kwargs:
            self.waiting[task, args] += 1
            return None
        return self._backend.enqueue(task, args, kwargs)


@contextmanager
def indexed_once(new_draft: Page | None = None) -> Iterator[None]:
    """Let the index tasks of what is saved in here wait for the end, each object's once.

    ``new_draft`` is a page that gets a new draft in here, which saves it once; a site that saves
    it besides, or publishes it, has it indexed. After an error the tasks are dropped: what they
    would index is rolled back.
    """
    spared = _spared(new_draft) if new_draft is not None and new_draft.live else frozenset()
    backend = task_backends[DEFAULT_TASK_BACKEND_ALIAS]
    gathering: Any = _Gathering(backend)
    task_backends[DEFAULT_TASK_BACKEND_ALIAS] = gathering
    try:
        yield
    finally:
        task_backends[DEFAULT_TASK_BACKEND_ALIAS] = backend
    for key, times in gathering.waiting.items():
        if times > 1 or key not in spared:
            task, args = key
            task.enqueue(*args)


def in_database(backend: Any) -> bool:
    """Whether a search backend keeps its index in the site's database, which holds texts only;
    search services also keep what pages are filtered by."""
    return ".database." in type(backend).__module__


def _spared(page: Page) -> frozenset[Key]:
    """The tasks that would find what they wrote the last time."""
    model: Any = type(page)
    args = (model._meta.app_label, model._meta.model_name, str(page.pk))
    tasks = [update_reference_index_task]
    backends = get_search_backends(with_auto_update=True)
    if all(in_database(backend) for backend in backends) and not _searches_drafts(model):
        tasks.append(insert_or_update_object_task)
    return frozenset((task, args) for task in tasks)


@cache
def _searches_drafts(model: Any) -> bool:
    """Whether a text that is searched may come from the draft: from a method, which may look
    anywhere, or from a column that a draft changes."""
    return any(
        not _is_column(model, field.field_name) or field.field_name in _OF_A_DRAFT
        for field in model.get_search_fields()
        if not isinstance(field, index.FilterField)
    )


def _is_column(model: Any, name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True
