"""Links and choosers whose target visitors cannot reach. No address outside the site is opened."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Model
from wagtail.documents import get_document_model
from wagtail.models import CollectionViewRestriction, Page

from .checking_base import Finding, Inspection, shortened
from .checking_parts import Link
from .finding import visible_pages
from .references import usable_keys, visible_documents
from .shapes import has_address, restriction, shown_title

# Why a target is of no use to visitors; None where it is.
Reasons = dict[str, str | None]


def links(inspection: Inspection) -> Iterator[Finding]:
    """Pages, documents, images and snippets that are gone, not published or private.

    What the actor may not see is told from what is gone only by what any visitor could find out.
    """
    yield from unreachable(inspection, inspection.content.links)


def unreachable(inspection: Inspection, to_check: Iterable[Link]) -> Iterator[Finding]:
    """A finding for each of these links whose target visitors cannot reach."""
    found = list(dict.fromkeys(to_check))
    targets: dict[type[Model], set[str]] = {}
    for link in found:
        targets.setdefault(link.model, set()).add(link.key)
    reasons = {model: _reasons(inspection, model, keys) for model, keys in targets.items()}
    for link in found:
        if reason := reasons[link.model].get(link.key, _gone(link)):
            yield Finding(
                check="link", where=link.where, message=reason,
                suggestion="Choose another target, or remove it.",
            )  # fmt: skip


def _gone(link: Link) -> str:
    return f"{link.model._meta.verbose_name} {link.key[:40]} is not there for visitors"


def _reasons(inspection: Inspection, model: type[Model], keys: set[str]) -> Reasons:
    """What is wrong with each target that exists for visitors or for the actor."""
    known = usable_keys(model, keys)
    if issubclass(model, Page):
        return _page_reasons(inspection, known)
    if issubclass(model, get_document_model()):
        return _document_reasons(inspection, known)
    return {str(pk): None for pk in _existing(model, known)}


def _existing(model: type[Model], keys: list[Any]) -> Any:
    return model._default_manager.filter(pk__in=keys).values_list("pk", flat=True)


def _page_reasons(inspection: Inspection, keys: list[Any]) -> Reasons:
    pages = list(Page.objects.filter(pk__in=keys))
    seen = set(visible_pages(inspection.actor).filter(pk__in=keys).values_list("pk", flat=True))
    reasons: Reasons = {}
    for page in pages:
        problem = _page_problem(page, inspection.page)
        if problem is None:
            reasons[str(page.pk)] = None
        elif page.pk in seen:
            reasons[str(page.pk)] = f"“{shortened(shown_title(page))}” (page {page.pk}) {problem}"
    return reasons


def _page_problem(page: Page, source: Page) -> str | None:
    if not page.live:
        return "is not published"
    if not has_address(page):
        return "has no address on this site"
    private = restriction(page)
    # Between pages behind the same door, nobody is turned away.
    if private and private != restriction(source):
        return f"is only for: {private}"
    return None


def _document_reasons(inspection: Inspection, keys: list[Any]) -> Reasons:
    documents = get_document_model()._default_manager.filter(pk__in=keys)
    found = dict(documents.values_list("pk", "collection__path"))
    private = _private_collections()
    closed = {pk for pk, path in found.items() if (path or "").startswith(private)}
    seen = set(
        visible_documents(inspection.actor).filter(pk__in=closed).values_list("pk", flat=True)
        if closed
        else ()
    )
    told = {str(pk): f"document {pk} is in a private collection" for pk in closed & seen}
    return {**{str(pk): None for pk in found if pk not in closed}, **told}


def _private_collections() -> tuple[str, ...]:
    found = CollectionViewRestriction.objects.values_list("collection__path", flat=True)
    return tuple(found)
