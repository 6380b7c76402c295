"""How a token is found by its secret, and what becomes of it when its page goes."""

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.utils import timezone

from mcp_server import digests
from mcp_server.prepared import Param, prepared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .tokens import MCPToken


class MCPTokenQuerySet(models.QuerySet["MCPToken"]):
    """Looks tokens up by their secret, which is stored as a digest only."""

    def get(self, *args: Any, **kwargs: Any) -> "MCPToken":
        return super().get(*args, *_by_digest(kwargs), **kwargs)

    def filter(self, *args: Any, **kwargs: Any) -> Self:
        return super().filter(*args, *_by_digest(kwargs), **kwargs)

    def with_user(self) -> Self:
        """With the user and what every call asks of them, in the same query.

        Not with the root page, which few tokens have: its columns would double the query.
        """
        # The profile knows the language that the user reads.
        profile = apps.is_installed("wagtail.users")
        return self.select_related("user__wagtail_userprofile" if profile else "user")


def _by_digest(lookups: dict[str, Any]) -> list[models.Q]:
    """Takes ``token`` out of the lookups: its digest now, or until the end of an overlap."""
    if "token" not in lookups:
        return []
    return [_opened_by(digests.candidates(lookups.pop("token")), timezone.now())]


def _opened_by(wanted: Any, now: Any) -> models.Q:
    """Tokens with one of these digests, in values or in ``Param`` objects."""
    former = models.Q(previous_key_hash__in=wanted, previous_valid_until__gt=now)
    return models.Q(key_hash__in=wanted) | former


def token_by_digests(wanted: "Sequence[str]") -> "MCPToken | None":
    """The token that one of these digests opens, with its user; whether it is in force is not
    asked."""
    statement = _by_digests(len(wanted))
    found: MCPToken | None = statement.first(digests=wanted, now=timezone.now())
    return found


def token_by_key(key: int) -> "MCPToken | None":
    """The token with this primary key as it is now, with its user."""
    found: MCPToken | None = _by_key().first(key=key)
    return found


@prepared
def _by_digests(count: int) -> Any:
    now = Param("now", field=models.DateTimeField())
    return _tokens().filter(_opened_by(Param.each("digests", count), now))


@prepared
def _by_key() -> Any:
    return _tokens().filter(pk=Param("key"))


def _tokens() -> Any:
    return apps.get_model("mcp_server", "MCPToken").objects.with_user()


def revoke_and_unset(collector: Any, field: Any, tokens: Any, using: str) -> None:
    """``on_delete`` of the root page: without its limit a token would see the whole site."""
    collector.add_field_update(field, None, tokens)
    values = {"is_active": False, "revoked_at": timezone.now()}
    for name, value in values.items():
        collector.add_field_update(field.model._meta.get_field(name), value, tokens)
