"""A page in the site's languages: where it stands in each, and what changed since it was copied."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from wagtail.models import Locale, Page, PageLogEntry, Revision

from mcp_server.actor import Actor
from mcp_server.errors import Refused

from .clock import shown
from .comparing import MAX_CHARACTERS, changes, fitting
from .finding import may_read_draft, visible_pages
from .shapes import page_path, page_status, several_locales, shown_title

# From these moments on a translation no longer follows its source.
_COPIED = ("wagtail.copy_for_translation", "wagtail.convert_alias")
_PUBLISHED = ("wagtail.publish", "wagtail.publish.scheduled")
_UNPUBLISHED = ("wagtail.unpublish", "wagtail.unpublish.scheduled")
BASIS = (
    "source_changes lead from the version of page {} that was copied to the one that would be "
    "copied now. Wagtail keeps no record of which of them were translated since; compare "
    "last_saved with source_saved."
)


class LocaleItem(BaseModel):
    """The page in one locale; ``status`` is "hidden" where this user may not see it."""

    locale: str
    status: str
    page_id: int | None = None
    title: str | None = None
    path: str | None = None
    alias_of: int | None = None
    last_saved: str | None = None
    copied: str | None = None
    source_changes: list[str] | None = None
    not_shown: str | None = None
    note: str | None = None


class TranslationStatus(BaseModel):
    """A page's translations; the source is the one that was there first."""

    page_id: int
    locale: str
    source_id: int | None = None
    source_saved: str | None = None
    translations: list[LocaleItem]
    basis: str | None = None


def require_locales() -> None:
    """Refuse on a site with one language."""
    if not several_locales():
        raise Refused("This site has one language: WAGTAIL_I18N_ENABLED is not set.")


def translation_status(actor: Actor, page: Page) -> TranslationStatus:
    """What there is of ``page`` in every locale, as far as this actor may see it."""
    require_locales()
    every = {found.locale_id: found for found in page.get_translations(inclusive=True).specific()}
    seen = set(visible_pages(actor).filter(pk__in=[p.pk for p in every.values()]).values_list("pk"))
    first = min(every.values(), key=lambda found: found.pk)
    source = first if (first.pk,) in seen else None
    room = MAX_CHARACTERS // max(1, len(every) - 1)
    items = [
        _item(actor, locale, every.get(locale.pk), seen, source, room)
        for locale in Locale.objects.all()
    ]
    told = source is not None and any(item.copied for item in items)
    return TranslationStatus(
        page_id=page.pk,
        locale=page.locale.language_code,
        source_id=source.pk if source else None,
        source_saved=_source_saved(source) if source else None,
        translations=items,
        basis=BASIS.format(first.pk) if told else None,
    )


def _item(
    actor: Actor,
    locale: Locale,
    page: Page | None,
    seen: set[Any],
    source: Page | None,
    room: int,
) -> LocaleItem:
    if page is None:
        return LocaleItem(locale=locale.language_code, status="not translated")
    if (page.pk,) not in seen:
        return LocaleItem(locale=locale.language_code, status="hidden")
    alias = page.alias_of_id
    item = LocaleItem(
        locale=locale.language_code,
        status=page_status(page),
        page_id=page.pk,
        title=shown_title(page),
        path=page_path(page),
        alias_of=alias if (alias,) in seen else None,
        last_saved=_saved(page),
    )
    if alias:
        item.note = "an alias: it follows its page"
    elif source is not None and page.pk != source.pk:
        _compare(actor, item, page, source, room)
    return item


def _compare(actor: Actor, item: LocaleItem, page: Page, source: Page, room: int) -> None:
    if not may_read_draft(actor, source):
        item.note = f"this user may not read the revisions of page {source.pk}"
        return
    moment = _moment(page)
    then = _version(source, moment) if moment else None
    if moment is None or then is None:
        item.note = f"what changed is unknown: no revision of page {source.pk} is kept from then"
        return
    item.copied = f"{shown(moment)}, from revision {then.pk}"
    found = changes(actor, source, then.as_object(), _now(source))
    item.source_changes, item.not_shown = fitting(found, room)


def _moment(page: Page) -> datetime | None:
    """When the page was copied for translation, or stopped to follow as an alias."""
    logged = PageLogEntry.objects.filter(page_id=page.pk, action__in=_COPIED)
    found = logged.order_by("-timestamp").values_list("timestamp", flat=True).first()
    # What a site's own script made is in no log; its first revision is as old as the copy.
    revisions = page.revisions.order_by("created_at").values_list("created_at", flat=True)
    moment: datetime | None = found or revisions.first()
    return moment


def _version(source: Page, moment: datetime) -> Revision | None:
    """What Wagtail copied then: the published version if there was one, else the newest draft."""
    entries = PageLogEntry.objects.filter(
        page_id=source.pk, action__in=[*_PUBLISHED, *_UNPUBLISHED], timestamp__lte=moment
    )
    last = entries.order_by("-timestamp", "-pk").first()
    revisions = source.revisions.filter(created_at__lte=moment)
    if last is not None and last.action in _PUBLISHED:
        revisions = revisions.filter(pk=last.revision_id)
    found: Revision | None = revisions.order_by("-created_at", "-pk").first()
    return found


def _now(source: Page) -> Page:
    """What Wagtail would copy now."""
    now: Page = source if source.live else source.get_latest_revision_as_object()
    return now


def _saved(page: Page) -> str | None:
    return shown(page.latest_revision_created_at) if page.latest_revision_created_at else None


def _source_saved(source: Page) -> str | None:
    """When what Wagtail would copy now was saved; of a live page, when it was published."""
    moment = source.last_published_at if source.live else source.latest_revision_created_at
    return shown(moment) if moment else None
