"""The form of a token, the same for issuing and editing."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.utils import get_user_display_name
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy

from . import expiry
from .fields import ToolsField
from .form_ids import FormIdField, SentOnceMixin
from .policy import token_owners
from .widgets import CHOSEN, Grant


class MCPTokenForm(SentOnceMixin, WagtailAdminModelForm):
    """Issue a token, or change its name, tools, expiry and state. Its user never changes."""

    allowed_tools = ToolsField(
        label=_("Tools"),
        help_text=_(
            "What a client with this token may call. The user’s own permissions apply as well: "
            "a tool never allows more than they may do themselves."
        ),
    )
    expiry = forms.ChoiceField(label=_("Expires"))
    form_id = FormIdField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Kept as it is unless the form says otherwise.
        self._expires_before = self.instance.expires_at
        if self.instance.pk is None:
            self._for_create()
        else:
            self._for_update()

    def clean_root_page(self) -> Page | None:
        """A page that both see: who fills the form in, and whom clients will act as."""
        page: Page | None = self.cleaned_data.get("root_page")
        if page is None or "root_page" not in self.changed_data:
            return page
        owner = self.cleaned_data.get("user") or getattr(self.instance, "user", None)
        if owner is None:
            # The form says so at the user already.
            return page
        for user, message in (
            (self.for_user, _("There is no such page for you.")),
            (owner, _("The token’s user may not see this page, so it would see nothing.")),
        ):
            if not PagePermissionPolicy().explorable_instances(user).filter(pk=page.pk).exists():
                raise ValidationError(message, code="invisible")
        return page

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if "expiry" in cleaned and "expires_at" not in self.errors:
            try:
                cleaned["expires_at"] = self._expiry(cleaned)
            except ValidationError as error:
                self.add_error("expires_at", error)
        return cleaned

    def _expiry(self, cleaned: dict[str, Any]) -> datetime | None:
        choice: str = cleaned["expiry"]
        given: datetime | None = cleaned.get("expires_at")
        expires_at: datetime | None
        if choice == expiry.NEVER:
            expires_at = None
        elif choice == expiry.DATE:
            if given is None:
                raise ValidationError(_("Choose a date and a time."), code="required")
            expires_at = given
        else:
            expires_at = timezone.now() + timedelta(days=int(choice))
        before: datetime | None = self._expires_before
        # The form knows minutes only; what was not touched keeps its seconds.
        if self.instance.pk and expires_at in (before, before and _to_the_minute(before)):
            return before
        if expires_at and expires_at <= timezone.now():
            raise ValidationError(_("This time has passed. Choose a later one."), code="past")
        expiry.check(expires_at, self.instance.created_at)
        return expires_at

    def _for_create(self) -> None:
        del self.fields["is_active"]
        # Nothing is granted that nobody ticked.
        self.initial["allowed_tools"] = Grant(CHOSEN)
        self.initial["expiry"] = str(expiry.default_days())
        self.fields["expiry"].choices = expiry.choices()
        owners = token_owners(self.for_user).filter(is_active=True)
        widget = self.fields["allowed_tools"].widget
        widget.owner = self._chosen_owner(owners) or self.for_user
        if owners.exclude(pk=self.for_user.pk).exists():
            self._choose_user(owners, initial=self.for_user.pk)
            widget.reach_url = reverse("mcp_server_reach")
        else:
            del self.fields["user"]
            self.instance.user = self.for_user

    def _for_update(self) -> None:
        del self.fields["form_id"]
        tools = self.fields["allowed_tools"]
        tools.store(list(self.instance.allowed_tools))
        tools.widget.owner = self.instance.user
        before = self.instance.expires_at
        self.fields["expiry"].choices = expiry.choices(never=before is None)
        self.initial["expiry"] = expiry.DATE if before else expiry.NEVER
        self._choose_user(token_owners(self.for_user).filter(pk=self.instance.user_id))
        # Disabled fields ignore what is sent. A revocation is final, so a form that was opened
        # before it cannot undo it.
        self.fields["user"].disabled = True
        self.fields["is_active"].disabled = not self.instance.is_active

    def _chosen_owner(self, owners: Any) -> Any:
        """Whom a form that came back with errors names."""
        given = str(self.data.get("user", ""))
        return owners.filter(pk=given).first() if given.isdecimal() else None

    def _choose_user(self, owners: Any, initial: Any = None) -> None:
        field = self.fields["user"]
        field.queryset = owners
        field.empty_label = None
        field.label_from_instance = _user_label
        if initial is not None:
            self.initial["user"] = initial


def _to_the_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _user_label(user: Any) -> str:
    name, username = get_user_display_name(user), user.get_username()
    return name if name == username else f"{name} ({username})"
