"""Changes to pages, each through Wagtail's own action, each as the actor's user."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.db import transaction
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_page import CreatePageAction
from wagtail.actions.edit_page import EditPageAction
from wagtail.actions.revert_to_page_revision import RevertToPageRevisionAction
from wagtail.coreutils import find_available_slug
from wagtail.models import Page, Revision
from wagtail.permission_policies.pages import PagePermissionPolicy

from mcp_server.actor import Actor
from mcp_server.errors import Conflict, Invalid, Refused

from .block_edits import BlockEdit
from .conflicts import conflict_sentence, operated
from .drafts import newest_draft
from .fields import StreamFormField, form_fields
from .finding import editable_page, may_read_draft, parent_page, visible_page
from .forms import new_page_form, page_form
from .indexing import indexed_once
from .listing import load_states
from .page_types import creatable_type
from .people import own_editor_warnings, refuse_while_others_work
from .readiness import still_needed
from .reading import field_value
from .shapes import BlocksSummary, PageSummary, type_name
from .snapshots import tree_below
from .unread import refuse_unread
from .values import Values

if TYPE_CHECKING:
    from wagtail.query import PageQuerySet


@transaction.atomic
def create_page(actor: Actor, type_label: str, parent_id: int, values: Values) -> PageSummary:
    """A new draft below ``parent_id``, owned by the actor's user."""
    parent = parent_page(actor, parent_id)
    model = creatable_type(actor, type_label, parent)
    page = model(owner=actor.user, locale_id=parent.locale_id)
    form, warnings = new_page_form(actor, page, parent, values)
    with indexed_once():
        CreatePageAction(form.instance, parent, user=actor.user, form=form).execute()
    load_states([form.instance])
    warnings += still_needed(actor, form.instance)
    return PageSummary.of(form.instance, warnings).about(form.instance, created=True)


@transaction.atomic
def update_page(actor: Actor, page_id: int, base_revision_id: int, values: Values) -> PageSummary:
    """A new draft revision in which only ``values`` differ from the newest one."""
    page = editable_page(actor, page_id, lock=True)
    # First: while somebody is at work, what they have saved so far is not the last word.
    refuse_while_others_work(actor, page)
    refuse_stale(actor, page, base_revision_id, values)
    return _save(actor, page, values)


@transaction.atomic
def edit_page_blocks(
    actor: Actor, page_id: int, base_revision_id: int, operations: list[Any], field: str
) -> BlocksSummary:
    """A new draft revision in which only the named blocks of one StreamField differ."""
    page = editable_page(actor, page_id, lock=True)
    refuse_while_others_work(actor, page)
    refuse_stale(actor, page, base_revision_id, operated(operations, field))
    edit = BlockEdit.of(*_stream(page, field), operations)
    try:
        saved = _save(actor, page, {field: edit.value}, frozenset(edit.new_ids))
    except Invalid as invalid:
        raise Invalid(_by_operation(edit, field, invalid)) from None
    answer = BlocksSummary(**saved.model_dump(), new_ids=edit.new_ids or None)
    return answer.about(saved.instance)


def _save(
    actor: Actor, page: Page, values: Values, new_ids: frozenset[str] = frozenset()
) -> PageSummary:
    draft = newest_draft(page)
    form, warnings = page_form(actor, draft, values, new_ids)
    if not form.has_changed():
        warnings = [*warnings, "Nothing differs from the newest draft; not saved."]
        # Nothing was touched, so there is nothing for the page's history.
        return PageSummary.of(page, warnings).about(None)
    # editable_page() asked what Wagtail's editor asks. The action wants the permission besides,
    # which a reviewer need not have who may edit the page while it waits for them.
    action = EditPageAction(form.instance, user=actor.user, form=form)
    with indexed_once(new_draft=form.instance):
        action.execute(skip_permission_checks=True)
    load_states([form.instance])
    warnings = [*warnings, *still_needed(actor, form.instance), *own_editor_warnings(actor, page)]
    return PageSummary.of(form.instance, warnings)


def _stream(page: Page, field: str) -> tuple[Any, list[Any]]:
    """The block of a StreamField, and its value in the newest draft as models read it."""
    fields = dict(form_fields(type(page)))
    streams = [name for name, found in fields.items() if isinstance(found, StreamFormField)]
    if field not in streams:
        allowed = ", ".join(streams) or "none"
        raise Invalid([("field", f"not a StreamField here (allowed: {allowed})")])
    draft = newest_draft(page)
    return fields[field].block, field_value(draft, field, fields[field])


def _by_operation(edit: BlockEdit, field: str, invalid: Invalid) -> Iterator[tuple[str, str]]:
    for path, message in invalid.problems:
        inside = path.removeprefix(field)
        number = edit.operation_of(inside) if path.startswith(field) else None
        where = f"operations[{number}] {field}{edit.path_before(inside)}"
        yield (path if number is None else where), message


@transaction.atomic
def revert_page(
    actor: Actor, page_id: int, revision_id: int, base_revision_id: int | None
) -> PageSummary:
    """An earlier revision as the newest draft; the live page stays."""
    page = editable_page(actor, page_id, lock=True)
    refuse_while_others_work(actor, page)
    revision = page_revision(page, revision_id)
    if revision.pk == page.latest_revision_id:
        raise Refused(f"Revision {revision_id} is the newest already; nothing to bring back.")
    refuse_unread(actor, page, base_revision_id, "brought back", "base_revision_id")
    before = page.latest_revision_id
    action = RevertToPageRevisionAction(page, revision, user=actor.user, clean=False)
    page.latest_revision = action.execute()
    page.refresh_from_db()
    settle_draft(page)
    return PageSummary.of(page).about(page, revision_before=before)


def settle_draft(page: Page) -> None:
    """Give the row of a page that is not live what its newest draft says.

    Wagtail's editor does so when it saves, its action for reverting does not: the address and the
    reference index would stay those of the draft before.
    """
    if page.live:
        return
    draft = newest_draft(page)
    if not Page._slug_is_available(draft.slug, page.get_parent(), page):
        raise Refused(f"Page {page.pk} stays: another page has the slug {draft.slug!r} now.")
    draft.save(clean=False)
    page.refresh_from_db()


@transaction.atomic
def copy_page(
    actor: Actor, page_id: int, parent_id: int | None, title: str | None, recursive: bool
) -> PageSummary:
    """A draft copy; its children too when ``recursive``."""
    page = visible_page(actor, page_id)
    if not may_read_draft(actor, page):
        raise Refused(f"This user may not copy page {page_id}.")
    parent = parent_page(actor, parent_id or page.get_parent().pk)
    if recursive and (parent.pk == page.pk or parent.is_descendant_of(page)):
        raise Refused(
            "A page cannot be copied with its children into itself. Choose another parent."
        )
    if not page.permissions_for_user(actor.user).can_copy_to(parent, recursive):
        raise Refused(f"{type_name(page)} pages cannot be copied below page {parent.pk}.")
    if recursive and unreadable(actor, page).exists():
        raise Refused(
            f"Page {page_id} has subpages whose drafts this user may not read. Copy it alone."
        )
    changes: dict[str, Any] = {"slug": find_available_slug(parent, page.slug), "owner": actor.user}
    if title:
        changes |= {"title": title, "draft_title": title}
    copy = CopyPageAction(
        page, to=parent, update_attrs=changes, recursive=recursive,
        keep_live=False, user=actor.user,
    ).execute()  # fmt: skip
    copy.refresh_from_db()
    below = {"below": tree_below(copy)} if copy.numchild else {}
    return PageSummary.of(copy).about(copy, created=True, **below)


def unreadable(actor: Actor, page: Page) -> "PageQuerySet":
    """Pages below ``page`` whose drafts this user may not read."""
    readable = PagePermissionPolicy().instances_user_has_any_permission_for(
        actor.user, {"change", "publish"}
    )
    below: PageQuerySet = Page.objects.descendant_of(page)
    return below.exclude(pk__in=readable.values("pk"))


def refuse_stale(actor: Actor, page: Page, base_revision_id: int, values: Values) -> None:
    """Raise Conflict when somebody saved after the revision that the caller has read."""
    latest = page.latest_revision_id or 0
    if base_revision_id == latest:
        return
    if base_revision_id and not page.revisions.filter(pk=base_revision_id).exists():
        raise Refused(
            f"Page {page.pk} has no revision {base_revision_id}. "
            f"Call get_page_content({page.pk}) and use its revision_id."
        )
    raise Conflict(conflict_sentence(page, base_revision_id, values, actor.user))


def page_revision(page: Page, revision_id: int) -> Revision:
    """A revision of this very page."""
    revision = page.revisions.filter(pk=revision_id).first() if revision_id > 0 else None
    if revision is None:
        raise Refused(
            f"Page {page.pk} has no revision {revision_id}. Call list_revisions to see them."
        )
    return revision
