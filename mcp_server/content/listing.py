"""Lists with a limit and a cursor, and the page querysets behind them."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db.models import Prefetch, QuerySet
from pydantic import BaseModel
from wagtail.models import (
    DraftStateMixin,
    Page,
    Revision,
    WorkflowState,
    get_default_page_content_type,
)
from wagtail.query import PageQuerySet

from mcp_server.errors import Refused
from mcp_server.prepared import Param, filled, prepared

from .shapes import Listing, PageItem, several_locales, site_roots_loaded

Item = TypeVar("Item", bound=BaseModel)
Cut = Callable[[Any, slice], list[Any]]
MAX_OFFSET = 100_000
# Search services give no more; so many are a broad search, not an answer.
MAX_MATCHES = 10_000
# With what search_any asks besides: whether a page is an alias or locked, and what permissions ask.
# A workflow task of a site's own that reads more of a page loads it, one query per column.
_OF_AN_ITEM = (
    "path", "depth", "numchild", "title", "draft_title", "url_path", "slug", "live",
    "has_unpublished_changes", "expired", "content_type_id", "locale_id", "translation_key",
    "alias_of_id", "owner_id", "locked", "locked_by_id",
)  # fmt: skip


def listed(
    found: Any, shape: Callable[[Any], Item], limit: int, cursor: str | None
) -> Listing[Item]:
    """One page of ``found`` (a queryset or search result), each object shaped."""
    return _listed(found, shape, limit, cursor, _cut)


def _listed(
    found: Any, shape: Callable[[Any], Item], limit: int, cursor: str | None, cut: Cut
) -> Listing[Item]:
    start = offset_of(cursor)
    if start + limit > MAX_MATCHES and not isinstance(found, QuerySet | Sequence):
        raise Refused(f"Only the first {MAX_MATCHES:,} matches can be read. Search for more words.")
    total = len(found) if isinstance(found, Sequence) else found.count()
    with site_roots_loaded():
        items = [shape(item) for item in cut(found, slice(start, start + limit))]
    return page_of(items, total, start)


def _cut(found: Any, part: slice) -> list[Any]:
    """This part of ``found``.

    Of pages the keys come first: a database works out what ``for_listing`` adds for every row
    that it sorts, not only for those that are asked for.
    """
    if not isinstance(found, PageQuerySet):
        return list(found[part])
    keys = _keys(found, part)
    loaded = found.order_by().in_bulk(keys)
    return [loaded[key] for key in keys if key in loaded]


def _cut_items(found: Any, part: slice) -> list[Page]:
    return page_items(_keys(found, part))


def _keys(found: Any, part: slice) -> list[int]:
    return list(found.values_list("pk", flat=True)[part])


def page_of(items: list[Item], total: int, start: int) -> Listing[Item]:
    """A list's items from ``start`` on, of ``total``."""
    end = start + len(items)
    more = str(end) if end < total and items else None
    return Listing(items=items, total=total, next_cursor=more)


def listed_pages(found: Any, limit: int, cursor: str | None) -> Listing[PageItem]:
    """One page of a page queryset; statuses cost two queries, however long the list is."""
    if found.model is Page:
        return _listed(found, PageItem.of, limit, cursor, _cut_items)
    return listed(for_listing(found), PageItem.of, limit, cursor)


def for_listing(pages: Any) -> Any:
    """``pages`` with what ``page_status`` and ``type_name`` need, loaded for all at once."""
    # Content types are kept by Django; every item tells its locale where there are several.
    if several_locales():
        pages = pages.select_related("locale")
    pages = pages.annotate_approved_schedule()
    if pages.model is Page:
        return pages.prefetch_workflow_states()
    # Wagtail's own prefetch looks under the base type, where a specific model's query has none.
    states = _active_states()
    return pages.prefetch_related(
        Prefetch("_specific_workflow_states", queryset=states, to_attr="_current_workflow_states")
    )


def page_items(keys: Sequence[int]) -> list[Page]:
    """The pages with these keys, in this order, with what ``PageItem`` reads and no more; those
    that are gone are left out. It asks nobody's permission: the keys are of visible pages."""
    wanted = filled(keys)
    statement = _items(len(wanted), several_locales(), get_default_page_content_type().pk)
    loaded = {page.pk: page for page in statement.all(keys=wanted)}
    items = [loaded[key] for key in keys if key in loaded]
    if items:
        _load_reviews(items, _values_of(items))
    return items


@prepared
def _items(count: int, locales: bool, page_type_id: int) -> Any:
    # The schedule is looked up by the content type, whose key stands in the query.
    pages = Page.objects.filter(pk__in=Param.each("keys", count)).annotate_approved_schedule()
    if locales:
        return pages.select_related("locale").only(*_OF_AN_ITEM, "locale__language_code")
    return pages.only(*_OF_AN_ITEM)


def load_states(items: Sequence[Any]) -> None:
    """Reviews and schedules of objects of one type, all at once, where their status is looked up.

    From then on the objects are only read: they do not notice when a state changes.
    """
    if not items or not isinstance(items[0], DraftStateMixin):
        return
    about = _values_of(items)
    _load_reviews(items, about)
    # The first of each, as `scheduled_revision` itself would find it.
    planned = _planned(len(about["keys"])).all(**about)
    schedules = {revision.object_id: revision for revision in planned}
    for item in items:
        item.scheduled_revision = schedules.get(str(item.pk))


def _load_reviews(items: Sequence[Any], about: dict[str, Any]) -> None:
    states = _states(len(about["keys"])).all(**about)
    for item in items:
        item._current_workflow_states = [s for s in states if s.object_id == str(item.pk)]


def _values_of(items: Sequence[Any]) -> dict[str, Any]:
    """The values for ``_about``."""
    keys = filled([str(item.pk) for item in items])
    return {"kind": items[0].get_base_content_type().pk, "keys": keys}


@prepared
def _states(count: int) -> Any:
    return _about(_active_states(), count)


@prepared
def _planned(count: int) -> Any:
    planned = Revision.objects.filter(approved_go_live_at__isnull=False).order_by("-pk")
    return _about(planned, count)


def _about(found: Any, count: int) -> Any:
    """Those of the objects of one base content type with these keys, which are texts here."""
    kind, keys = Param("kind"), Param.each("keys", count)
    return found.filter(base_content_type_id=kind, object_id__in=keys)


def _active_states() -> Any:
    return WorkflowState.objects.active().select_related("current_task_state__task")


def offset_of(cursor: str | None) -> int:
    """Where a cursor points; refuses one that is not ours."""
    if not cursor:
        return 0
    if not cursor.isdecimal() or len(cursor) > 6 or int(cursor) > MAX_OFFSET:
        raise Refused("This cursor is not one of ours. Leave it out to start from the beginning.")
    return int(cursor)
