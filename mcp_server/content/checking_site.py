"""Checks of a page's place in the site: its doubles, and how visitors come to it."""

from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from wagtail.models import Page, Site

from .checking_base import Finding, Inspection
from .checking_text import read_html
from .finding import visible_pages
from .impact import sources_of
from .previewing import render
from .shapes import page_path

MAX_DOUBLES = 3
MAX_SIBLINGS = 50


def doubles(inspection: Inspection) -> Iterator[Finding]:
    """The same title as a sibling or as another page of the type, and a slug that is taken."""
    page = inspection.page
    for other in _same_title(inspection):
        yield Finding(
            check="duplicate_title", where="title",
            message=f"page {other.pk} ({page_path(other)}) has this title too",
            suggestion="Give one of them a title that tells them apart.",
        )  # fmt: skip
    if inspection.slug_is_taken:
        yield Finding(
            check="duplicate_slug", where="slug",
            message=f"another page beside this one has the slug {page.slug!r}",
            suggestion="Change the slug; the page cannot be published with this one.",
        )  # fmt: skip


def _same_title(inspection: Inspection) -> "list[Page]":
    page = inspection.page
    title = page.title.strip()
    siblings = Q(path__startswith=page.path[: -Page.steplen], depth=page.depth)
    near = siblings | Q(content_type_id=page.content_type_id)
    # Translations and aliases have the title because they are the same page.
    others = visible_pages(inspection.actor).exclude(translation_key=page.translation_key)
    found = others.filter(Q(title__iexact=title) | Q(draft_title__iexact=title), near)
    return list(found.filter(locale_id=page.locale_id).order_by("path")[:MAX_DOUBLES])


def orphan(inspection: Inspection) -> Iterator[Finding]:
    """A page that no menu, no published page, no snippet and no list on its parent leads to."""
    page = inspection.page
    if page.show_in_menus or _is_site_root(page) or _is_referred_to(page) or _is_listed(page):
        return
    if not page.live and not _live_siblings(page):
        # The first of its type here: whether the parent will list it cannot be seen yet.
        return
    yield Finding(
        check="orphan", where="",
        message=(
            "not in menus, nothing published refers to it, and the page above does not list it "
            "(its first page of a list, if it has one)"
        ),
        suggestion="Link to it from a page that visitors read, or set show_in_menus.",
    )  # fmt: skip


def _is_site_root(page: Page) -> bool:
    return bool(page.depth <= 2 or Site.objects.filter(root_page_id=page.pk).exists())


def _is_referred_to(page: Page) -> bool:
    """Whether a live page or an object of the site's own, such as a menu, points here."""
    page_type = ContentType.objects.get_for_model(Page).pk
    found = sources_of(Page.objects.filter(pk=page.pk))
    pages = [key for content_type, key in found if content_type == page_type]
    others = {content_type for content_type, _ in found} - {page_type}
    return Page.objects.live().filter(pk__in=pages).exists() or any(
        ContentType.objects.get_for_id(other).app_label not in _machinery() for other in others
    )


@lru_cache(maxsize=1)
def _machinery() -> frozenset[str]:
    """Apps whose references lead no visitor anywhere: permissions, redirects, tokens, comments."""
    names = ("wagtail", "mcp_server")
    return frozenset(
        config.label for config in apps.get_app_configs() if config.name.split(".")[0] in names
    )


def _is_listed(page: Page) -> bool:
    """Whether the parent, as visitors see it, links to this page or to others of its type."""
    parent = page.get_parent().specific
    if not parent.live or not parent.is_previewable():
        return False
    own = page_path(page)
    wanted = {own, *map(page_path, _live_siblings(page))} if not page.live else {own}
    answer = render(parent, parent.default_preview_mode, {})
    if answer.status_code != 200:
        return False
    html = bytes(getattr(answer, "content", b"")).decode(answer.charset, "replace")
    return bool(wanted & {urlsplit(href).path for href in read_html(html).addresses})


def _live_siblings(page: Page) -> "list[Page]":
    """Pages that a list which will hold this one holds already."""
    alike = Page.objects.sibling_of(page, inclusive=False).live()
    return list(alike.filter(content_type_id=page.content_type_id).order_by("-pk")[:MAX_SIBLINGS])
