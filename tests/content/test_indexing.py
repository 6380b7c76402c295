"""One action brings the two indexes up to date once, and to the same state."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, task, task_backends
from django_tasks.signals import task_enqueued
from wagtail.models import Page, ReferenceIndex

from blog.models import BlogPage
from mcp_server.content import writing
from mcp_server.content.indexing import indexed_once
from tests.world import World

Tasks = Counter[tuple[str, tuple[Any, ...]]]


@task()
def another(word: str) -> str:
    return word


@pytest.fixture
def carried_out() -> Iterator[Tasks]:
    tasks: Tasks = Counter()

    def note(task_result: Any, **kwargs: Any) -> None:
        tasks[task_result.task.name, tuple(task_result.args)] += 1

    task_enqueued.connect(note)
    yield tasks
    task_enqueued.disconnect(note)


@pytest.mark.django_db
def test_a_new_draft_is_found_and_its_references_are_known(
    world: World, carried_out: Tasks
) -> None:
    values = {"title": "Liverwort", "body": f"See [the first](wagtail://page?id={world.first.pk})."}
    made = writing.create_page(world.actor("editor"), "blog.BlogPage", world.blog.pk, values)
    assert [page.pk for page in Page.objects.search("Liverwort")] == [made.id]
    to = ReferenceIndex.get_references_to(world.first)
    assert str(made.id) in to.values_list("object_id", flat=True)
    about = {key: times for key, times in carried_out.items() if str(made.id) in key[1]}
    assert {name for name, _ in about} == {
        "insert_or_update_object_task", "update_reference_index_task",
    }  # fmt: skip
    assert set(about.values()) == {1}


@pytest.mark.django_db
def test_objects_of_their_own_each_once(world: World, carried_out: Tasks) -> None:
    with indexed_once():
        for page in (world.first, world.second, world.first):
            page.save()
        assert not carried_out
    posts = {key: times for key, times in carried_out.items() if key[1][:2] == ("blog", "blogpage")}
    assert set(posts.values()) == {1}
    assert {key[1][2] for key in posts} == {str(world.first.pk), str(world.second.pk)}


@pytest.mark.django_db
def test_other_tasks_do_not_wait(carried_out: Tasks) -> None:
    with indexed_once():
        assert another.enqueue("now").return_value == "now"
        assert carried_out["another", ("now",)] == 1


@indexed_once()
def save_and_fail(page: Page) -> None:
    BlogPage.objects.get(pk=page.pk).save()
    raise ZeroDivisionError


@pytest.mark.django_db
def test_after_an_error_nothing_is_indexed(world: World, carried_out: Tasks) -> None:
    backend = task_backends[DEFAULT_TASK_BACKEND_ALIAS]
    with pytest.raises(ZeroDivisionError):
        save_and_fail(world.first)
    assert not carried_out
    assert task_backends[DEFAULT_TASK_BACKEND_ALIAS] is backend
