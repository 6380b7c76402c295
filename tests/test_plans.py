"""Plans that PostgreSQL keeps change no answer, and nothing else that is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import NotSupportedError, connection, transaction
from django.db.models import CharField, F, Value
from django.db.models.functions import Concat
from wagtail.models import Page

from mcp_server.plans import keeps_plans
from mcp_server.prepared import Param, prepared
from tests.world import World

pytestmark = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has no plans to keep"
)

ALTER = "ALTER TABLE wagtailcore_page ALTER seo_title TYPE varchar({})"


@prepared
def _titled(count: int) -> Any:
    pages = Page.objects.filter(title__in=Param.each("titles", count), depth__gt=Param("depth"))
    return pages.order_by("path")


@prepared
def _with_ids(count: int) -> Any:
    return Page.objects.filter(pk__in=Param.each("keys", count)).order_by("path")


@prepared
def _labelled() -> Any:
    """With values of its own, of which one is compared to nothing."""
    label = Concat(Value("100% of "), F("title"), output_field=CharField())
    shown = Page.objects.filter(pk=Param("key")).exclude(title="50%")
    return shown.annotate(label=label, kind=Value("a page")).values_list("label", "kind")


@pytest.fixture
def plans(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A connection that keeps plans from the first execution on."""
    mark = request.node.get_closest_marker("django_db")
    request.getfixturevalue("transactional_db" if mark else "db")
    connection.ensure_connection()
    raw = connection.connection
    before, raw.prepare_threshold = raw.prepare_threshold, 0
    yield raw
    if connection.connection is raw:
        raw.prepare_threshold = before


def _kept() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements ORDER BY prepare_time")
        return [text for (text,) in cursor.fetchall()]


def test_a_query_has_one_plan(plans: Any, world: World) -> None:
    before = _kept()
    titles = [world.first.title, world.blog.title]
    wanted = Page.objects.filter(title__in=titles, depth__gt=1).order_by("path")
    for _ in range(3):
        assert _titled(2).all(titles=titles, depth=1) == list(wanted)
    (made,) = [text for text in _kept() if text not in before]
    assert "$1" in made
    assert world.first.title not in made
    # Whatever else is asked on this connection is not prepared.
    assert plans.cursor_factory.__name__ == "Cursor"


def test_not_where_the_site_does_not_want_it(plans: Any, world: World) -> None:
    plans.prepare_threshold = None
    before = _kept()
    assert _titled(1).all(titles=[world.first.title], depth=1) == [Page(pk=world.first.pk)]
    assert _kept() == before


def test_a_cursor_of_somebody_else_stays(plans: Any, world: World) -> None:
    used: list[str] = []

    class Traced(plans.cursor_factory):
        def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            used.append(str(query))
            return super().execute(query, *args, **kwargs)

    usual, plans.cursor_factory = plans.cursor_factory, Traced
    try:
        assert _titled(1).first(titles=[world.first.title], depth=1).pk == world.first.pk
    finally:
        plans.cursor_factory = usual
    assert any("wagtailcore_page" in query for query in used)


def test_without_psycopg_3_nothing_is_planned() -> None:
    class Other:
        vendor = "postgresql"
        connection = object()

        def ensure_connection(self) -> None:
            """It is open."""

    assert keeps_plans(Other()) is False


def test_numbers_of_any_size_share_a_plan(plans: Any, world: World) -> None:
    before = _kept()
    key = world.first.pk
    for others in ([1, 40_000], [2**31, 2**62], [40_000, 1], [-1, -(2**40)]):
        assert _with_ids(3).all(keys=[key, *others])[-1].pk == key
    assert len(_kept()) == len(before) + 1
    # Beyond what a column can hold there is nothing, and no error.
    assert [page.pk for page in _with_ids(3).all(keys=[key, 2**63, 2**80])] == [key]


def test_values_of_the_query_itself_are_written_into_it(plans: Any, world: World) -> None:
    before = _kept()
    label = f"100% of {world.first.title}"
    for _ in range(2):
        assert _labelled().all(key=world.first.pk) == [(label, "a page")]
    (made,) = [text for text in _kept() if text not in before]
    assert "$1" in made
    assert "$2" not in made


@pytest.mark.django_db(transaction=True)
def test_a_column_that_was_altered_costs_its_plans(plans: Any) -> None:
    """As a migration does while the workers of the release before still answer."""
    with _altered():
        for _ in range(2):
            assert _with_ids(1).all(keys=[-1]) == []
        assert plans.prepare_threshold is None


@pytest.mark.django_db(transaction=True)
def test_within_a_transaction_the_next_one_works(plans: Any) -> None:
    with _altered():
        with pytest.raises(NotSupportedError), transaction.atomic():
            _with_ids(1).all(keys=[-1])
        with transaction.atomic():
            assert _with_ids(1).all(keys=[-1]) == []


@contextmanager
def _altered() -> Iterator[None]:
    """A plan is there, and then somebody else alters a column of its table."""
    for _ in range(2):
        _with_ids(1).all(keys=[-1])
    somebody = connection.copy()
    try:
        with somebody.cursor() as cursor:
            cursor.execute(ALTER.format(244))
        yield
    finally:
        with somebody.cursor() as cursor:
            cursor.execute(ALTER.format(255))
        somebody.close()
