"""Copying pages into another language, through Wagtail's own action."""

from django.db import transaction
from wagtail.actions.copy_for_translation import CopyPageForTranslationAction
from wagtail.models import Locale, Page, Revision, get_default_page_content_type

from mcp_server.actor import Actor
from mcp_server.errors import Refused

from .finding import visible_page, visible_pages
from .shapes import PageSummary
from .snapshots import tree_below
from .translations import require_locales
from .writing import unreadable


@transaction.atomic
def copy_for_translation(
    actor: Actor, page_id: int, locale_code: str, alias: bool, include_subtree: bool
) -> PageSummary:
    """A draft of the page in another locale, or an alias there, which follows the page."""
    require_locales()
    page = visible_page(actor, page_id)
    _refuse_without_permission(actor, page)
    locale = _locale(page, locale_code)
    _refuse_translated(actor, page, locale)
    parent = _translated_parent(actor, page, locale)
    pages = Page.objects.descendant_of(page, inclusive=True)
    chosen = pages if include_subtree else pages.filter(pk=page.pk)
    if include_subtree:
        _refuse_subtree(actor, page, locale)
    if alias:
        _refuse_alias(actor, parent, live=chosen.live().exists())
    made = CopyPageForTranslationAction(
        page, locale, alias=alias, include_subtree=include_subtree, user=actor.user
    ).execute()
    copy = Page.objects.get(pk=made.pk).specific
    if not visible_pages(actor).filter(pk=copy.pk).exists():
        raise Refused(
            f"The copy of page {page_id} would be where this user sees nothing; nothing was "
            "copied. Somebody who may work there has to copy it."
        )
    _sign(actor, copy)
    below = {"below": tree_below(copy)} if copy.numchild else {}
    return PageSummary.of(copy, _warnings(page, alias)).about(copy, created=True, **below)


def _refuse_without_permission(actor: Actor, page: Page) -> None:
    """What the action checks as well, with a sentence each."""
    if not actor.user.has_perm("simple_translation.submit_translation"):
        raise Refused(
            "This user may not submit translations. An admin can give that permission, "
            "where the site has wagtail.contrib.simple_translation installed."
        )
    if not page.permissions_for_user(actor.user).can_edit():
        raise Refused(f"This user may not edit page {page.pk}, so may not translate it.")


def _locale(page: Page, code: str) -> Locale:
    others = {
        locale.language_code.lower(): locale for locale in Locale.objects.exclude(pk=page.locale_id)
    }
    found = others.get(code.strip().lower())
    if found is None:
        allowed = ", ".join(locale.language_code for locale in others.values()) or "none"
        raise Refused(f"Page {page.pk} cannot be copied into this locale (allowed: {allowed}).")
    return found


def _refuse_translated(actor: Actor, page: Page, locale: Locale) -> None:
    found = page.get_translation_or_none(locale)
    if found is None:
        return
    if not visible_pages(actor).filter(pk=found.pk).exists():
        raise Refused(f"Page {page.pk} has a translation there, which this user may not see.")
    if found.alias_of_id:
        raise Refused(
            f"Page {page.pk} has an alias there: page {found.pk}. "
            "A person can make it a page of its own in the Wagtail admin (Convert alias)."
        )
    raise Refused(f"Page {page.pk} is translated already: edit page {found.pk}.")


def _translated_parent(actor: Actor, page: Page, locale: Locale) -> Page:
    """The page below which Wagtail puts the copy; locked, because siblings share no slug."""
    parent = page.get_parent()
    found = parent if parent.is_root() else parent.get_translation_or_none(locale)
    if found is not None:
        Page.objects.select_for_update().filter(pk=found.pk).values_list("pk").first()
        return Page.objects.get(pk=found.pk)
    code = locale.language_code
    if not visible_pages(actor).filter(pk=parent.pk).exists():
        raise Refused(f"The page above page {page.pk} is not translated into {code} yet.")
    raise Refused(
        f"The parent, page {parent.pk}, is not translated into {code} yet. "
        f'Call copy_for_translation({parent.pk}, "{code}") first.'
    )


def _refuse_subtree(actor: Actor, page: Page, locale: Locale) -> None:
    if unreadable(actor, page).exists():
        raise Refused(
            f"Page {page.pk} has subpages whose drafts this user may not read. Copy it alone."
        )
    there = Page.objects.filter(locale=locale).values("translation_key")
    below = Page.objects.descendant_of(page).filter(translation_key__in=there).first()
    if below is not None:
        raise Refused(f"Page {below.pk} below is translated already. Copy the pages one by one.")


def _refuse_alias(actor: Actor, parent: Page, *, live: bool) -> None:
    # Wagtail's own rule for aliases, which the copying for translation does not ask for.
    if not parent.permissions_for_user(actor.user).can_publish_subpage():
        raise Refused(
            "This user may not publish there, and an alias is published with its page. "
            "Copy it without alias."
        )
    if live and not actor.may_use("publish_page"):
        raise Refused(
            "An alias of a published page is seen by visitors at once, and this token may not "
            "publish. Copy it without alias."
        )


def _sign(actor: Actor, copy: Page) -> None:
    """Name the user in the first revisions: the action hands them over to nobody."""
    made = Page.objects.descendant_of(copy, inclusive=True).values_list("pk", flat=True)
    Revision.objects.filter(
        base_content_type=get_default_page_content_type(),
        object_id__in=[str(pk) for pk in made],
        user=None,
    ).update(user=actor.user)


def _warnings(page: Page, alias: bool) -> list[str]:
    if page.live and page.has_unpublished_changes and not alias:
        return [f"Copied is the published version of page {page.pk}, not its newer draft."]
    return []
