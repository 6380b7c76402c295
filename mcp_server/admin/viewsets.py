"""The tokens in Wagtail's admin."""

from typing import Any

from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail.snippets.views.snippets import SnippetViewSet

from mcp_server.models import MCPToken

from . import issuing, listing, views
from .forms import MCPTokenForm
from .panels import ActivityPanel
from .policy import ANY, policy


class MCPTokenViewSet(SnippetViewSet):
    """Issue, change, revoke and delete tokens. Below “Settings”, beside Wagtail's API tokens."""

    model = MCPToken
    icon = "key"
    menu_label = _("MCP tokens")
    menu_name = "mcp-tokens"
    menu_order = 603
    add_to_settings_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    index_view_class = views.IndexView
    add_view_class = issuing.CreateView
    edit_view_class = views.EditView
    delete_view_class = views.DeleteView
    inspect_view_class = views.TokenView
    history_view_class = views.HistoryView
    usage_view_class = views.UsageView
    create_template_name = "mcp_server/tokens/create.html"
    edit_template_name = "mcp_server/tokens/edit.html"
    filterset_class = listing.TokenFilterSet
    ordering = "-created_at"
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            FieldPanel("user", icon="user"),
            FieldPanel("allowed_tools", icon="tasks"),
            MultiFieldPanel(
                [
                    FieldPanel("expiry"),
                    FieldPanel(
                        "expires_at",
                        heading=_("Date and time"),
                        help_text=" ",
                        attrs={
                            "data-w-rules-target": "show",
                            "data-w-rules": '{"expiry": "date"}',
                        },
                    ),
                ],
                heading=_("Expiry"),
                icon="date",
                attrs={"data-controller": "w-rules", "data-action": "change->w-rules#resolve"},
            ),
            MultiFieldPanel(
                [FieldPanel("root_page"), FieldPanel("note")],
                heading=_("Optional"),
                icon="cogs",
                classname="collapsed",
            ),
            FieldPanel("is_active", help_text=_("Untick to revoke the token. That is final.")),
            ActivityPanel(heading=_("Activity"), icon="history"),
        ],
        base_form_class=MCPTokenForm,
    )

    @property
    def list_display(self) -> list[Any]:
        return listing.columns()

    @property
    def search_fields(self) -> list[str]:
        return listing.search_fields()

    @property
    def revoke_view(self) -> Any:
        return self.construct_view(
            views.RevokeView, template_name=views.RevokeView.template_name, usage_url_name=None
        )

    @property
    def rotate_view(self) -> Any:
        return self.construct_view(
            issuing.RotateView, template_name=issuing.RotateView.template_name, usage_url_name=None
        )

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        own = {
            "revoke_url_name": self.get_url_name("revoke"),
            "rotate_url_name": self.get_url_name("rotate"),
            **kwargs,
        }
        common: dict[str, Any] = super().get_common_view_kwargs(**own)
        return common

    def get_queryset(self, request: Any) -> Any:
        manageable = policy.instances_user_has_any_permission_for(request.user, ANY)
        return manageable.select_related("user", "user__wagtail_userprofile")

    def get_urlpatterns(self) -> list[Any]:
        own = [
            path("revoke/<int:pk>/", self.revoke_view, name="revoke"),
            path("rotate/<int:pk>/", self.rotate_view, name="rotate"),
        ]
        return [*super().get_urlpatterns(), *own]

    def register_chooser_viewset(self) -> None:
        """None: nothing refers to a token, and Wagtail's chooser would list everybody's."""
