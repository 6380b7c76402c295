"""Redirects around pages, where the site has wagtail.contrib.redirects installed."""

from functools import partial
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from wagtail.contrib.frontend_cache.utils import purge_urls_from_cache
from wagtail.models import Page
from wagtail.permissions import policy_registry

from mcp_server.actor import Actor
from mcp_server.errors import Refused
from mcp_server.results import Change

from .finding import visible_pages
from .listing import listed
from .shapes import Listing, page_path

HIDDEN = "a page that this user may not see"


class RedirectItem(Change):
    """A redirect; without ``site_id`` it holds for all sites."""

    id: int
    old_path: str
    to: str
    page_id: int | None = None
    site_id: int | None = None
    permanent: bool
    automatic: bool | None = None
    warnings: list[str] | None = None


def redirects_to(pages: Any) -> int:
    """How many redirects lead to these pages."""
    model = site_redirects()
    return model.objects.filter(redirect_page__in=pages).count() if model else 0


class OldAddress:
    """Where visitors found a page until now, and what becomes of that address.

    Wagtail makes redirects by itself when a live page moves or its slug changes, unless
    ``WAGTAILREDIRECTS_AUTO_CREATE`` is False; for a slug only after the transaction.
    """

    def __init__(self, page: Page) -> None:
        self._path = page_path(page) if page.live else None

    def warnings(self, page: Page) -> list[str]:
        """What to tell when the page, as it is now, has another address."""
        if self._path is None or self._path == page_path(page):
            return []
        if site_redirects() and getattr(settings, "WAGTAILREDIRECTS_AUTO_CREATE", True):
            return [f"The old address {self._path} redirects here."]
        return [f"The old address {self._path} leads nowhere: this site makes no redirects."]


def list_redirects(
    actor: Actor, query: str, limit: int, cursor: str | None
) -> Listing[RedirectItem]:
    """Redirects by old path; with words, those whose path or target has them."""
    found = visible_redirects(actor)
    if words := query.strip():
        # Not the path of a page that is hidden: a search would tell it letter by letter.
        target = Q(redirect_page__url_path__icontains=words, seen=True)
        found = found.filter(
            Q(old_path__icontains=words) | Q(redirect_link__icontains=words) | target
        )
    return listed(found.order_by("old_path", "pk"), redirect_item, limit, cursor)


def visible_redirects(actor: Actor) -> Any:
    """Every redirect, as in Wagtail's admin; a limited token sees those to its own pages.

    ``seen`` says whether the actor may see the page that a redirect leads to.
    """
    model = redirect_model(actor, "view", "add", "change", "delete")
    target = visible_pages(actor).filter(pk=OuterRef("redirect_page_id"))
    found = model.objects.select_related("redirect_page").annotate(seen=Exists(target))
    return found.filter(seen=True) if actor.root_page else found


def redirect_item(redirect: Any, warnings: list[str] | None = None) -> RedirectItem:
    """A redirect of ``visible_redirects``."""
    return RedirectItem(
        id=redirect.pk,
        old_path=redirect.old_path,
        to=shown_target(redirect),
        page_id=redirect.redirect_page_id if redirect.seen else None,
        site_id=redirect.site_id,
        permanent=redirect.is_permanent,
        automatic=redirect.automatically_created or None,
        warnings=warnings or None,
    )


def shown_target(redirect: Any) -> str:
    """The path of the page or the address that a redirect leads to."""
    page = redirect.redirect_page
    if page is None:
        return str(redirect.redirect_link)
    if not redirect.seen:
        return HIDDEN
    route = redirect.redirect_page_route_path
    return page_path(page).rstrip("/") + route if route else page_path(page)


def redirect_model(actor: Actor, *actions: str) -> Any:
    """Wagtail's model of redirects, for a user who may do one of ``actions`` with them."""
    model = site_redirects()
    if model is None:
        raise Refused("This site has no redirects: wagtail.contrib.redirects is not installed.")
    if not policy_registry.get_by_type(model).user_has_any_permission(actor.user, actions):
        raise Refused(
            f"This user may not {'see' if 'view' in actions else actions[0]} redirects. "
            "An admin can give that permission."
        )
    return model


def site_redirects() -> Any:
    """Wagtail's model of redirects; None where the site has none installed."""
    if not apps.is_installed("wagtail.contrib.redirects"):
        return None
    return apps.get_model("wagtailredirects", "Redirect")


def purge(redirect: Any) -> None:
    """Have front-end caches forget the old addresses, as Wagtail's own view does."""
    urls = redirect.old_links()
    transaction.on_commit(partial(purge_urls_from_cache, urls), robust=True)
