"""The pages that Wagtail's explorer shows to a user, asked for in one short condition.

Wagtail's ``PagePermissionPolicy.explorable_instances`` gives the same pages. It joins a query per
permission, where an editor has several on each page, and reads the pages' common ancestor from
the database: half of the cost of a small read. ``tests/content/test_explorable.py`` holds both
to the same answer.
"""

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy

if TYPE_CHECKING:
    from wagtail.query import PageQuerySet

# Permissions that show a page in the explorer; others only lead to it.
_SHOWING = frozenset(
    f"{action}_page" for action in ("add", "change", "publish", "lock", "unlock", "bulk_delete")
)
_ASKED = (
    "group_id", "page_id", "permission_id", "permission__codename",
    "page__path", "page__depth", "page__numchild", "page__content_type_id", "page__locale_id",
)  # fmt: skip


def explorable_pages(user: Any) -> "PageQuerySet":
    """Pages in which the user has a permission, everything below them, and the way to them."""
    policy = PagePermissionPolicy()
    if not user.is_active or user.is_superuser:
        return policy.explorable_instances(user)
    _load_permissions(policy, user)
    granted = policy.get_cached_permissions_for_user(user)
    paths = {entry.page.path for entry in granted}
    shown = {entry.page.path for entry in granted if entry.permission.codename in _SHOWING}
    wanted = Q(path__in=_ways(paths))
    for path in _outermost(shown):
        wanted |= Q(path__startswith=path)
    return Page.objects.filter(wanted) if paths else Page.objects.none()


def _load_permissions(policy: PagePermissionPolicy, user: Any) -> None:
    """Give the user, whom every request loads anew, Wagtail's list of their page permissions.

    Wagtail's own query loads every column of the pages, of which its rules read a few.
    """
    if not hasattr(user, policy.permission_cache_name):
        granted = policy.get_all_permissions_for_user(user).only(*_ASKED)
        setattr(user, policy.permission_cache_name, granted)


def _outermost(paths: set[str]) -> list[str]:
    """The paths that lie below none of the others."""
    return sorted(path for path in paths if not any(above in paths for above in _above(path)))


def _ways(paths: set[str]) -> set[str]:
    """The pages above the given ones, from the last that leads to all of them downwards."""
    ways = [set(_above(path)) for path in paths]
    shared: set[str] = set.intersection(*ways) if ways else set()
    start = max(shared, key=len, default="")
    return {above for way in ways for above in way if len(above) >= len(start)}


def _above(path: str) -> list[str]:
    return [path[:end] for end in range(Page.steplen, len(path), Page.steplen)]
