"""Which pages an actor may see, read, edit: everything else starts here."""

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connections, router
from django.db.models import Q
from wagtail.models import Page, Site
from wagtail.permission_policies.pages import PagePermissionPolicy

from mcp_server.actor import Actor
from mcp_server.conf import site_url
from mcp_server.errors import Refused
from mcp_server.prepared import Param, prepared

from .explorable import Reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wagtail.query import PageQuerySet

MAX_ID = 2**63 - 1


def visible_pages(actor: Actor) -> "PageQuerySet":
    """Pages that Wagtail's explorer shows to this user, ancestors needed to reach them included.

    A token that is limited to a page sees nothing above it and nothing beside it.
    """
    return reach_of(actor).pages


def reach_of(actor: Actor) -> Reach:
    """Where ``visible_pages`` are."""
    return Reach.of(actor.user, actor.root_page.path if actor.root_page else "")


def tree_root(actor: Actor) -> Page | None:
    """The page at which this user's explorer starts; None when the user has no page to work on."""
    root = PagePermissionPolicy().explorable_root_instance(actor.user)
    if root is not None and actor.root_page and actor.root_page.is_descendant_of(root):
        root = actor.root_page
    if root is not None and root.depth == 1:
        # The root of the tree is no page; where it holds a single one, that is the top.
        below = list(visible_pages(actor).filter(depth=2)[:2])
        root = below[0] if len(below) == 1 else root
    return root if root is not None and visible_pages(actor).filter(pk=root.pk).exists() else None


@prepared
def _placed(*shape: int) -> Any:
    return _reached(*shape).only("path", "depth", "numchild")


@prepared
def _type_of(*shape: int) -> Any:
    return _reached(*shape).values_list("content_type_id")


def _reached(*shape: int) -> "PageQuerySet":
    return Reach.of_params(*shape).pages.filter(pk=Param("key"), depth__gt=1)


@prepared
def _specific(model: type[Page]) -> Any:
    return model._base_manager.filter(pk=Param("key"))


def _specific_page(page_id: int, content_type_id: int) -> Page | None:
    """The page as the type that its row names; as a bare page where that is no more.

    It asks nobody's permission.
    """
    model = ContentType.objects.get_for_id(content_type_id).model_class() or Page
    return _specific(model).first(key=page_id) or _specific(Page).first(key=page_id)


def tree_page(actor: Actor, page_id: int) -> Page:
    """The page whose subpages are asked for: any visible one, the root of the tree only where
    this user's explorer starts there. It is not specific, and only its place is loaded."""
    if 0 < page_id <= MAX_ID:
        reach = reach_of(actor)
        page = _placed(*reach.shape).first(**reach.values, key=page_id)
        if page is not None:
            return page
    root = tree_root(actor)
    return root if root is not None and root.pk == page_id else visible_page(actor, page_id)


def no_such_page(page_id: int) -> Refused:
    """The one answer for a page that is missing and for one that may not be seen."""
    # A caller can send a number of any length.
    shown = page_id if 0 < page_id <= MAX_ID else "with this id"
    return Refused(f"No page {shown} here. Call search_pages or get_page_tree to find it.")


def visible_page(actor: Actor, page_id: int) -> Page:
    """The specific page; refuses a missing and a forbidden page with the same words."""
    if not 0 < page_id <= MAX_ID:
        raise no_such_page(page_id)
    reach = reach_of(actor)
    found = _type_of(*reach.shape).first(**reach.values, key=page_id)
    page = _specific_page(page_id, *found) if found else _reviewed_page(actor, page_id)
    if page is None:
        raise _tree_root_refused(actor, page_id) or no_such_page(page_id)
    return page


def _tree_root_refused(actor: Actor, page_id: int) -> Refused | None:
    if not visible_pages(actor).filter(pk=page_id, depth=1).exists():
        return None
    return Refused(
        f"Page {page_id} is the root of the tree, no page of a site. "
        "Call get_page_tree for the pages below it."
    )


def _reviewed_page(actor: Actor, page_id: int) -> Page | None:
    """A page that waits for this user's review: Wagtail opens its editor to them meanwhile,
    although their explorer does not have it."""
    page = within_limit(actor).filter(pk=page_id, depth__gt=1).specific().first()
    task = page and page.current_workflow_task
    return page if task and task.user_can_access_editor(page, actor.user) else None


def within_limit(actor: Actor) -> "PageQuerySet":
    """All pages that the token is not kept from, whatever the user may see; never an answer."""
    limit = actor.root_page
    pages: PageQuerySet = Page.objects.all()
    return pages.descendant_of(limit, inclusive=True) if limit else pages


def may_read_draft(actor: Actor, page: Page) -> bool:
    """Whether Wagtail would show this user the page's revisions."""
    permissions = page.permissions_for_user(actor.user)
    return bool(permissions.can_edit() or permissions.can_publish() or permissions.can_unpublish())


def locked_page(actor: Actor, page_id: int) -> Page:
    """A visible page, read after its row was locked for the rest of the transaction."""
    # SQLite has no row locks; there the IMMEDIATE transaction keeps other writers out.
    features = connections[router.db_for_write(Page)].features
    if features.has_select_for_update and 0 < page_id <= MAX_ID:
        Page.objects.select_for_update().filter(pk=page_id).values_list("pk").first()
    return visible_page(actor, page_id)


def editable_page(actor: Actor, page_id: int, *, lock: bool = False) -> Page:
    """A page that the user may edit; says so when it can be seen but not edited."""
    page = locked_page(actor, page_id) if lock else visible_page(actor, page_id)
    if page.alias_of_id:
        raise Refused(_alias(actor, page))
    if not page.permissions_for_user(actor.user).can_edit():
        raise Refused(
            f"This user may not edit page {page_id}. "
            "Call get_user_info to see where this user may work."
        )
    return page


def parent_page(actor: Actor, page_id: int) -> Page:
    """A page below which this user may add pages; locked, because two children may not share
    a slug, nor a place in the tree."""
    parent = locked_page(actor, page_id)
    if not parent.permissions_for_user(actor.user).can_add_subpage():
        raise Refused(
            f"This user may not add pages below page {page_id}. "
            "Call get_user_info to see where this user may work."
        )
    return parent


def _alias(actor: Actor, page: Page) -> str:
    seen = visible_pages(actor).filter(pk=page.alias_of_id).exists()
    source = f"page {page.alias_of_id}" if seen else "another page"
    return f"Page {page.pk} is an alias of {source}: it follows when that one is published."


def find_by_address(actor: Actor, address: str) -> Page:
    """The page at a URL, a path such as ``/blog/my-post/``, or with this slug; drafts too."""
    text = address.strip()
    if "/" not in text:
        return _by_slug(actor, text)
    found = {}
    paths = list(_url_paths(text))
    for page in visible_pages(actor).filter(url_path__in=paths, depth__gt=1).specific():
        found[page.url_path] = page
    for path in paths:
        if path in found:
            return found[path]
    raise Refused("No page at this address here. Call search_pages with words of its title.")


def _url_paths(address: str) -> "Iterator[str]":
    """The tree paths that an address may mean, the likeliest first."""
    named = "//" in address
    try:
        parts = urlsplit(address if named or "." not in address.split("/")[0] else f"//{address}")
        hostname, path = parts.hostname, unquote(parts.path)
    except ValueError:
        return
    steps = [step for step in path.split("/") if step]
    for root in _roots_of(hostname):
        yield root + "".join(f"{step}/" for step in steps)
        # With i18n_patterns the language stands in front, and is no page.
        if steps and getattr(settings, "WAGTAIL_I18N_ENABLED", False):
            yield root + "".join(f"{step}/" for step in steps[1:])


def _roots_of(hostname: str | None) -> list[str]:
    sites = {site.pk: site for site in Site.objects.order_by("-is_default_site", "hostname")}
    roots = [root for root in Site.get_site_root_paths() if root.site_id in sites]
    # A site is often reached under a name that its Site record does not know (a proxy, a port).
    own = [root for root in roots if hostname and sites[root.site_id].hostname == hostname]
    if hostname and not own and hostname not in own_names():
        return []
    order = list(sites)
    return [
        root.root_path for root in sorted(own or roots, key=lambda root: order.index(root.site_id))
    ]


def own_names() -> set[str | None]:
    """Names under which this server is reached whatever its Site records say."""
    return {urlsplit(site_url()).hostname, "localhost", "127.0.0.1", "::1"}


def _by_slug(actor: Actor, slug: str) -> Page:
    matches = list(visible_pages(actor).filter(Q(slug=slug) & Q(depth__gt=1)).specific()[:6])
    if not matches:
        raise Refused(f"No page has the slug {slug!r} here. Call search_pages to find it.")
    if len(matches) > 1:
        listed = ", ".join(f"{page.pk} ({page.title})" for page in matches)
        raise Refused(f"Several pages have this slug: {listed}. Call again with a path.")
    return matches[0]


def readable_draft(actor: Actor, page_id: int) -> Page:
    """A page whose drafts and revisions the user may read."""
    page = visible_page(actor, page_id)
    if not may_read_draft(actor, page):
        raise Refused(f"This user may not read the drafts of page {page_id}.")
    return page
