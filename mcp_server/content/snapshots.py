"""What undoing a move or a deletion needs: where a page was, and what it was."""

from typing import Any

from django.apps import apps
from django.db.models import F, Model
from wagtail.coreutils import find_available_slug
from wagtail.models import Page

from mcp_server.actor import Actor

from .leaves import as_json

# A larger subtree is not kept: its snapshot would be larger than the site's other history.
MAX_PAGES = 200


def place_of(page: Page) -> dict[str, Any]:
    """``{"moved_from": parent id, "after": id of the sibling before it, or None}``."""
    before = page.get_prev_sibling()
    return {"moved_from": page.get_parent().pk, "after": before.pk if before else None}


def snapshot(page: Page) -> dict[str, Any]:
    """The page and what lies below it as JSON; empty when that is too much to keep."""
    pages = Page.objects.descendant_of(page, inclusive=True).order_by("path")
    if pages.count() > MAX_PAGES:
        return {}
    kept = [_kept(found) for found in pages.specific()]
    found: dict[str, Any] = as_json({"deleted": kept, **place_of(page)})
    return found


def restore(actor: Actor, data: dict[str, Any], parent: Page) -> Page:
    """The deleted pages again, as drafts with their former ids, below ``parent``."""
    made: dict[int, Page] = {}
    for kept in data["deleted"]:
        above = made.get(kept["parent"], parent)
        made[kept["content"]["pk"]] = _restored(actor, kept, Page.objects.get(pk=above.pk))
    return next(iter(made.values()))


def _insert(page: Page, parent: Page) -> None:
    """Give the page its row again, as the last child, under the id that it had.

    Links name pages by id, so it has to be the same one; ``add_child`` always takes a new one.
    """
    last = parent.get_last_child()
    page.depth, page.numchild = parent.depth + 1, 0
    page.path = last._inc_path() if last else Page._get_path(parent.path, page.depth, 1)
    Page.objects.filter(pk=parent.pk).update(numchild=F("numchild") + 1)
    page.set_url_path(parent)
    # Wagtail's own save() takes a page with an id for one that has a row.
    Model.save(page, force_insert=True)
    page.save(clean=False)


def _kept(page: Page) -> dict[str, Any]:
    latest = page.get_latest_revision()
    return {
        "model": page._meta.label,
        "parent": page.get_parent().pk,
        "content": page.serializable_data(),
        "draft": latest.content if latest else None,
    }


def _restored(actor: Actor, kept: dict[str, Any], parent: Page) -> Page:
    model: Any = apps.get_model(kept["model"])
    # Objects that the page pointed at may be gone as well; it comes back without them.
    page = model.from_serializable_data(kept["draft"] or kept["content"], check_fks=True)
    if page is None:
        raise LookupError(kept["model"])
    page.pk = page.id = kept["content"]["pk"]
    page.live = False
    page.live_revision = page.latest_revision = None
    page.has_unpublished_changes = True
    page.slug = find_available_slug(parent, page.slug)
    _insert(page, parent)
    page.save_revision(user=actor.user, clean=False)
    restored: Page = Page.objects.get(pk=page.pk).specific
    return restored
