"""The small models that replies are made of."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Generic, Self, TypeVar

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from pydantic import BaseModel
from wagtail.models import Page, PageViewRestriction, Site

from mcp_server.conf import site_url
from mcp_server.prepared import prepared
from mcp_server.results import Change

_roots: ContextVar[list[Any] | None] = ContextVar("mcp_server_site_roots", default=None)
_restrictions: ContextVar[list[tuple[str, str]] | None] = ContextVar(
    "mcp_server_restrictions", default=None
)
_RESTRICTED = {
    PageViewRestriction.PASSWORD: "password",
    PageViewRestriction.LOGIN: "logged-in users",
    PageViewRestriction.GROUPS: "members of certain groups",
}
Item = TypeVar("Item", bound=BaseModel)


class PageItem(BaseModel):
    """A page in a list; ``restricted`` names who may see it when not everybody may."""

    id: int
    title: str
    type: str
    path: str
    status: str
    locale: str | None = None
    restricted: str | None = None

    @classmethod
    def of(cls, page: Page, **more: Any) -> Self:
        return cls(
            id=page.pk,
            title=shown_title(page),
            type=type_name(page),
            path=page_path(page),
            status=page_status(page),
            locale=page_locale(page),
            restricted=restriction(page),
            **more,
        )


class PageSummary(Change):
    """What a write answers: the page, its newest revision, and where to look at it."""

    id: int
    title: str
    type: str
    path: str
    status: str
    locale: str | None = None
    revision_id: int
    edit_url: str
    preview_url: str
    restricted: str | None = None
    warnings: list[str] | None = None

    @classmethod
    def of(cls, page: Page, warnings: list[str] | None = None, **more: Any) -> Self:
        """The summary of ``page``, whose ``latest_revision_id`` is up to date."""
        return cls(
            id=page.pk,
            title=shown_title(page),
            type=type_name(page),
            path=page_path(page),
            status=page_status(page),
            locale=page_locale(page),
            revision_id=page.latest_revision_id or 0,
            edit_url=admin_url("wagtailadmin_pages:edit", page.pk),
            preview_url=admin_url("wagtailadmin_pages:view_draft", page.pk),
            restricted=restriction(page),
            warnings=warnings or None,
            **more,
        ).about(page)


class BlocksSummary(PageSummary):
    """What an edit of blocks answers: ``new_ids`` of inserted blocks, in the order given."""

    new_ids: list[str] | None = None


class Listing(BaseModel, Generic[Item]):
    """One page of a list; ``next_cursor`` is left out on the last one."""

    items: list[Item]
    total: int
    next_cursor: str | None = None


def type_name(page: Page) -> str:
    """``app_label.ModelName``, as Wagtail's API writes it."""
    model = page.specific_class or type(page)
    return str(model._meta.label)


def shown_title(page: Page) -> str:
    """The title editors see, which is the draft's."""
    return str(page.draft_title or page.title)


def several_locales() -> bool:
    """Whether the site has pages in several languages (``WAGTAIL_I18N_ENABLED``)."""
    return bool(getattr(settings, "WAGTAIL_I18N_ENABLED", False))


def page_locale(page: Page) -> str | None:
    """The language code of the page's locale; None on a site with one language."""
    return str(page.locale.language_code) if several_locales() else None


def page_path(page: Page) -> str:
    """The path on the page's site, e.g. ``/blog/my-post/``; drafts have theirs already."""
    if several_locales():
        # Only Wagtail knows whether the language stands in front.
        parts = page.get_url_parts()
        if parts is not None and parts[2] is not None:
            return str(parts[2])
    roots = sorted((root.root_path for root in _site_roots()), key=len, reverse=True)
    for root in roots:
        if page.url_path.startswith(root):
            return "/" + str(page.url_path)[len(root) :]
    return str(page.url_path)


def has_address(page: Page) -> bool:
    """Whether the page is on some site, or has an address that its type makes itself."""
    if page.depth > 1 and any(page.url_path.startswith(root.root_path) for root in _site_roots()):
        return True
    return page.specific.get_url_parts() is not None


def restriction(page: Page) -> str | None:
    """Who may see the page, in words, when it or a page above it is private; None otherwise."""
    loaded = _restrictions.get()
    for path, kind in _load_restrictions() if loaded is None else loaded:
        if page.path.startswith(path):
            return _RESTRICTED.get(kind)
    return None


@prepared
def _restricting() -> Any:
    found = PageViewRestriction.objects.exclude(restriction_type=PageViewRestriction.NONE)
    return found.values_list("page__path", "restriction_type")


def _load_restrictions() -> list[tuple[str, str]]:
    """The nearest to a page first. Sorted here: a database would walk through all pages for it."""
    return sorted(_restricting().all(), reverse=True)


@contextmanager
def site_roots_loaded() -> Iterator[None]:
    """Ask for root paths and restrictions once for a whole list, not for each of its items."""
    before = _roots.set(Site.get_site_root_paths())
    restrictions = _restrictions.set(_load_restrictions())
    try:
        yield
    finally:
        _roots.reset(before)
        _restrictions.reset(restrictions)


def _site_roots() -> list[Any]:
    loaded = _roots.get()
    return Site.get_site_root_paths() if loaded is None else loaded


def page_status(page: Page) -> str:
    """One of: in review, scheduled, live + draft, live, expired, draft."""
    if page.workflow_in_progress:
        return "in review"
    if page.live:
        return "live + draft" if page.has_unpublished_changes else "live"
    if page.approved_schedule:
        return "scheduled"
    return "expired" if page.expired else "draft"


def admin_url(name: str, *args: Any) -> str:
    """The full address of a screen of the Wagtail admin; "" where the admin is not installed."""
    try:
        return f"{site_url()}{reverse(name, args=args)}"
    except NoReverseMatch:
        return ""
