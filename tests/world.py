"""A small site with people who may do different things in different places.

Home
├── About          (FlexPage; only the outsider's section)
│   └── Team       (draft)
├── Blog           (the editor's section)
│   ├── First      (live)
│   └── Second     (draft)
└── Events         (the editor's section)
    └── Tour       (live)
"""

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image as Pillow
from wagtail.images import get_image_model
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Site,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

from blog.models import BlogIndexPage, BlogPage, EventIndexPage, EventPage
from home.models import FlexPage, HomePage
from mcp_server.actor import Actor
from mcp_server.models import MCPToken

BODY = [{"type": "paragraph", "value": "<p>A paragraph.</p>"}]


@dataclass
class World:
    """The pages, people and collections of the test site."""

    home: HomePage
    about: FlexPage
    team: FlexPage
    blog: BlogIndexPage
    first: BlogPage
    second: BlogPage
    events: EventIndexPage
    tour: EventPage
    admin: Any
    editor: Any
    outsider: Any
    moderator: Any
    pictures: Collection
    archive: Collection
    image: Any
    secret_image: Any

    def actor(self, name: str, **token: Any) -> Actor:
        """An actor with a fresh token of ``admin``, ``editor``, ``outsider`` or ``moderator``."""
        # A user fetched anew: Wagtail caches permissions on the instance, a request would not.
        user = get_user_model().objects.get(pk=getattr(self, name).pk)
        return Actor(user, MCPToken.objects.create(user=user, name=f"{name}'s token", **token))


def build_world() -> World:
    """Make the site; about 150 queries."""
    root = Page.objects.get(depth=1)
    Page.objects.filter(depth__gt=1).delete()
    root = Page.objects.get(pk=root.pk)
    admin = _user("admin", is_superuser=True)
    home = root.add_child(instance=HomePage(title="Home", slug="home", owner=admin))
    Site.objects.all().delete()
    Site.objects.create(
        hostname="testserver", root_page=home, is_default_site=True, site_name="Test site"
    )
    pages = _pages(home, admin)
    collections = {
        name: Collection.get_first_root_node().add_child(name=name)
        for name in ("Pictures", "Archive")
    }
    people = _people(home, pages, collections)
    for page in (
        home,
        pages["about"],
        pages["blog"],
        pages["first"],
        pages["events"],
        pages["tour"],
    ):
        page.save_revision(user=admin).publish(user=admin)
    for page in (pages["team"], pages["second"]):
        page.save_revision(user=admin)
    for page in (home, *pages.values()):
        page.refresh_from_db()
    return World(
        home=home,
        **pages,
        admin=admin,
        **people,
        pictures=collections["Pictures"],
        archive=collections["Archive"],
        image=_image("A meadow", collections["Pictures"]),
        secret_image=_image("A secret", collections["Archive"]),
    )


def _pages(home: HomePage, owner: Any) -> dict[str, Any]:
    about = home.add_child(instance=FlexPage(title="About", slug="about", body=BODY, owner=owner))
    blog = home.add_child(instance=BlogIndexPage(title="Blog", slug="blog", owner=owner))
    events = home.add_child(instance=EventIndexPage(title="Events", slug="events", owner=owner))
    start = timezone.now() + timedelta(days=7)
    return {
        "about": about,
        "team": about.add_child(
            instance=FlexPage(title="Team", slug="team", body=BODY, live=False, owner=owner)
        ),
        "blog": blog,
        "first": blog.add_child(
            instance=BlogPage(title="First", slug="first", body=BODY, owner=owner)
        ),
        "second": blog.add_child(
            instance=BlogPage(title="Second", slug="second", body=BODY, live=False, owner=owner)
        ),
        "events": events,
        "tour": events.add_child(
            instance=EventPage(title="Tour", slug="tour", start=start, body=BODY, owner=owner)
        ),
    }


def _people(
    home: HomePage, pages: dict[str, Any], collections: dict[str, Collection]
) -> dict[str, Any]:
    GroupPagePermission.objects.all().delete()
    GroupCollectionPermission.objects.all().delete()
    editors, outsiders, moderators = (
        Group.objects.get_or_create(name=name)[0] for name in ("Editors", "Outsiders", "Moderators")
    )
    for section in (pages["blog"], pages["events"]):
        _grant(editors, section, "add", "change")
    _grant(outsiders, pages["about"], "add", "change", "publish")
    _grant(moderators, home, "add", "change", "publish", "lock", "unlock")
    for action in ("add", "change", "choose"):
        _grant_images(editors, collections["Pictures"], action)
        _grant_images(outsiders, collections["Pictures"], action)
        _grant_images(moderators, Collection.get_first_root_node(), action)
    task = GroupApprovalTask.objects.create(name="Moderators approval")
    task.groups.add(moderators)
    workflow = Workflow.objects.create(name="Moderation")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=1)
    WorkflowPage.objects.create(workflow=workflow, page=home)
    return {
        "editor": _user("editor", editors),
        "outsider": _user("outsider", outsiders),
        "moderator": _user("moderator", moderators),
    }


def _user(name: str, *groups: Group, **fields: Any) -> Any:
    user = get_user_model().objects.create_user(
        name, f"{name}@example.org", first_name=name.title(), **fields
    )
    user.groups.set(groups)
    access = Permission.objects.get(codename="access_admin")
    for group in groups:
        group.permissions.add(access)
    return user


def _grant(group: Group, page: Page, *actions: str) -> None:
    for action in actions:
        GroupPagePermission.objects.create(
            group=group,
            page=Page.objects.get(pk=page.pk),
            permission=Permission.objects.get(
                codename=f"{action}_page", content_type__app_label="wagtailcore"
            ),
        )


def _grant_images(group: Group, collection: Collection, action: str) -> None:
    GroupCollectionPermission.objects.create(
        group=group,
        collection=collection,
        permission=Permission.objects.get(
            codename=f"{action}_image", content_type__app_label="wagtailimages"
        ),
    )


def _image(title: str, collection: Collection) -> Any:
    return get_image_model().objects.create(
        title=title,
        file=ContentFile(png(), name=f"{title}.png".replace(" ", "-")),
        collection=collection,
    )


def png(width: int = 64, height: int = 48) -> bytes:
    """The bytes of a plain PNG."""
    target = BytesIO()
    Pillow.new("RGB", (width, height), (30, 120, 60)).save(target, "PNG")
    return target.getvalue()
