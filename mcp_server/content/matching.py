"""What matches the words of a query, in Wagtail's search index and where that does not look."""

from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, Q, TextField
from wagtail.search.backends import get_search_backend
from wagtail.search.index import class_is_indexed

from .fields import form_fields

MAX_DRAFT_TITLES = 20


@dataclass(frozen=True)
class Joined:
    """Two lists of results as one: ``first`` is loaded already, ``rest`` may be any result."""

    first: list[Any]
    rest: Any

    def count(self) -> int:
        return len(self.first) + int(self.rest.count())

    def __getitem__(self, part: slice) -> list[Any]:
        known = len(self.first)
        start, stop = (max((edge or 0) - known, 0) for edge in (part.start, part.stop))
        return [*self.first[part], *(self.rest[start:stop] if stop else [])]


def matching_pages(pages: Any, words: str) -> Joined:
    """Pages by relevance, after those whose draft has a new title with all of the words.

    Wagtail indexes what visitors see, so a title that stands in a draft only is not in there.
    """
    drafts = pages.filter(has_unpublished_changes=True).exclude(draft_title=F("title"))
    for word in words.split():
        drafts = drafts.filter(draft_title__icontains=word)
    found = list(drafts.order_by("-latest_revision_created_at", "-pk")[:MAX_DRAFT_TITLES])
    others = pages.exclude(pk__in=[page.pk for page in found]) if found else pages
    return Joined(found, others.search(words))


def matching(objects: Any, query: str, user: Any) -> Any:
    """The objects with these words; the best ones first where the site indexes the model."""
    if class_is_indexed(objects.model):
        return get_search_backend().search(query, objects)
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
