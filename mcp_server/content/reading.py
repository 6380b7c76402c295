"""What a page holds, in the form in which it can be written back."""

from datetime import datetime
from typing import Any, Literal

from django.db.models import Model
from django.db.models.fields.files import FieldFile
from wagtail.models import Page

from mcp_server.actor import Actor
from mcp_server.errors import Refused
from mcp_server.prepared import Param, prepared

from .clock import local
from .codec import encode, stored_stream
from .drafts import newest_draft
from .fields import StreamFormField, form_fields, is_rich_text, row_fields
from .finding import may_read_draft
from .leaves import as_json
from .listing import load_states
from .people import busy_note, lock_note
from .planned import expiries, goes_live
from .review_state import review_state
from .rich_text import to_markdown
from .shapes import PageSummary, restriction

Version = Literal["draft", "live"]


class PageContent(PageSummary):
    """A page's summary and its fields; empty fields are left out."""

    fields: dict[str, Any]
    version: Version
    parent_id: int | None = None
    locked_by: str | None = None
    being_edited_by: str | None = None
    workflow: str | None = None
    go_live_at: str | None = None
    expire_at: str | None = None
    unpublished_changes: bool | None = None


def read_page(actor: Actor, page: Page, version: Version) -> PageContent:
    """The page's fields in its newest draft, or as visitors see it."""
    load_states([page])
    shown = shown_version(actor, page, version)
    content = PageContent.of(
        page,
        fields=field_values(shown, actor.user),
        version=version,
        parent_id=_parent_id(page),
        locked_by=lock_note(page),
        being_edited_by=busy_note(actor, page),
        workflow=review_state(page) if version == "draft" else None,
        go_live_at=goes_live(page),
        # Of two the later: the one that holds once the schedule was carried out.
        expire_at=next(reversed(expiries(page)), None),
        unpublished_changes=(page.live and page.has_unpublished_changes) or None,
    )
    if version == "live":
        # The revision that the caller has read, and the title that visitors see.
        content.revision_id, content.title = page.live_revision_id or 0, page.title
    return content


def _parent_id(page: Page) -> int | None:
    if page.depth <= 2:
        return None
    # Treebeard keeps the parent, which a draft has asked for already.
    kept = getattr(page, "_cached_parent_obj", None)
    key: int | None = kept.pk if kept else _key_at().first(path=page.path[: -Page.steplen])
    return key


@prepared
def _key_at() -> Any:
    return Page.objects.filter(path=Param("path")).values_list("pk", flat=True)


def field_values(instance: Model, user: Any = None) -> dict[str, Any]:
    """``{name: value}`` of what the model's panels show to ``user``, empty ones left out."""
    values = {}
    for name, field in form_fields(type(instance), user):
        value = field_value(instance, name, field)
        if value not in (None, "", [], {}):
            values[name] = value
    return values


def field_value(instance: Model, name: str, field: Any) -> Any:
    """One field in the form in which it is written: Markdown, blocks, ids, ISO dates."""
    if hasattr(field, "form"):
        return [_row(row, field) for row in getattr(instance, name).all()]
    value = getattr(instance, name, None)
    if isinstance(field, StreamFormField):
        return encode(field.block, stored_stream(field.block, value))
    if is_rich_text(field):
        return to_markdown(value or "", field.rich_text_features)
    if hasattr(value, "all"):
        return _many(value)
    if isinstance(value, datetime):
        return local(value).isoformat()
    return _plain(instance, name, value.pk if isinstance(value, Model) else value)


def _plain(instance: Model, name: str, value: Any) -> Any:
    """A value that JSON has a form for; a field of a strange type in its own serialised text."""
    if isinstance(value, FieldFile):
        return value.name or None
    try:
        return as_json(value)
    except TypeError:
        return instance._meta.get_field(name).value_to_string(instance)  # type: ignore[union-attr]


def shown_version(actor: Actor, page: Page, version: Version) -> Page:
    """The version as a page; refuses one that is not there, or that the actor may not read."""
    if version == "live":
        if not page.live:
            hint = ' Call again with version="draft".' if may_read_draft(actor, page) else ""
            raise Refused(f"Page {page.pk} has no live version: visitors cannot see it.{hint}")
        if restriction(page) and not may_read_draft(actor, page):
            # In the tree only because it leads to this user's section.
            raise Refused(f"Page {page.pk} is private, and this user may not work on it.")
        return page
    if not may_read_draft(actor, page):
        hint = 'Call again with version="live".' if page.live else "It is not published."
        raise Refused(f"This user may not read the draft of page {page.pk}. {hint}")
    return newest_draft(page)


def _row(row: Model, formset: Any) -> dict[str, Any]:
    values: dict[str, Any] = {row._meta.pk.name: row.pk} if row.pk is not None else {}
    for name, field in row_fields(formset).items():
        value = field_value(row, name, field)
        if value not in (None, "", [], {}):
            values[name] = value
    return values


def _many(manager: Any) -> list[Any]:
    # Tags are sent by name, everything else by key.
    return [
        getattr(item, "name", None) if hasattr(manager, "slugs") else item.pk
        for item in manager.all()
    ]
