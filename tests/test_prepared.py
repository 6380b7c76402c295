"""Queries that are put together once answer like those that are put together every time."""

import gc
import weakref
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page

from mcp_server.prepared import Param, filled, prepared
from tests.world import World

ODD_TITLES = ["plain", "100% 'quoted' \"twice\"", "%s", "a\\b_c", "", "ü\u2028🌱"]


@prepared
def _titled(count: int) -> Any:
    pages = Page.objects.filter(title__in=Param.each("titles", count), depth__gt=Param("depth"))
    return pages.order_by("path")


@prepared
def _with_type() -> Any:
    pages = Page.objects.filter(pk=Param("key")).select_related("content_type", "locale")
    return pages.only("title", "content_type__model", "locale__language_code")


@prepared
def _paths() -> Any:
    return Page.objects.filter(path__gte=Param("start")).order_by("path").values_list("path", "pk")


@prepared
def _translated() -> Any:
    field = Page._meta.get_field("translation_key")
    return Page.objects.filter(translation_key=Param("key", field=field))


@prepared
def _locked() -> Any:
    return Page.objects.select_for_update().filter(pk=Param("key"))


@prepared
def _of_a_thread() -> Any:
    return Page.objects.filter(pk=Param("key"))


@prepared
def _nothing() -> Any:
    return Page.objects.none()


@pytest.mark.django_db
def test_values_are_values_and_never_sql(world: World) -> None:
    for title in ODD_TITLES:
        Page.objects.filter(pk=world.first.pk).update(title=title)
        assert _titled(1).all(titles=[title], depth=1) == [Page.objects.get(pk=world.first.pk)]
        assert _titled(1).all(titles=[f"{title}'"], depth=1) == []


@pytest.mark.django_db
@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_lists_of_any_length(world: World, count: int) -> None:
    titles = list(Page.objects.filter(depth__gt=1).values_list("title", flat=True))[:count]
    wanted = filled(titles)
    found = _titled(len(wanted)).all(titles=wanted, depth=1)
    assert found == list(Page.objects.filter(title__in=titles, depth__gt=1).order_by("path"))


def test_lists_come_in_few_lengths() -> None:
    lengths = {len(filled(range(count))) for count in range(1, 257)}
    assert lengths == {2**power for power in range(9)}
    assert filled("abc") == ["a", "b", "c", "c"]
    assert filled([]) == []
    # SQLite takes no more than a thousand conditions.
    assert filled(range(600)) == list(range(600))


@pytest.mark.django_db
def test_one_query_with_what_it_selects(world: World) -> None:
    _with_type().all(key=0)
    with CaptureQueriesContext(connection) as asked:
        page = _with_type().first(key=world.first.pk)
        found = page.title, page.content_type.model, page.locale.language_code
    assert found == (world.first.title, "blogpage", world.first.locale.language_code)
    assert len(asked) == 1
    assert page.get_deferred_fields() >= {"slug", "path"}


@pytest.mark.django_db
def test_rows_of_values(world: World) -> None:
    start = world.blog.path
    wanted = Page.objects.filter(path__gte=start).order_by("path").values_list("path", "pk")
    assert _paths().all(start=start) == list(wanted)


@pytest.mark.django_db
def test_values_of_a_field_that_converts_them(world: World) -> None:
    # On SQLite a UUID is a text without hyphens.
    key = world.first.translation_key
    assert _translated().all(key=key) == [Page.objects.get(pk=world.first.pk)]
    assert _translated().first(key=uuid4()) is None


@pytest.mark.django_db(transaction=True)
def test_a_lock_needs_a_transaction_every_time() -> None:
    for _ in range(2):
        with transaction.atomic():
            _locked().all(key=1)
        if connection.features.has_select_for_update:
            with pytest.raises(TransactionManagementError):
                _locked().all(key=1)


@pytest.mark.django_db
def test_what_has_no_rows_is_not_asked() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert _nothing().all() == []
        assert _nothing().first() is None
    assert not asked.captured_queries


@pytest.mark.django_db
def test_put_together_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _titled(1).all(titles=["x"], depth=1)
    monkeypatch.setattr("django.db.models.sql.compiler.SQLCompiler.as_sql", None)
    assert _titled(1).all(titles=[world.first.title], depth=1) == [Page(pk=world.first.pk)]
    assert _titled(1) is _titled(1)


@pytest.mark.django_db(transaction=True)
def test_every_thread_asks_over_its_own_connection() -> None:
    used: list[Any] = []

    def look(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        used.append(context["connection"])
        return execute(sql, params, many, context)

    def ask() -> None:
        try:
            with connection.execute_wrapper(look):
                _paths().all(start="")
                assert used[-1] is connections["default"]
        finally:
            connection.close()

    for _ in range(2):
        thread = Thread(target=ask)
        thread.start()
        thread.join()
    assert len({id(one) for one in used}) == len(used) == 2


@pytest.mark.django_db(transaction=True)
def test_the_connection_of_a_thread_ends_with_it() -> None:
    kept: list[Any] = []

    def ask() -> None:
        _of_a_thread().all(key=1)
        kept.append(weakref.ref(connections["default"]))
        connection.close()

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    gc.collect()
    assert kept[0]() is None
