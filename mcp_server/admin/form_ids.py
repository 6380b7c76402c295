"""Each form that shows a secret is good for one sending: by reload or back it comes again."""

import uuid
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from wagtail.admin.forms import WagtailAdminModelForm as Base
else:
    Base = object

# The session remembers the last forms that issued a secret, so that none issues a second one.
USED_FORMS = "mcp_server_used_forms"
REMEMBERED = 20
INCOMPLETE = _(
    "The form did not come in whole, so no secret was made. Nothing is lost: send it again."
)


class FormIdField(forms.UUIDField):
    """The form's own id. One that is missing or malformed cleans to None and is made anew."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, initial=uuid.uuid4, **kwargs)

    def to_python(self, value: Any) -> Any:
        return parsed(value)

    def prepare_value(self, value: Any) -> str:
        return str(parsed(value) or uuid.uuid4())


class SentOnceMixin(Base):
    """For forms with a ``form_id``: without one nobody could tell that the form came again."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "form_id" in self.fields and not cleaned.get("form_id"):
            self.add_error(None, INCOMPLETE)
        return cleaned


def parsed(value: Any) -> uuid.UUID | None:
    """The id, whichever way it is spelt; None when it is none."""
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None


def was_used(request: HttpRequest) -> bool:
    """Whether the form in this request has issued a secret already."""
    form_id = parsed(request.POST.get("form_id"))
    return form_id is not None and str(form_id) in request.session.get(USED_FORMS, [])


def remember(request: HttpRequest, form_id: uuid.UUID) -> None:
    """From now on the form counts as used."""
    used = request.session.get(USED_FORMS, [])
    request.session[USED_FORMS] = [*used, str(form_id)][-REMEMBERED:]
