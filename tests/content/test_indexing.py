"""One action brings the two indexes up to date once, and to the same state."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models.signals import post_save
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, task, task_backends
from django_tasks.signals import task_enqueued
from wagtail.models import Page, ReferenceIndex, Revision
from wagtail.search import index
from wagtail.search.models import IndexEntry

from blog.models import BlogPage
from mcp_server.content import indexing, writing
from mcp_server.content.indexing import indexed_once
from tests.world import World

Tasks = Counter[tuple[str, tuple[Any, ...]]]
BOTH = {"insert_or_update_object_task", "update_reference_index_task"}


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
    tasks = {key: times for key, times in carried_out.items() if str(made.id) in key[1]}
    assert {name for name, _ in tasks} == BOTH
    assert set(tasks.values()) == {1}


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


def about(page: Page, carried_out: Tasks) -> set[str]:
    return {name for name, args in carried_out if args[1:] == ("blogpage", str(page.pk))}


def entries(page: Page) -> list[Any]:
    """What both indexes hold of a page."""
    texts = [
        (field.name, str(getattr(entry, field.name)))
        for entry in IndexEntry.objects.filter(object_id=str(page.pk)).order_by("pk")
        for field in entry._meta.concrete_fields
        # It depends on the other pages' titles.
        if field.name != "title_norm"
    ]
    references = ReferenceIndex.get_references_for_object(page)
    return [*texts, *references.order_by("pk").values_list("to_object_id", "model_path")]


def edit(world: World, page: Page) -> None:
    words = f"New words, and [a link](wagtail://page?id={world.blog.pk})."
    writing.update_page(
        world.actor("editor"), page.pk, page.latest_revision_id or 0, {"intro": words}
    )


@pytest.mark.django_db
def test_a_new_draft_of_a_live_page_leaves_the_indexes_as_they_are(
    world: World, carried_out: Tasks
) -> None:
    page = BlogPage.objects.get(pk=world.first.pk)
    page.save()
    before = entries(page)
    assert before
    carried_out.clear()
    edit(world, page)
    assert about(page, carried_out) == set()
    # What they would have found.
    BlogPage.objects.get(pk=page.pk).save()
    assert about(page, carried_out) == BOTH
    assert entries(page) == before


@pytest.mark.django_db
def test_a_page_that_is_not_live_is_indexed_with_its_draft(
    world: World, carried_out: Tasks
) -> None:
    page = BlogPage.objects.get(pk=world.second.pk)
    assert not page.live
    edit(world, page)
    assert about(page, carried_out) == BOTH


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        [*BlogPage.search_fields, index.SearchField("get_admin_display_title")],
        [*BlogPage.search_fields, index.AutocompleteField("draft_title")],
    ],
)
def test_a_type_that_searches_drafts_is_indexed_with_them(
    world: World, carried_out: Tasks, monkeypatch: pytest.MonkeyPatch, fields: list[Any]
) -> None:
    monkeypatch.setattr(BlogPage, "search_fields", fields)
    # Kept per type; here another type has the name.
    monkeypatch.setattr(indexing, "_searches_drafts", indexing._searches_drafts.__wrapped__)
    edit(world, BlogPage.objects.get(pk=world.first.pk))
    assert about(world.first, carried_out) == {"insert_or_update_object_task"}


@pytest.mark.django_db
def test_a_search_service_is_told_of_drafts(
    world: World, carried_out: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Service:
        """It keeps what pages are filtered by."""

    monkeypatch.setattr(indexing, "get_search_backends", lambda **_: [Service()])
    edit(world, BlogPage.objects.get(pk=world.first.pk))
    assert about(world.first, carried_out) == {"insert_or_update_object_task"}


@pytest.mark.django_db
def test_a_site_that_publishes_every_draft_has_it_indexed(world: World, carried_out: Tasks) -> None:
    def publish(instance: Revision, created: bool, **kwargs: Any) -> None:
        if created:
            published.append(instance)
            instance.publish()

    published: list[Revision] = []
    post_save.connect(publish, sender=Revision)
    try:
        writing.update_page(
            world.actor("admin"), world.first.pk, world.first.latest_revision_id or 0,
            {"title": "Liverwort"},
        )  # fmt: skip
    finally:
        post_save.disconnect(publish, sender=Revision)
    assert published
    assert [page.pk for page in Page.objects.search("Liverwort")] == [world.first.pk]
