"""What matches the words of a query, in Wagtail's search index and where that does not look."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import CharField, F, Q, TextField
from wagtail.models import Page
from wagtail.search.backends import get_search_backend
from wagtail.search.index import class_is_indexed

from mcp_server.prepared import Param, filled, prepared

from .fields import form_fields
from .indexing import in_database
from .listing import MAX_MATCHES, page_items

MAX_DRAFT_TITLES = 20
MAX_SCORED = 200
# Search services take any of the words unless told otherwise; databases take all of them.
EVERY_WORD = "and"


@dataclass(frozen=True)
class Part:
    """Matches of one query; ``total`` is worked out unless it is known."""

    found: Any
    known: int | None = None

    @cached_property
    def total(self) -> int:
        return int(self.found.count()) if self.known is None else self.known


@dataclass(frozen=True)
class Matches:
    """Pages that match, in one list although several queries found them."""

    parts: tuple[Part, ...]

    def count(self) -> int:
        return sum(part.total for part in self.parts)

    def __getitem__(self, wanted: slice) -> list[Any]:
        return page_items(self.keys(wanted.start or 0, wanted.stop))

    def keys(self, start: int, stop: int) -> list[int]:
        """The keys of the matches from ``start`` up to ``stop``."""
        keys: list[int] = []
        for part in self.parts:
            if start < part.total and stop > 0:
                keys += keys_of(part.found[max(start, 0) : min(stop, part.total)])
            start, stop = start - part.total, stop - part.total
        return keys


def matching_pages(pages: Any, words: str) -> Matches:
    """Pages by relevance, after those whose draft has a new title with all of the words.

    Wagtail indexes what visitors see, so a title that stands in a draft only is not in there.
    """
    found = _retitled(pages, words)
    others = pages.exclude(pk__in=found) if found else pages
    return Matches((Part(found, known=len(found)), *_searched(others, words)))


def _retitled(pages: Any, words: str) -> list[int]:
    """The newest of these pages whose draft has a new title with all of the words."""
    wanted = filled(words.split())
    # First those of the whole site, which are hardly ever any: that asks an index of drafts.
    keys = _retitled_anywhere(len(wanted)).all(words=wanted)
    if not keys:
        return []
    mine = _newest(pages.filter(pk__in=keys))
    return list(mine.values_list("pk", flat=True)[:MAX_DRAFT_TITLES])


@prepared
def _retitled_anywhere(count: int) -> Any:
    drafts = Page.objects.filter(has_unpublished_changes=True).exclude(draft_title=F("title"))
    drafts = drafts.filter(_words_in("draft_title", Param.each("words", count)))
    return _newest(drafts).values_list("pk", flat=True)[:MAX_MATCHES]


def searchable(pages: Any, narrowed: Any) -> Any:
    """``narrowed``, a part of ``pages``, in a form that the site's index can filter by.

    A search filters by the fields that Wagtail indexes and no others: it is given the keys.
    """
    keys = narrowed.order_by("-pk").values_list("pk", flat=True)[:MAX_MATCHES]
    return pages.filter(pk__in=list(keys))


def _searched(pages: Any, words: str) -> list[Part]:
    """What the search index has, by score; of very many the titles with the words come first.

    A database works out the score of each match by itself, seconds for thousands of them, where
    a search service has the best ones at hand.
    """
    if not _scored_by_database():
        return [Part(pages.only("pk").search(words, operator=EVERY_WORD))]
    # Keys alone: a page costs more to make than to find.
    pages = pages.values_list("pk", flat=True)
    # In no order, so that the database may stop when there are too many.
    found = _unscored(pages.order_by(), words)
    keys = list(found[: MAX_SCORED + 1])
    if len(keys) < 2:
        return [Part(keys, known=len(keys))]
    if len(keys) <= MAX_SCORED:
        few = pages.model.objects.filter(pk__in=keys).values_list("pk", flat=True)
        return [Part(few.search(words, operator=EVERY_WORD), known=len(keys))]
    titled = _words_in("title", words.split())
    first = Part(_unscored(_newest(pages.filter(titled)), words))
    others = _unscored(_newest(pages.exclude(titled)), words)
    return [first, Part(others, known=found.count() - first.total)]


def keys_of(found: Any) -> list[int]:
    """The keys of pages, which a database was asked for instead of the pages."""
    return [one if isinstance(one, int) else one.pk for one in found]


def _unscored(pages: Any, words: str) -> Any:
    return pages.search(words, operator=EVERY_WORD, order_by_relevance=False)


def _words_in(field: str, words: Iterable[Any]) -> Q:
    """All of these words, in texts or in ``Param`` objects."""
    return Q(*(Q(**{f"{field}__icontains": word}) for word in words))


def _newest(pages: Any) -> Any:
    return pages.order_by("-latest_revision_created_at", "-id")


def _scored_by_database() -> bool:
    return in_database(get_search_backend())


def matching(objects: Any, query: str, user: Any) -> Any:
    """The objects with these words; the best ones first where the site indexes the model."""
    if class_is_indexed(objects.model):
        return get_search_backend().search(query, objects, operator=EVERY_WORD)
    # Snippets need not be indexed: their text columns are searched instead.
    return _contains(objects, query, user)


def _contains(objects: Any, query: str, user: Any) -> Any:
    condition = Q()
    shown = {name for name, _ in form_fields(objects.model, user)}
    for field in objects.model._meta.get_fields():
        # Only what this user sees: a match in any other column would tell what it holds.
        if type(field) in (CharField, TextField) and field.name in shown:
            condition |= Q(**{f"{field.name}__icontains": query})
    return objects.filter(condition) if condition else objects.none()
