"""Words and icons of calls in the admin's templates."""

from typing import Any

from django.template import Library
from django.utils.safestring import SafeString

from mcp_server.admin.outcomes import outcome_label
from mcp_server.admin.widgets import KINDS

register = Library()


@register.inclusion_tag("mcp_server/widgets/kind.html")
def call_kind(kind: Any) -> dict[str, Any]:
    """The kind of a call as a word and an icon."""
    label, icon, _meaning = KINDS.get(kind, (kind, "cog", ""))
    return {"kind": {"label": label, "icon": icon}}


@register.inclusion_tag("wagtailadmin/shared/status_tag.html")
def call_outcome(outcome: str) -> dict[str, str | SafeString]:
    """How a call ended, as one of Wagtail's status tags."""
    succeeded = outcome == "success"
    return {
        "label": outcome_label(outcome),
        "classname": "w-status--primary" if succeeded else "",
    }
