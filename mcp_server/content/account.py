"""Who the actor is, and what they may do where."""

from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from pydantic import BaseModel
from wagtail.models import Page, Site

from mcp_server.actor import Actor
from mcp_server.prepared import Param, prepared

from .clock import local, shown
from .explorable import granted_to
from .finding import visible_pages
from .people import display_name
from .shapes import page_path

# Wagtail's page permissions, in the words of its group editor.
_WORDS = {
    "add_page": "add (and edit own)",
    "change_page": "edit",
    "publish_page": "publish",
    "lock_page": "lock",
    "unlock_page": "unlock",
    "bulk_delete_page": "delete with children",
}


class Section(BaseModel):
    """A page and everything below it, with what the user may do there."""

    page_id: int
    title: str
    path: str
    may: list[str]


class SiteItem(BaseModel):
    """A site that this Wagtail serves."""

    id: int
    name: str
    url: str
    root_page_id: int
    is_default: bool


class UserInfo(BaseModel):
    """The user a token acts as."""

    user: str
    username: str
    is_superuser: bool
    groups: list[str]
    sections: list[Section]
    token: str | None
    token_expires: str | None
    tools: str
    now: str
    time_zone: str


def user_info(actor: Actor) -> UserInfo:
    """Name, groups, permitted sections, the token's limits, and the site's clock."""
    token = actor.token
    now = local()
    return UserInfo(
        user=display_name(actor.user),
        username=actor.user.get_username(),
        is_superuser=actor.user.is_superuser,
        groups=sorted(_groups().all(user=actor.user.pk)),
        sections=sections(actor),
        token=token.name if token else None,
        token_expires=shown(token.expires_at) if token and token.expires_at else None,
        tools=", ".join(token.allowed_tools) if token and token.allowed_tools else "all",
        now=now.isoformat(timespec="seconds"),
        time_zone=timezone.get_current_timezone_name(),
    )


@prepared
def _groups() -> Any:
    model = get_user_model()
    users = model._base_manager.filter(pk=Param("user", field=model._meta.pk))
    return users.filter(groups__isnull=False).values_list("groups__name", flat=True)


def sections(actor: Actor) -> list[Section]:
    """Where the user has page permissions, and which; no more than a limited token sees."""
    found = _granted(actor)
    limit = actor.root_page
    if limit is None:
        return [_section(page, words) for page, words in found]
    below = [(page, words) for page, words in found if page.path.startswith(limit.path)]
    around = [(limit, words) for page, words in found if limit.is_descendant_of(page)]
    return [_section(page, words) for page, words in [*around, *below]]


def _granted(actor: Actor) -> list[tuple[Page, list[str]]]:
    if actor.user.is_superuser:
        roots = Page.objects.filter(pk__in=Site.objects.values("root_page"))
        return [(page, ["everything"]) for page in roots]
    found: dict[int, tuple[Page, list[str]]] = {}
    for entry in granted_to(actor.user):
        words = found.setdefault(entry.page_id, (entry.page, []))[1]
        word = _WORDS.get(entry.permission.codename)
        if word and word not in words:
            words.append(word)
    return list(found.values())


def site_list(actor: Actor) -> list[SiteItem]:
    """Sites whose root page or a page below it this actor may see."""
    sites = Site.objects.select_related("root_page").order_by("-is_default_site", "hostname")
    visible = visible_pages(actor)
    return [
        _site(site)
        for site in sites
        if visible.filter(path__startswith=site.root_page.path).exists()
    ]


def _site(site: Site) -> SiteItem:
    return SiteItem(
        id=site.pk,
        name=site.site_name or site.hostname,
        url=site.root_url,
        root_page_id=site.root_page_id,
        is_default=site.is_default_site,
    )


def _section(page: Any, may: list[str]) -> Section:
    return Section(page_id=page.pk, title=page.title, path=page_path(page), may=may)
