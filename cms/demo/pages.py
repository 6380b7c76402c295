"""Builds the page tree: first every page as a draft, then bodies, which may link anywhere."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction, Site, Workflow

from blog.fields import site_today
from blog.models import (
    Author,
    BlogIndexPage,
    BlogPage,
    BlogPageRelatedLink,
    EventIndexPage,
    EventPage,
)
from home.models import FlexPage, HomePage

from . import texts
from .bodies import References, blocks, rich_text
from .tally import Tally
from .texts import Text

MODELS: dict[str, type[Page]] = {
    "home": HomePage,
    "flex": FlexPage,
    "blog_index": BlogIndexPage,
    "event_index": EventIndexPage,
    "post": BlogPage,
    "event": EventPage,
}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass
class Builder:
    users: dict[str, User]
    authors: dict[str, Author]
    images: dict[str, int]
    documents: dict[str, int]
    tally: Tally
    pages: dict[str, Page] = field(default_factory=dict)
    new: list[Text] = field(default_factory=list)

    @property
    def refs(self) -> References:
        ids = {path: page.pk for path, page in self.pages.items()}
        return References(ids, self.images, self.documents)

    def plant(self, text: Text, parent: Page) -> None:
        """Find the page by its address, or add it as an empty draft."""
        page = parent.get_children().filter(slug=text.slug or "home").first()
        if page is None:
            page = MODELS[text.kind](
                title=text["title"],
                slug=text.slug or "home",
                owner=self.users[text["owner"]],
                show_in_menus=text["menu"] == "yes",
                live=False,
                **(schedule(text) if text.kind == "event" else {}),
            )
            # The parent's count of children must be the stored one when treebeard adds to it.
            parent.refresh_from_db()
            parent.add_child(instance=page)
            self.new.append(text)
            self.tally.add("pages")
        self.pages[text.path] = page.specific

    def write(self, text: Text) -> None:
        """Fill the page in and, unless it is to stay a draft, publish it as a moderator."""
        page, owner = self.pages[text.path], self.users[text["owner"]]
        FILL[text.kind](self, page, text)
        page.save()
        revision = page.save_revision(user=owner, log_action=True)
        if text["state"] not in ("draft", "review"):
            revision.publish(user=self.users["moderator"])
        if text["private"]:
            PageViewRestriction.objects.create(page=page, restriction_type="login")
        if text["state"] == "changed":
            self.change(text, owner)

    def change(self, text: Text, owner: User) -> None:
        """Save another draft on top of what visitors see."""
        page = self.pages[text.path].get_latest_revision_as_object()
        page.title = text["draft_title"]
        body = f"{text.body}\n\n{text['draft_text']}"
        page.body = blocks(body, self.refs, text.path)
        page.save_revision(user=owner, log_action=True)

    def body(self, text: Text) -> list[dict[str, Any]]:
        return blocks(text.body, self.refs, text.path)


def schedule(text: Text) -> dict[str, datetime]:
    """Start and end from `2w Sat 18:30`, weeks from the current one, and a number of hours."""
    weeks, weekday, clock = text["starts"].split()
    today = site_today()
    days = int(weeks.removesuffix("w")) * 7 + WEEKDAYS.index(weekday) - today.weekday()
    zone = timezone.get_default_timezone()
    start = datetime.combine(today + timedelta(days), time.fromisoformat(clock), zone)
    return {"start": start, "end": start + timedelta(hours=float(text["hours"]))}


def fill_home(builder: Builder, page: Any, text: Text) -> None:
    page.tagline = text["tagline"]
    page.hero_image_id = builder.images[text["picture"]]
    page.intro = rich_text(text["intro"], builder.refs, "home")
    page.body = builder.body(text)


def fill_flex(builder: Builder, page: Any, text: Text) -> None:
    page.intro, page.body = text["intro"], builder.body(text)


def fill_index(builder: Builder, page: Any, text: Text) -> None:
    page.intro = rich_text(text["intro"], builder.refs, text.path)


def fill_event(builder: Builder, page: Any, text: Text) -> None:
    page.location = text["location"]
    page.attendance = text["attendance"] or page.attendance
    page.hero_image_id = builder.images[text["picture"]]
    page.body = builder.body(text)


def fill_post(builder: Builder, page: Any, text: Text) -> None:
    page.date = site_today() - timedelta(days=int(text["days_ago"]))
    page.intro, page.body = text["intro"], builder.body(text)
    page.hero_image_id = builder.images[text["picture"]]
    page.author = builder.authors[text["author"]]
    page.tags.add(*text.listed("tags"))
    if text["related"]:
        title, target = text["related"].split(" -> ")
        path = target.removeprefix("page:")
        where = {"url": target} if path == target else {"page": builder.pages[path]}
        page.related_links.add(BlogPageRelatedLink(title=title, **where))


FILL: dict[str, Callable[[Builder, Any, Text], None]] = {
    "home": fill_home,
    "flex": fill_flex,
    "blog_index": fill_index,
    "event_index": fill_index,
    "post": fill_post,
    "event": fill_event,
}


def build(builder: Builder) -> HomePage:
    """Everything that is missing from the tree, and the front page it hangs from."""
    root = Page.get_first_root_node()
    # Wagtail's migrations leave a welcome page of no type where the front page belongs.
    for welcome in root.get_children().filter(slug="home").exact_type(Page):
        welcome.delete()
        root.refresh_from_db()
    builder.plant(texts.front_page(), root)
    for text in [*texts.sections(), *texts.posts(), *texts.events()]:
        builder.plant(text, builder.pages[text.parent])
    for text in builder.new:
        builder.write(text)
    home: HomePage = HomePage.objects.get(pk=builder.pages[""].pk)
    return home


def serve_at(url: str, home: HomePage, name: str, tally: Tally) -> None:
    """Make the front page the root of the default site at this address."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    values = {"hostname": parts.hostname, "port": port, "site_name": name, "root_page_id": home.pk}
    if Site.objects.filter(is_default_site=True, **values).exists():
        return
    Site.objects.update_or_create(is_default_site=True, defaults=values)
    tally.add("site records")


def submit(builder: Builder, flow: Workflow) -> None:
    """Send the new posts that wait for a moderator into the workflow."""
    for text in builder.new:
        if text["state"] == "review":
            page = builder.pages[text.path]
            flow.start(page.get_latest_revision_as_object(), builder.users[text["owner"]])
