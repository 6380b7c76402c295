"""Our short condition shows the pages that Wagtail's explorer shows, no more and no fewer."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from wagtail.models import GroupPagePermission, Page
from wagtail.permission_policies.pages import PagePermissionPolicy

from mcp_server.content.explorable import Reach, end_of
from mcp_server.prepared import prepared

ACTIONS = ("add", "change", "publish", "lock", "unlock", "bulk_delete", "view")
# Of each page, the place of its parent in this list; the first is the root of the tree.
TREE = (0, 1, 1, 2, 2, 3, 3, 5, 6, 6, 9)


def grown() -> list[Page]:
    """A tree with branches of several depths, and two pages beside the site's own."""
    pages = [Page.objects.get(depth=1), *Page.objects.filter(depth=2)[:1]]
    for number, parent in enumerate(TREE):
        place = Page.objects.get(pk=pages[parent].pk)
        pages.append(place.add_child(instance=Page(title=f"P{number}", slug=f"p{number}")))
    return pages


def grant(user: Any, pages: list[Page], grants: list[tuple[int, str, int]]) -> None:
    groups = [Group.objects.create(name=f"group {number}") for number in range(2)]
    user.groups.set(groups)
    for place, action, group in grants:
        permission = Permission.objects.get(
            content_type__app_label="wagtailcore", codename=f"{action}_page"
        )
        GroupPagePermission.objects.get_or_create(
            group=groups[group], page=pages[place], permission=permission
        )


class TestSamePages(TestCase):
    """Both ways to ask, for permissions on any places of a tree."""

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(
            st.tuples(st.integers(0, len(TREE) + 1), st.sampled_from(ACTIONS), st.integers(0, 1)),
            max_size=6,
        )
    )
    def test_any_grants(self, grants: list[tuple[int, str, int]]) -> None:
        pages = grown()
        user = User.objects.create_user("somebody")
        grant(user, pages, grants)
        assert_same(user)


@prepared
def _reached(*shape: int) -> Any:
    return Reach.of_params(*shape).pages.order_by("path")


def assert_same(user: User) -> None:
    """Also below each page, and when the query was prepared for others with as many places."""
    wagtails = PagePermissionPolicy().explorable_instances(User.objects.get(pk=user.pk)).distinct()
    assert list(Reach.of(User.objects.get(pk=user.pk)).pages) == list(wagtails)
    for page in Page.objects.all():
        wanted = list(wagtails.descendant_of(page, inclusive=True).order_by("path"))
        limited = Reach.of(User.objects.get(pk=user.pk), page.path)
        below = Reach.of(User.objects.get(pk=user.pk)).below(page.path)
        for reach in (limited, below):
            assert list(reach.pages.order_by("path")) == wanted
            assert _reached(*reach.shape).all(**reach.values) == wanted


@pytest.mark.django_db
def test_more_sections_than_sqlite_takes_conditions() -> None:
    home = Page.objects.get(depth=1)
    shown = [home.add_child(instance=Page(title=f"P{n}", slug=f"p{n}")) for n in range(3)]
    sections = [page.path for page in shown] + [f"9{number:03}" for number in range(600)]
    reach = Reach((), sections, [end_of(path) for path in sections])
    assert list(reach.pages.order_by("path")) == shown


@pytest.mark.django_db
@pytest.mark.parametrize(
    "flags",
    [{"is_superuser": True}, {"is_active": False}, {"is_superuser": True, "is_active": False}, {}],
)
def test_without_page_permissions(flags: dict[str, Any]) -> None:
    user = User.objects.create_user("somebody", **flags)
    assert_same(user)
    assert Reach.of(user).pages.exists() is (flags == {"is_superuser": True})
