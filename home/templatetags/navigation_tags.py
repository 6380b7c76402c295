"""Where the visitor is on the site, and where they can go from there."""

from typing import Any

from django import template
from django.template.context import Context
from wagtail.models import Page, PageQuerySet, Site

from home.models import FlexPage

register = template.Library()


def site_root(context: Context) -> Page | None:
    request = context.get("request")
    site = Site.find_for_request(request) if request else None
    return site.root_page if site else None


@register.simple_tag(takes_context=True)
def site_home(context: Context) -> Page | None:
    """The current site's front page in its own type."""
    root = site_root(context)
    return root.specific if root else None


@register.simple_tag(takes_context=True)
def menu_pages(context: Context) -> list[dict[str, Any]]:
    """The pages marked "show in menus" below the front page, and whether each is current."""
    root = site_root(context)
    if root is None:
        return []
    here = getattr(context.get("page"), "path", None) or ""
    pages = root.get_children().live().in_menu()
    return [{"page": page, "current": here.startswith(page.path)} for page in pages]


@register.simple_tag(takes_context=True)
def sections(context: Context) -> Any:
    """The live flex pages directly below the front page: the site's lasting parts."""
    root = site_root(context)
    return FlexPage.objects.child_of(root).live().public() if root else FlexPage.objects.none()


@register.simple_tag
def subpages(page: Page) -> PageQuerySet:
    """The live pages directly below `page`, in their own types."""
    return page.get_children().live().public().specific()


@register.simple_tag(takes_context=True)
def breadcrumbs(context: Context) -> list[Page]:
    """The pages between the front page and the current one, the front page included."""
    page, root = context.get("page"), site_root(context)
    if not isinstance(page, Page) or root is None or not page.pk:
        return []
    return list(page.get_ancestors().descendant_of(root, inclusive=True))
