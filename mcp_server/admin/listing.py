"""Columns, filters and search of the token list."""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

import django_filters
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.forms import CheckboxSelectMultiple
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import MultipleUserFilter, WagtailFilterSet
from wagtail.admin.ui.tables import (
    BaseColumn,
    Column,
    DateColumn,
    StatusTagColumn,
    TitleColumn,
    UserColumn,
)

from mcp_server.models import MCPToken

from .policy import token_owners
from .status import TokenMark, TokenStatus


class TokenFilterSet(WagtailFilterSet):
    user = MultipleUserFilter(
        label=_("User"),
        queryset=lambda request: token_owners(request.user).filter(
            pk__in=MCPToken.objects.values("user")
        ),
        widget=CheckboxSelectMultiple,
    )
    status = django_filters.MultipleChoiceFilter(
        label=_("Status"),
        choices=TokenStatus.choices,
        method="filter_status",
        widget=CheckboxSelectMultiple,
    )

    mark = django_filters.MultipleChoiceFilter(
        label=_("Look at"),
        choices=TokenMark.choices,
        method="filter_mark",
        widget=CheckboxSelectMultiple,
    )

    class Meta:
        model = MCPToken
        fields: list[str] = []

    def filter_status(
        self, queryset: "QuerySet[MCPToken]", name: str, values: list[str]
    ) -> "QuerySet[MCPToken]":
        return queryset.filter(_any(TokenStatus(value).condition() for value in values))

    def filter_mark(
        self, queryset: "QuerySet[MCPToken]", name: str, values: list[str]
    ) -> "QuerySet[MCPToken]":
        return queryset.filter(_any(TokenMark(value).condition() for value in values))


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, Q())


class TokenTitleColumn(TitleColumn):
    """The name, and below it the masked secret: one column less on a narrow screen."""

    cell_template_name = "mcp_server/tokens/title_cell.html"


class StatusColumn(StatusTagColumn):
    """The state, and below it what somebody should look at."""

    cell_template_name = "mcp_server/tokens/status_cell.html"

    def get_cell_context_data(self, instance: MCPToken, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        return context | {"marks": [mark.label for mark in TokenMark.of(instance)]}


class LastUsedColumn(DateColumn):
    """A date that a token may not have yet."""

    cell_template_name = "mcp_server/tokens/last_used_cell.html"


def columns() -> list[str | BaseColumn]:
    """The name, shown by TokenTitleColumn, and what tells the token's state at a glance."""
    return [
        "name",
        UserColumn("user", label=_("User"), sort_key=f"user__{_username_field()}"),
        StatusColumn("status", label=_("Status"), accessor=_status, primary=_is_active),
        LastUsedColumn("last_used_at", label=_("Last used"), sort_key="last_used_at"),
        Column("expires_at", label=_("Expires"), accessor=_expiry, sort_key="expires_at"),
    ]


def search_fields() -> list[str]:
    """The token's name and whatever the site's user model knows a user by."""
    user_model: Any = get_user_model()
    wanted = [
        user_model.USERNAME_FIELD,
        user_model.get_email_field_name(),
        "first_name",
        "last_name",
    ]
    existing = {field.name for field in user_model._meta.get_fields()}
    return ["name", *(f"user__{name}" for name in dict.fromkeys(wanted) if name in existing)]


def _username_field() -> str:
    return str(get_user_model().USERNAME_FIELD)


def _status(token: MCPToken) -> str:
    return str(TokenStatus.of(token).label)


def _is_active(token: MCPToken) -> bool:
    return TokenStatus.of(token) is TokenStatus.ACTIVE


def _expiry(token: MCPToken) -> str:
    if token.expires_at is None:
        return str(_("Never"))
    return date_format(timezone.localtime(token.expires_at), "SHORT_DATETIME_FORMAT")
