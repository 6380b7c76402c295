"""Redirects that come and go with pages: made by a move, lost with a deletion."""

from typing import Any

from django.utils.dateparse import parse_datetime
from wagtail.models import Page, Site

from .redirects import purge, site_redirects

_KEPT = (
    "pk",
    "old_path",
    "site_id",
    "is_permanent",
    "redirect_page_id",
    "redirect_page_route_path",
    "automatically_created",
    "created_at",
)


class MadeByMove:
    """Which redirects moving ``page`` makes; to be built before the move."""

    def __init__(self, page: Page) -> None:
        self._page_id = page.pk
        self._before = self._automatic()

    def keys(self) -> list[int]:
        """Those made since; one that now starts where its page is goes, whoever made it."""
        loops = [found for found in _to_subtree(self._page_id) if _starts_at_its_page(found)]
        _forget(loops)
        return sorted(self._automatic() - self._before)

    def forget(self, made: list[int]) -> None:
        """Remove what a move had ``made``, and what this one, back again, has made."""
        wanted = {*made, *self.keys()}
        automatic = self._automatic()
        _forget([it for it in _to_subtree(self._page_id) if it.pk in wanted & automatic])

    def _automatic(self) -> set[int]:
        return {it.pk for it in _to_subtree(self._page_id) if it.automatically_created}


def kept_redirects(pages: Any) -> list[dict[str, Any]]:
    """What bringing back the redirects to these pages needs."""
    model = site_redirects()
    return list(model.objects.filter(redirect_page__in=pages).values(*_KEPT)) if model else []


def restore_redirects(kept: list[dict[str, Any]]) -> list[str]:
    """The redirects again; answers what could not come back, in words."""
    model, lost = site_redirects(), []
    for row in kept:
        if model is None or _is_taken(model, row):
            lost.append(f"the redirect from {row['old_path']}")
            continue
        model.objects.bulk_create([model(**row)])
        # The field takes the present time by itself.
        created = row["created_at"] and parse_datetime(row["created_at"])
        model.objects.filter(pk=row["pk"]).update(created_at=created)
    return lost


def _is_taken(model: Any, row: dict[str, Any]) -> bool:
    site, path = row["site_id"], row["old_path"]
    if site is not None and not Site.objects.filter(pk=site).exists():
        return True
    there = model.objects.filter(old_path=path, site_id=site) | model.objects.filter(pk=row["pk"])
    return bool(there.exists())


def _to_subtree(page_id: int) -> list[Any]:
    model, page = site_redirects(), Page.objects.filter(pk=page_id).first()
    if model is None or page is None:
        return []
    subtree = Page.objects.descendant_of(page, inclusive=True)
    found = model.objects.filter(redirect_page__in=subtree)
    return list(found.select_related("redirect_page").order_by("pk"))


def _starts_at_its_page(redirect: Any) -> bool:
    parts = redirect.redirect_page.specific_deferred.get_url_parts()
    if parts is None or redirect.site_id not in (None, parts[0]):
        return False
    path = f"{parts[2].rstrip('/')}{redirect.redirect_page_route_path or '/'}"
    return bool(redirect.old_path == type(redirect).normalise_path(path))


def _forget(redirects: list[Any]) -> None:
    """Remove redirects, from front-end caches as well."""
    for redirect in redirects:
        purge(redirect)
        redirect.delete()
