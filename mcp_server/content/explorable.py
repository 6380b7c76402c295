"""The pages that Wagtail's explorer shows to a user, asked for in one short condition.

Wagtail's ``PagePermissionPolicy.explorable_instances`` gives the same pages. It joins a query per
permission, where an editor has several on each page, and reads the pages' common ancestor from
the database: half of the cost of a small read. ``tests/content/test_explorable.py`` holds both
to the same answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from wagtail.models import GroupPagePermission, Page
from wagtail.permission_policies.pages import PagePermissionPolicy

from mcp_server.prepared import Param, filled, prepared

if TYPE_CHECKING:
    from wagtail.query import PageQuerySet

# Permissions that show a page in the explorer; others only lead to it.
_SHOWING = frozenset(
    f"{action}_page" for action in ("add", "change", "publish", "lock", "unlock", "bulk_delete")
)
# What Wagtail's rules read of a permission and its page, and what a page is shown by.
_ASKED = (
    "group_id", "page_id", "permission_id", "permission__codename",
    "page__path", "page__depth", "page__numchild", "page__content_type_id", "page__locale_id",
    "page__title", "page__url_path",
)  # fmt: skip


@dataclass(frozen=True)
class Reach:
    """Where a user's pages are, in texts or in ``Param`` objects.

    Pages on the way to a section, and sections with all that is below them, which is from
    ``starts[n]`` to ``ends[n]``; of these the ones from ``first`` to ``last``.
    """

    ways: Sequence[Any] = ()
    starts: Sequence[Any] = ()
    ends: Sequence[Any] = ()
    first: Any = ""
    last: Any = ""

    @classmethod
    def of(cls, user: Any, limit: str = "") -> "Reach":
        """What the explorer shows to the user of the page with the path ``limit`` and below."""
        ways, sections = _places(user)
        starts = filled(sections)
        ends = [end_of(path) for path in starts]
        return cls(filled(ways), starts, ends, limit, end_of(limit))

    def below(self, path: str) -> "Reach":
        """The part that is the page with this path and all below it."""
        return replace(self, first=path, last=end_of(path))

    @property
    def shape(self) -> tuple[int, int]:
        """How many places there are: what ``Reach.of_params`` is called with."""
        return len(self.ways), len(self.starts)

    @classmethod
    def of_params(cls, ways: int, sections: int) -> "Reach":
        """A reach of this shape for prepared queries, which get another one's ``values``."""
        starts, ends = Param.each("starts", sections), Param.each("ends", sections)
        return cls(Param.each("ways", ways), starts, ends, Param("first"), Param("last"))

    @property
    def values(self) -> dict[str, Any]:
        """The values for a query that was prepared with ``Reach.of_params``."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def pages(self) -> "PageQuerySet":
        if not self.ways and not self.starts:
            return Page.objects.none()
        wanted = Q(path__in=self.ways) if self.ways else Q()
        for start, end in zip(self.starts, self.ends, strict=True):
            wanted |= Q(path__gte=start, path__lte=end)
        pages = Page.objects.filter(wanted)
        return pages.filter(path__gte=self.first, path__lte=self.last) if self.first else pages


def end_of(path: str) -> str:
    """Beyond every path that a tree will have below this one.

    A range holds what begins with a path because the column sorts by bytes: Wagtail's migrations
    give it PostgreSQL's collation "C". Unlike LIKE, both databases look it up in the index.
    """
    return str(path + Page.alphabet[-1] * (Page.steplen + 1))


def _places(user: Any) -> tuple[list[str], list[str]]:
    """The paths of the pages on the way to the user's sections, and of the sections."""
    if not user.is_active or user.is_superuser:
        return [], [""] if user.is_active else []
    granted = granted_to(user)
    paths = {entry.page.path for entry in granted}
    shown = {entry.page.path for entry in granted if entry.permission.codename in _SHOWING}
    return _ways(paths), _outermost(shown)


@prepared
def _permissions() -> Any:
    key = get_user_model()._meta.pk
    found = GroupPagePermission.objects.filter(group__user=Param("user", field=key))
    return found.select_related("page", "permission").only(*_ASKED)


def granted_to(user: Any) -> Iterable[GroupPagePermission]:
    """Wagtail's list of the user's page permissions, which it keeps with the user.

    Its own query loads every column of the pages, of which its rules read a few.
    """
    policy = PagePermissionPolicy()
    if not hasattr(user, policy.permission_cache_name):
        setattr(user, policy.permission_cache_name, _permissions().all(user=user.pk))
    found: Iterable[GroupPagePermission] = policy.get_cached_permissions_for_user(user)
    return found


def _outermost(paths: set[str]) -> list[str]:
    """The paths that lie below none of the others."""
    return sorted(path for path in paths if not any(above in paths for above in _above(path)))


def _ways(paths: set[str]) -> list[str]:
    """The pages above the given ones, from the last that leads to all of them downwards."""
    ways = [set(_above(path)) for path in paths]
    shared: set[str] = set.intersection(*ways) if ways else set()
    start = max(shared, key=len, default="")
    return sorted({above for way in ways for above in way if len(above) >= len(start)})


def _above(path: str) -> list[str]:
    return [path[:end] for end in range(Page.steplen, len(path), Page.steplen)]
