"""What a removal, an unpublishing or a move would touch, and a value that is bound to that."""

import json
from collections.abc import Iterator
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.utils.crypto import constant_time_compare, salted_hmac
from pydantic import BaseModel
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.models import (
    Comment,
    Page,
    ReferenceIndex,
    Revision,
    WorkflowState,
    get_default_page_content_type,
)

from mcp_server.actor import Actor
from mcp_server.errors import Refused

from .finding import visible_pages
from .planned import expiries, goes_live
from .redirects import redirects_to
from .shapes import PageItem, shown_title, type_name

SHOWN = 20
CANDIDATES = 100


class Reference(BaseModel):
    """Something that points at the page or below it."""

    title: str
    type: str
    id: str


class Impact(BaseModel):
    """The consequences of taking a page away, and the ``confirm`` value for doing it.

    ``hidden`` counts aliases and translations that the caller may not see.
    """

    page: PageItem
    descendants: int
    descendants_live: int
    referred_to_by: list[Reference]
    more_references: int | None = None
    aliases: list[int] | None = None
    translations: list[int] | None = None
    hidden: int | None = None
    redirects: int | None = None
    scheduled: list[str] | None = None
    open_comments: int | None = None
    confirm: str


def page_impact(actor: Actor, page: Page) -> Impact:
    """Descendants, references, aliases, translations and schedules of ``page``, as they are now."""
    below = Page.objects.descendant_of(page)
    subtree = Page.objects.descendant_of(page, inclusive=True)
    sources = sources_of(subtree)
    seen = list(islice(_shown(actor, sources), SHOWN))
    aliases, hidden_aliases = _visible(actor, page.aliases.all())
    translations, hidden_translations = _visible(actor, page.get_translations())
    return Impact(
        page=PageItem.of(page),
        descendants=below.count(),
        descendants_live=below.live().count(),
        referred_to_by=seen,
        more_references=(len(sources) - len(seen)) or None,
        aliases=aliases or None,
        translations=translations or None,
        hidden=hidden_aliases + hidden_translations or None,
        redirects=redirects_to(subtree) or None,
        scheduled=_schedules(subtree)[:SHOWN] or None,
        open_comments=_open_comments(subtree).count() or None,
        confirm=confirm_value(actor, page),
    )


def confirm_value(actor: Actor, page: Page) -> str:
    """A value that changes with anything that the impact tells; useless to other users."""
    subtree = Page.objects.descendant_of(page, inclusive=True)
    sources = sources_of(subtree)
    # Every state that a reader of the impact relied on; revisions stand for the content.
    state = [
        str(actor.user.pk),
        list(subtree.order_by("path").values_list("pk", "path", "live", "latest_revision_id")),
        sorted((content_type, str(pk)) for content_type, pk in sources),
        _visibility(sources),
        sorted(page.aliases.values_list("pk", flat=True)),
        sorted(page.get_translations().values_list("pk", flat=True)),
        redirects_to(subtree),
        _schedules(subtree),
        _reviews(subtree),
        list(_open_comments(subtree).order_by("pk").values_list("pk", flat=True)),
    ]
    return salted_hmac("mcp_server.confirm", json.dumps(state), algorithm="sha256").hexdigest()[:20]


def require_confirm(actor: Actor, page: Page, confirm: str) -> None:
    """Refuse unless ``confirm`` was given for exactly the present state of the page."""
    if not constant_time_compare(confirm, confirm_value(actor, page)):
        raise Refused(
            f"This confirm value does not fit page {page.pk} as it is now; nothing was changed. "
            f"Call get_page_impact({page.pk}), show the consequences to the person you work for, "
            "and pass its confirm value."
        )


def _schedules(subtree: Any) -> list[str]:
    """Scheduled changes of the page and what lies below it, in the site's zone."""
    found = []
    ids = Revision.page_revisions.exclude(approved_go_live_at=None).values_list("object_id")
    planned = Q(pk__in=[int(pk) for (pk,) in ids]) | Q(expire_at__isnull=False)
    for page in subtree.filter(planned).order_by("path"):
        if moment := goes_live(page):
            found.append(f"{page.pk} goes live at {moment}")
        found += [f"{page.pk} expires at {moment}" for moment in expiries(page)]
    return found


def _open_comments(subtree: Any) -> Any:
    return Comment.objects.filter(page__in=subtree, resolved_at=None)


def _reviews(subtree: Any) -> list[tuple[str, str, int | None]]:
    """Which pages are in review, and at which task."""
    found = WorkflowState.objects.active().filter(
        base_content_type=get_default_page_content_type(),
        object_id__in=[str(pk) for pk in subtree.values_list("pk", flat=True)],
    )
    return list(found.order_by("pk").values_list("object_id", "status", "current_task_state_id"))


def _visibility(sources: list[tuple[int, str]]) -> list[tuple[int, bool]]:
    """Which of the referring pages visitors see."""
    page_type = ContentType.objects.get_for_model(Page).pk
    pages = Page.objects.filter(pk__in=[pk for kind, pk in sources if kind == page_type])
    return list(pages.order_by("pk").values_list("pk", "live"))


def sources_of(subtree: Any) -> list[tuple[int, str]]:
    """``(content type id, object id)`` of what refers to these pages from outside of them."""
    ids = [str(pk) for pk in subtree.values_list("pk", flat=True)]
    page_type = ContentType.objects.get_for_model(Page).pk
    found = (
        ReferenceIndex.objects.filter(to_content_type=page_type, to_object_id__in=ids)
        .values_list("base_content_type", "object_id")
        .distinct()
    )
    inside = {(page_type, pk) for pk in ids}
    return sorted(set(found) - inside)


def _shown(actor: Actor, sources: list[tuple[int, str]]) -> Iterator[Reference]:
    """The sources that this user may see, as Wagtail's own usage view decides it."""
    finder = AdminURLFinder(actor.user)
    for content_type, group in groupby(sources, key=itemgetter(0)):
        model = ContentType.objects.get_for_id(content_type).model_class()
        keys = [pk for _, pk in group]
        if model is None:
            continue
        if issubclass(model, Page):
            for page in visible_pages(actor).filter(pk__in=keys).order_by("path"):
                yield Reference(title=shown_title(page), type=type_name(page), id=str(page.pk))
            continue
        for found in model._default_manager.filter(pk__in=keys[:CANDIDATES]):
            if finder.get_edit_url(found) is not None:
                yield Reference(title=str(found), type=str(model._meta.label), id=str(found.pk))


def _visible(actor: Actor, pages: Any) -> tuple[list[int], int]:
    """Ids of the pages that this user may see, and how many others there are."""
    ids = set(pages.values_list("pk", flat=True))
    seen = set(visible_pages(actor).filter(pk__in=ids).values_list("pk", flat=True))
    return sorted(seen), len(ids - seen)
