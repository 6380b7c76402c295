"""Addresses of the site itself that somebody typed: no reference knows of them."""

from collections.abc import Iterator
from urllib.parse import unquote, urljoin, urlsplit

from django.apps import apps
from django.urls import Resolver404, ResolverMatch, resolve
from wagtail.documents import get_document_model
from wagtail.models import Page, Site

from .checking_base import Finding, Inspection, shortened
from .checking_links import unreachable
from .checking_parts import Link
from .finding import own_names


def addresses(inspection: Inspection) -> Iterator[Finding]:
    """Typed addresses at which Wagtail would look for a page or a document, and finds none.

    Other views, files and other sites are left alone: no address is opened.
    """
    own = _Own(inspection.page)
    typed = [
        (where, href, own.match(href))
        for where, href in dict.fromkeys(inspection.content.addresses)
    ]
    broken = _broken({path for _, _, match in typed if (path := _page_path(match)) is not None})
    for where, href, match in typed:
        if not href.strip():
            yield _finding(where, "a link without an address", "Give it a target, or remove it.")
        elif _page_path(match) in broken:
            told = f"no page is published at “{shortened(href)}”"
            yield _finding(
                where, told, "Choose a page instead of typing its address, or correct it."
            )
    documents = ((where, _document(match)) for where, _, match in typed)
    model = get_document_model()
    yield from unreachable(inspection, (Link(where, model, key) for where, key in documents if key))


def _finding(where: str, message: str, suggestion: str) -> Finding:
    return Finding(check="link", where=where, message=message, suggestion=suggestion)


class _Own:
    """Tells which view of this site answers at an address, as it stands on ``page``."""

    def __init__(self, page: Page) -> None:
        self.hosts = own_names() | set(Site.objects.values_list("hostname", flat=True))
        parts = page.get_url_parts()
        self.base = str(parts[2] or "") if parts else ""

    def match(self, href: str) -> ResolverMatch | None:
        """None for what is elsewhere, and for what no view answers."""
        try:
            parts = urlsplit(href.strip())
            own = parts.hostname in self.hosts if parts.netloc else not parts.scheme
            path = parts.path
            if path and not parts.netloc and not path.startswith("/") and self.base:
                path = urljoin(self.base, path)
            return resolve(_with_slash(path)) if own and path.startswith("/") else None
        except (ValueError, Resolver404):
            return None


def _with_slash(path: str) -> str:
    return f"{unquote(path).rstrip('/')}/"


def _page_path(match: ResolverMatch | None) -> str | None:
    """The path below Wagtail's mount, without slashes around it."""
    serves = match is not None and match.url_name == "wagtail_serve"
    return str(match.args[0]).strip("/") if match is not None and serves else None


def _document(match: ResolverMatch | None) -> str | None:
    """The key in an address of the view that hands out documents."""
    serves = match is not None and match.url_name == "wagtaildocs_serve"
    return str(match.args[0]) if match is not None and serves else None


def _broken(paths: set[str]) -> set[str]:
    """Those of ``paths`` that lead to no live page of any site, no redirect and no route."""
    if not paths:
        return set()
    roots = {root.root_path for root in Site.get_site_root_paths()}
    tried = {path: [f"{root}{part}" for part in _upwards(path) for root in roots] for path in paths}
    live = Page.objects.live().filter(url_path__in={url for urls in tried.values() for url in urls})
    pages = {page.url_path: page for page in live}
    bare = {path for path, urls in tried.items() if not _is_served(urls[: len(roots)], urls, pages)}
    return bare - _redirected(bare)


def _upwards(path: str) -> list[str]:
    """``["a/b/", "a/", ""]`` for ``a/b``."""
    steps = [step for step in path.split("/") if step]
    return ["".join(f"{step}/" for step in steps[:end]) for end in range(len(steps), -1, -1)]


def _is_served(exact: list[str], urls: list[str], pages: dict[str, Page]) -> bool:
    if any(url in pages for url in exact):
        return True
    # A page with routes of its own may answer for what is below it.
    nearest = next((pages[url] for url in urls if url in pages), None)
    return hasattr(nearest and nearest.specific_class, "resolve_subpage")


def _redirected(paths: set[str]) -> set[str]:
    if not paths or not apps.is_installed("wagtail.contrib.redirects"):
        return set()
    model = apps.get_model("wagtailredirects", "Redirect")
    old = {model.normalise_path(f"/{path}"): path for path in paths}
    known = model._default_manager.filter(old_path__in=old).values_list("old_path", flat=True)
    return {old[path] for path in known}
