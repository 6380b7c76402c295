"""Revisions: who saved what, when, through which tool."""

from typing import Any

from modelcluster.models import get_all_child_relations
from pydantic import BaseModel
from wagtail.models import Page, PageLogEntry, Revision

from .clock import shown
from .codec import encode, stored_stream
from .fields import StreamFormField, form_fields, is_rich_text, row_fields
from .listing import offset_of, page_of
from .people import display_name
from .rich_text import to_markdown
from .shapes import Listing

LOG_ACTION = "mcp_server.call"


class RevisionItem(BaseModel):
    """One revision of a page, newest first in lists."""

    id: int
    by: str
    at: str
    through: str | None = None
    changed: list[str]
    state: str | None = None


def page_revisions(page: Page, user: Any, limit: int, cursor: str | None) -> Listing[RevisionItem]:
    """The revisions of a page; ``changed`` names the fields that differ from the one before."""
    start = offset_of(cursor)
    ordered = page.revisions.select_related("user").order_by("-created_at", "-pk")
    total = ordered.count()
    # One more than is shown: the oldest one shown is compared with it.
    found = list(ordered[start : start + limit + 1])
    shown_ones = found[:limit]
    tools = _tools(page, [revision.pk for revision in shown_ones])
    older = [*found[1:], None][: len(shown_ones)]
    items = [
        RevisionItem(
            id=revision.pk,
            by=display_name(revision.user),
            at=shown(revision.created_at),
            through=tools.get(revision.pk),
            changed=_changed(page, before, revision, user),
            state=_state(page, revision),
        )
        for revision, before in zip(shown_ones, older, strict=True)
    ]
    return page_of(items, total, start)


def _tools(page: Page, revision_ids: list[int]) -> dict[int, str]:
    """Which tool made a revision, and with which token."""
    entries = PageLogEntry.objects.filter(
        page_id=page.pk, action=LOG_ACTION, revision_id__in=revision_ids
    ).values_list("revision_id", "data")
    return {
        pk: f"{data.get('tool')} ({data['token']})" if data.get("token") else str(data.get("tool"))
        for pk, data in entries
    }


def _changed(page: Page, before: Revision | None, revision: Revision, user: Any) -> list[str]:
    if before is None:
        return ["everything (first revision)"]
    model = type(page)
    # Pages made of the revisions would cost some ten queries each; what is stored costs none.
    return [
        name
        for name, field in form_fields(model, user)
        if _differs(model, name, field, before.content, revision.content)
    ]


def _differs(
    model: type[Page], name: str, field: Any, before: dict[str, Any], after: dict[str, Any]
) -> bool:
    if name in before and before[name] == after.get(name):
        # Most fields, most of the time: nothing has to be converted.
        return False
    return bool(_held(model, name, field, before) != _held(model, name, field, after))


def _held(model: type[Page], name: str, field: Any, content: dict[str, Any]) -> Any:
    """A field's value in a revision's content, in a form that can be compared; None is empty."""
    if name not in content:
        return _joined(model, name, content)
    value = content[name]
    if isinstance(field, StreamFormField):
        stream = model._meta.get_field(name).to_python(value)
        return encode(field.block, stored_stream(field.block, stream)) or None
    if is_rich_text(field):
        return to_markdown(value or "", field.rich_text_features) or None
    if hasattr(field, "form"):
        names = ("pk", *row_fields(field))
        return [{key: row.get(key) for key in names} for row in value or []] or None
    return value or None


def _joined(model: type[Page], name: str, content: dict[str, Any]) -> Any:
    """Tags and the like, which are stored as rows of the model that joins them to the page."""
    field: Any = next((item for item in model._meta.get_fields() if item.name == name), None)
    through = getattr(field, "through", None)
    for relation in get_all_child_relations(model):
        if relation.related_model is through:
            own = {"pk", relation.field.name}
            rows = content.get(relation.get_accessor_name()) or []
            return sorted(str({**row, **dict.fromkeys(own)}) for row in rows) or None
    return None


def _state(page: Page, revision: Revision) -> str | None:
    states = []
    if page.live and revision.pk == page.live_revision_id:
        states.append("live")
    if revision.pk == page.latest_revision_id:
        states.append("newest draft")
    if revision.approved_go_live_at:
        states.append(f"goes live {shown(revision.approved_go_live_at)}")
    return ", ".join(states) or None
