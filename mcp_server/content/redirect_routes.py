"""Where an address of the site leads: to a page, on through a redirect, or round in a circle."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urljoin, urlparse, urlsplit

from django.conf import settings
from django.db.models import Q
from django.http import Http404
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation
from wagtail.coreutils import get_dummy_request
from wagtail.models import Page, Site

from mcp_server.conf import mcp_url, site_url

MAX_HOPS = 50
# What Wagtail calls the view that serves its pages.
SERVE = "wagtail_serve"
# A site and a path on it as redirects store it: no slash at the end, the query sorted.
Place = tuple[Site, str]


def page_served(site: Site, path: str) -> Page | None:
    """The live page that answers at this path of the site."""
    address = _plain(path) + "/"
    with _language_of(address):
        match = _resolved(address)
        if match is None or match.url_name != SERVE:
            return None
        steps = [step for step in "/".join(match.args).split("/") if step]
        request = get_dummy_request(path=address, site=site)
        try:
            found: Page = site.root_page.localized.specific.route(request, steps)[0]
        except Http404:
            return None
    return found


def answered_otherwise(path: str) -> bool:
    """Whether something else than Wagtail's pages answers there: the admin, files, a view."""
    plain = _plain(path)
    if any(f"{plain}/".startswith(prefix) for prefix in _prefixes()):
        return True
    with _language_of(f"{plain}/"):
        found = [_resolved(plain), _resolved(f"{plain}/")]
    return any(match is not None and match.url_name != SERVE for match in found)


def place_of(page: Page) -> tuple[int | None, str | None]:
    """The id of the site on which the page is, and its path there."""
    site_id, _, path = page.get_url_parts() or (None, None, None)
    return site_id, path


def _prefixes() -> Iterator[str]:
    """Paths below which a web server or this plugin answers before Django sees the request."""
    for url in (settings.STATIC_URL, settings.MEDIA_URL, mcp_url()):
        parts = urlsplit(url or "")
        prefix = f"/{parts.path.strip('/')}/"
        if prefix != "//" and (url == mcp_url() or not parts.netloc):
            yield prefix


def _plain(path: str) -> str:
    """The path as URL patterns see it; what answers there does so whatever the query is."""
    return unquote(path.partition("?")[0]).rstrip("/")


def _language_of(address: str) -> Any:
    return translation.override(
        translation.get_language_from_path(address) or settings.LANGUAGE_CODE
    )


def _resolved(address: str) -> ResolverMatch | None:
    try:
        return resolve(address)
    except Resolver404:
        return None


def site_at(url: str) -> Site | None:
    """The site of this installation that a full address belongs to."""
    host = _host(url)
    sites = Site.objects.select_related("root_page")
    for site in sites.order_by("-is_default_site"):
        if host is not None and host in (_host(site.root_url), (site.hostname, site.port)):
            return site
    # A site is often reached under a name that its Site record does not know.
    own = host is not None and host == _host(site_url())
    return sites.filter(is_default_site=True).first() if own else None


def leads_back(redirect: Any) -> bool:
    """Whether a visitor who follows this redirect, saved or not, would never arrive."""
    sites = Site.objects.select_related("root_page")
    if redirect.site_id:
        sites = sites.filter(pk=redirect.site_id)
    return any(_goes_round(redirect, (site, redirect.old_path)) for site in sites)


def _goes_round(redirect: Any, place: Place | None) -> bool:
    seen: list[Place] = []
    while place is not None and len(seen) < MAX_HOPS:
        if place in seen:
            return True
        seen.append(place)
        place = _next(redirect, *place)
    return place is not None


def _next(made: Any, site: Site, path: str) -> Place | None:
    """Where a visitor goes on from here; None when they have arrived or left the site."""
    # Wagtail looks for redirects only when it has no page.
    if page_served(site, path) is not None:
        return None
    found = _redirect_at(made, site, path)
    page = found.redirect_page if found else None
    if found is None or (page is not None and page.url is None) or not found.link:
        return None
    url = urljoin(f"{site.root_url}/", found.link)
    target = site_at(url)
    return (target, type(made).normalise_path(url)) if target else None


def _redirect_at(made: Any, site: Site, path: str) -> Any:
    """What Wagtail would find: with the query first, and the site's own before that of all."""
    for wanted in _spellings(path):
        rows = type(made).objects.filter(Q(site=site) | Q(site=None), old_path=wanted)
        found = {row.site_id: row for row in rows.exclude(pk=made.pk)}
        if wanted == made.old_path and made.site_id in (None, site.pk):
            found[made.site_id] = made
        if found:
            return found.get(site.pk) or found[None]
    return None


def _spellings(path: str) -> Iterator[str]:
    yield path
    plain = urlparse(path).path
    if plain != path:
        yield plain


def _host(url: str) -> tuple[str | None, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or 80
    except ValueError:
        return None
    # One site answers at both, as a rule by redirecting from one to the other.
    return parts.hostname, 80 if port == 443 else port
