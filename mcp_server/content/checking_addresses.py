"""Addresses of the site itself that somebody typed: no reference knows of them."""

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.urls import Resolver404, resolve
from wagtail.models import Page, Site

from .checking_base import Finding, Inspection, shortened
from .finding import own_names


def addresses(inspection: Inspection) -> Iterator[Finding]:
    """Typed addresses at which Wagtail would look for a page, and where none is published.

    Other views, files and other sites are left alone: no address is opened.
    """
    hosts = own_names() | set(Site.objects.values_list("hostname", flat=True))
    typed = [
        (where, href, path)
        for where, href in dict.fromkeys(inspection.content.addresses)
        if (path := _path(href, hosts)) is not None
    ]
    broken = _broken({path for _, _, path in typed})
    for where, href, path in typed:
        if path in broken:
            yield Finding(
                check="link", where=where,
                message=f"no page is published at “{shortened(href)}”",
                suggestion="Choose a page instead of typing its address, or correct it.",
            )  # fmt: skip


def _path(href: str, hosts: set[str | None]) -> str | None:
    """The path below Wagtail's mount, without slashes around it; None for all that is elsewhere."""
    try:
        parts = urlsplit(href.strip())
        own = parts.hostname in hosts if parts.netloc else not parts.scheme
        if not own or not parts.path.startswith("/"):
            return None
        match = resolve(f"{unquote(parts.path).rstrip('/')}/")
    except (ValueError, Resolver404):
        return None
    return str(match.args[0]).strip("/") if match.url_name == "wagtail_serve" else None


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
