"""What undoing a move or a deletion needs: where a page was, and what it was."""

from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Model
from django.utils.dateparse import parse_datetime
from wagtail.coreutils import find_available_slug
from wagtail.models import Page, Revision, get_default_page_content_type

from mcp_server.actor import Actor

from .leaves import as_json
from .moving_redirects import kept_redirects, restore_redirects
from .snapshot_parts import lost_with, restore_comments, without_comments

# A larger subtree is not kept: its snapshot would be larger than the site's other history.
MAX_PAGES = 200
# With their revisions the edits before a deletion can be undone as well: so many per page, and
# so many in all, but always the newest one.
PER_PAGE, MAX_REVISIONS = 20, 200


def place_of(page: Page) -> dict[str, Any]:
    """``{"moved_from": parent id, "after": id of the sibling before it, or None}``."""
    before = page.get_prev_sibling()
    return {"moved_from": page.get_parent().pk, "after": before.pk if before else None}


def at_place(parent: Page, data: dict[str, Any]) -> tuple[Page, str]:
    """Target and position for moving something to where ``place_of`` found it."""
    sibling = parent.get_children().filter(pk=data.get("after")).first()
    return (sibling, "right") if sibling else (parent, "first-child")


def tree_below(page: Page) -> list[list[int | None]]:
    """``[id, newest revision]`` of what lies below; equal as long as nobody touched it."""
    found = page.get_descendants().order_by("path").values_list("pk", "latest_revision_id")
    return [list(pair) for pair in found]


def snapshot(page: Page) -> dict[str, Any]:
    """The page and what lies below it as JSON; empty when that is too much to keep."""
    pages = Page.objects.descendant_of(page, inclusive=True).order_by("path")
    if pages.count() > MAX_PAGES:
        return {}
    share = min(max(MAX_REVISIONS // pages.count(), 1), PER_PAGE)
    kept = [_kept(found, share) for found in pages.specific()]
    parts = {"redirects_kept": kept_redirects(pages), "lost": lost_with(pages)}
    found: dict[str, Any] = as_json({"deleted": kept, **parts, **place_of(page)})
    return found


def restore(actor: Actor, data: dict[str, Any], parent: Page) -> Page:
    """The deleted pages again, as drafts with their former ids, below ``parent``.

    ``data["lost"]`` then names what did not come back with them.
    """
    made: dict[int, Page] = {}
    for kept in data["deleted"]:
        above = made.get(kept["parent"], parent)
        made[kept["content"]["pk"]] = _restored(actor, kept, Page.objects.get(pk=above.pk))
    lost = restore_redirects(data.get("redirects_kept", []))
    data["lost"] = [*data.get("lost", []), *lost]
    first = next(iter(made.values()))
    target, position = at_place(Page.objects.get(pk=parent.pk), data)
    first.move(target, pos=position)
    back: Page = Page.objects.get(pk=first.pk).specific
    return back


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


def _kept(page: Page, share: int) -> dict[str, Any]:
    newest = page.revisions.order_by("-created_at", "-pk")[:share]
    return {
        "model": page._meta.label,
        "parent": page.get_parent().pk,
        "content": page.serializable_data(),
        "revisions": list(newest.values("pk", "created_at", "user_id", "object_str", "content")),
    }


def _restored(actor: Actor, kept: dict[str, Any], parent: Page) -> Page:
    model: Any = apps.get_model(kept["model"])
    # Objects that the page pointed at may be gone as well; it comes back without them.
    draft = kept["revisions"][0]["content"] if kept["revisions"] else kept["content"]
    page = model.from_serializable_data(without_comments(draft), check_fks=True)
    if page is None:
        raise LookupError(kept["model"])
    page.pk = page.id = kept["content"]["pk"]
    page.live = False
    page.live_revision = page.latest_revision = None
    page.has_unpublished_changes = True
    page.slug = find_available_slug(parent, page.slug)
    _insert(page, parent)
    _restore_revisions(page, kept["revisions"])
    restore_comments(page, kept["content"])
    # Nothing differs, unless what the page pointed at is gone or its slug was taken meanwhile.
    restored: Page = Page.objects.get(pk=page.pk).specific
    if not kept["revisions"] or page.slug != draft["slug"]:
        restored.save_revision(user=actor.user, clean=False)
    return restored


def _restore_revisions(page: Page, kept: list[dict[str, Any]]) -> None:
    """The revisions again, with their ids, authors and dates."""
    wanted = {one["user_id"] for one in kept} - {None}
    # As text: keys that are no numbers went through JSON.
    users = {
        str(pk): pk
        for pk in get_user_model()
        ._default_manager.filter(pk__in=wanted)
        .values_list("pk", flat=True)
    }
    about = {
        "content_type": ContentType.objects.get_for_model(page, for_concrete_model=False),
        "base_content_type": get_default_page_content_type(),
        "object_id": str(page.pk),
    }
    made = [
        Revision(
            **about,
            pk=one["pk"],
            created_at=parse_datetime(one["created_at"]),
            user_id=users.get(str(one["user_id"])),
            object_str=one["object_str"],
            content=one["content"],
        )
        for one in kept
    ]
    for newest in Revision.objects.bulk_create(made)[:1]:
        Page.objects.filter(pk=page.pk).update(
            latest_revision=newest, latest_revision_created_at=newest.created_at
        )
