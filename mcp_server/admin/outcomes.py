"""The outcomes of calls in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OUTCOMES: dict[str, str | Promise] = {
    "success": _("Done"),
    "refused": _("Refused"),
    "invalid": _("Invalid values"),
    "conflict": _("Conflict"),
    "forbidden": _("Not allowed"),
    "unavailable": _("Database away"),
    "error": _("Error"),
}


def outcome_label(outcome: str) -> str:
    """The word for an outcome; a site's own refusal codes stand for themselves."""
    return str(OUTCOMES.get(outcome, outcome))
