"""Issuing a token or a new secret for one: the one time that a secret is shown."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.views import generic
from wagtail.log_actions import log
from wagtail.snippets.views import snippets

from mcp_server.clients import ClientConfig
from mcp_server.conf import mcp_url, site_url
from mcp_server.models import MCPToken

from .access import OneTokenMixin, RefusedPostMixin
from .expiry import Choice
from .form_ids import FormIdField, SentOnceMixin, remember, was_used
from .policy import ISSUING, token_owners

OVERLAP_HOURS = (1, 4, 24, 72)


class SecretOnceMixin(RefusedPostMixin):
    """Answers a form with the secret in place of a redirect, and each form only once."""

    def refuse_repetition(self, address: str) -> HttpResponse:
        messages.warning(
            self.request, _("This form was sent before. The secret cannot be shown again.")
        )
        return redirect(address)

    def reveal(self, token: MCPToken, title: str, context: dict[str, Any]) -> HttpResponse:
        """The only response that ever holds the secret; a redirect would have to store it.

        Wagtail sends every page of its admin with ``Cache-Control: no-store``.
        """
        secret = token.token
        if secret is None:
            raise ValueError("The secret of a stored token is not known.")
        address = mcp_url() if site_url() else self.request.build_absolute_uri("/mcp/")
        shown = {
            "page_title": title,
            "page_subtitle": "",
            "header_title": title,
            "breadcrumbs_items": [],
            "token": token,
            "address": address,
            "clients": ClientConfig(address, secret).snippets(),
        }
        return TemplateResponse(self.request, "mcp_server/tokens/created.html", context | shown)


class CreateView(SecretOnceMixin, snippets.CreateView):
    """Wagtail's form, answered with the secret."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self._check_owner(request)
        if was_used(request):
            return self.refuse_repetition(self.get_success_url())
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def save_action(self) -> HttpResponse:
        remember(self.request, self.form.cleaned_data["form_id"])
        context = self.get_context_data() | {"index_url": reverse(self.index_url_name)}
        return self.reveal(self.object, _("MCP token created"), context)

    def _check_owner(self, request: HttpRequest) -> None:
        # Also where the form has no such field, because there is nobody to choose from.
        owner = request.POST.get("user")
        if not owner:
            return
        try:
            ModelChoiceField(token_owners(request.user)).clean(owner)
        except ValidationError as error:
            raise PermissionDenied from error


def _overlaps() -> list[Choice]:
    return [
        ("0", gettext_lazy("It stops now")),
        *(
            (
                str(hours),
                ngettext("%(hours)d hour more", "%(hours)d hours more", hours) % {"hours": hours},
            )
            for hours in OVERLAP_HOURS
        ),
    ]


class RotateForm(SentOnceMixin, forms.Form):
    """How long the old secret goes on working."""

    overlap = forms.ChoiceField(
        label=gettext_lazy("The old secret works for"),
        choices=_overlaps,
        help_text=gettext_lazy("Time to give the new secret to the clients that use the old one."),
    )
    form_id = FormIdField()


class RotateView(SecretOnceMixin, OneTokenMixin, generic.DeleteView):
    """A new secret for the same token: its limits, its name and its history stay.

    Built on Wagtail's confirmation screen, as revoking is.
    """

    page_title = gettext_lazy("New secret")
    template_name = "mcp_server/tokens/rotate.html"
    form_class = RotateForm
    permission_required = None
    any_permission_required = ISSUING
    usage_url_name = None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.object.is_valid:
            return self._refuse(_("Only a token that works can get a new secret."))
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if was_used(request):
            return self.refuse_repetition(self.get_success_url())
        if not self.object.is_valid:
            return self._refuse(_("Only a token that works can get a new secret."))
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        hours = int(form.cleaned_data["overlap"])
        with transaction.atomic():
            # The lock makes a revocation in flight win.
            token = MCPToken.objects.select_for_update().get(pk=self.object.pk)
            if not token.is_valid:
                return self._refuse(_("Only a token that works can get a new secret."))
            token.rotate(timedelta(hours=hours))
            log(token, "mcp_server.rotate", user=self.request.user, data={"hours": hours})
        remember(self.request, form.cleaned_data["form_id"])
        context = self.get_context_data() | {"index_url": self.get_success_url(), "rotated": True}
        return self.reveal(token, _("New secret for the MCP token"), context)

    def _refuse(self, sentence: str) -> HttpResponse:
        messages.error(self.request, sentence)
        return redirect(self.get_success_url())
