"""The token: its secret, its digest, its checks, and the way from a secret to a user."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection
from django.utils import timezone

from mcp_server import digests
from mcp_server.groups import PAGES
from mcp_server.models import MCPToken, MCPTokenQuerySet
from mcp_server.registry import ToolGroup, ToolSpec, registry
from mcp_server.tokens import MCPAuthError, resolve_mcp_user

DAY = timedelta(days=1)


@pytest.fixture
def user(db: None) -> Any:
    return get_user_model().objects.create_user("ann", "ann@example.org")


def issue(user: Any, **fields: Any) -> tuple[MCPToken, str]:
    token = MCPToken.objects.create(user=user, name="A token", **fields)
    assert token.token is not None
    return token, token.token


def by_secret(secret: str) -> Any:
    # ``token`` is no column, which only the type checker minds.
    lookup: dict[str, Any] = {"token": secret}
    return MCPToken.objects.filter(**lookup)


def reason(secret: str) -> str:
    with pytest.raises(MCPAuthError) as caught:
        resolve_mcp_user(secret)
    return caught.value.reason


def test_a_secret_is_long_random_and_recognisable() -> None:
    made = {digests.generate() for _ in range(200)}
    assert len(made) == 200
    for secret in made:
        assert len(secret) >= 40
        assert secret.startswith("wagtail_mcp_")
        assert digests.is_well_formed(secret)


def test_the_secret_is_on_the_new_instance_only(user: Any) -> None:
    token, secret = issue(user)
    assert token.token == secret
    token.name = "Renamed"
    token.save()
    assert token.token == secret
    assert MCPToken.objects.get(pk=token.pk).token is None


def test_the_secret_finds_its_row_in_one_query(user: Any, django_assert_num_queries: Any) -> None:
    token, secret = issue(user)
    issue(user)
    lookup: dict[str, Any] = {"token": secret}
    with django_assert_num_queries(1):
        assert MCPToken.objects.get(**lookup) == token
    assert list(by_secret(secret)) == [token]
    assert not by_secret(digests.generate()).exists()


def test_the_database_holds_a_digest_only(user: Any) -> None:
    token, secret = issue(user)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {MCPToken._meta.db_table}")  # noqa: S608 - our own table
        row = " ".join(str(value) for value in cursor.fetchone())
    assert secret not in row
    assert secret[len(digests.PREFIX) : -digests.SHOWN] not in row
    assert token.key_hash in row
    assert len(token.key_hash) == 64


def test_the_mask_shows_the_last_characters_only(user: Any) -> None:
    token, secret = issue(user)
    masked = MCPToken.objects.get(pk=token.pk).get_masked_token()
    assert masked == f"wagtail_mcp_…{secret[-4:]}"
    assert str(token) == f"A token ({masked})"


def test_validity(user: Any) -> None:
    now = timezone.now()
    assert issue(user)[0].is_valid
    assert issue(user, expires_at=now + DAY)[0].is_valid
    assert not issue(user, expires_at=now - DAY)[0].is_valid
    assert not issue(user, expires_at=now)[0].is_valid
    assert not issue(user, is_active=False)[0].is_valid
    user.is_active = False
    assert not issue(user)[0].is_valid


def tool(group: ToolGroup) -> ToolSpec:
    return ToolSpec("look_around", group, "read", lambda actor: "")


def test_no_list_grants_every_tool(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._specs, "look_around", tool(PAGES))
    assert issue(user)[0].can_use_tool("look_around")


def test_a_list_grants_what_it_names(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._specs, "look_around", tool(PAGES))
    token, _secret = issue(user, allowed_tools=["find_page"])
    assert token.can_use_tool("find_page")
    for name in ("look_around", "Find_Page", "find_page ", "find", ""):
        assert not token.can_use_tool(name)


def test_some_tools_need_a_grant_by_name(user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ToolGroup("store", "Store", by_name_only=True)
    monkeypatch.setitem(registry._specs, "look_around", tool(store))
    assert not issue(user)[0].can_use_tool("look_around")
    assert issue(user, allowed_tools=["look_around"])[0].can_use_tool("look_around")


def test_an_unknown_tool_is_granted_to_nobody_without_a_name(user: Any) -> None:
    assert not issue(user)[0].can_use_tool("no_such_tool")


def test_use_is_recorded_once_per_interval(
    user: Any, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.MCP_SERVER = {"TOKEN_USED_INTERVAL": 60}
    token, _secret = issue(user)
    with django_assert_num_queries(1):
        token.record_usage()
        token.record_usage()
    first = MCPToken.objects.get(pk=token.pk).last_used_at
    assert first is not None
    token.last_used_at = first - timedelta(seconds=61)
    with django_assert_num_queries(1):
        token.record_usage()


def test_a_database_that_cannot_write_still_knows_its_tokens(
    user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, secret = issue(user)

    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(MCPTokenQuerySet, "update", fail)
    assert resolve_mcp_user(secret) == (user, token)
    token.refresh_from_db()
    assert token.last_used_at is None


def test_recording_use_does_not_undo_a_revocation(user: Any) -> None:
    token, _secret = issue(user)
    MCPToken.objects.filter(pk=token.pk).update(is_active=False)
    token.record_usage()
    assert MCPToken.objects.get(pk=token.pk).is_active is False


def test_a_secret_resolves_to_its_user(user: Any) -> None:
    token, secret = issue(user)
    assert resolve_mcp_user(secret) == (user, token)
    token.refresh_from_db()
    assert token.last_used_at is not None


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "wagtail_mcp_",
        "x" * 45,
        "wagtail_mcp_" + "0" * 33,
        "wagtail_mcp_" + "é" * 33,
        "Bearer " + digests.generate(),
        digests.generate() + "0",
        digests.generate()[:-1],
        digests.generate().upper(),
        digests.generate()[:-1] + "\0",
    ],
)
@pytest.mark.django_db
def test_a_malformed_secret_costs_no_query(secret: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert reason(secret) == "malformed"


def test_one_wrong_character_is_malformed(user: Any) -> None:
    _token, secret = issue(user)
    for place in range(len(digests.PREFIX), len(secret)):
        other = "a" if secret[place] != "a" else "b"
        assert not digests.is_well_formed(secret[:place] + other + secret[place + 1 :])


def test_the_reasons_come_in_order(user: Any) -> None:
    """unknown → revoked → expired → user inactive; a refused use is not recorded."""
    token, secret = issue(user)
    everything = {"is_active": False, "expires_at": timezone.now() - DAY}
    MCPToken.objects.filter(pk=token.pk).update(**everything)
    user.is_active = False
    user.save()
    assert reason(digests.generate()) == "unknown"
    assert reason(secret) == "revoked"
    MCPToken.objects.filter(pk=token.pk).update(is_active=True)
    assert reason(secret) == "expired"
    MCPToken.objects.filter(pk=token.pk).update(expires_at=None)
    assert reason(secret) == "user_inactive"
    token.refresh_from_db()
    assert token.last_used_at is None
    user.is_active = True
    user.save()
    assert resolve_mcp_user(secret)[0] == user


def test_a_deleted_user_takes_the_tokens_along(user: Any) -> None:
    _token, secret = issue(user)
    user.delete()
    assert reason(secret) == "unknown"


def test_tokens_outlive_a_change_of_the_secret_key(user: Any, settings: Any) -> None:
    token, secret = issue(user)
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a-new-key", [old]
    resolve_mcp_user(secret)
    healed = MCPToken.objects.get(pk=token.pk).key_hash
    assert healed == digests.digest(secret)
    assert healed != token.key_hash
    settings.SECRET_KEY_FALLBACKS = []
    assert resolve_mcp_user(secret)[1] == token


def test_without_the_former_key_a_token_is_unknown(user: Any, settings: Any) -> None:
    _token, secret = issue(user)
    settings.SECRET_KEY = "a-new-key"
    assert reason(secret) == "unknown"


def test_a_key_of_its_own_takes_the_place_of_the_secret_key(user: Any, settings: Any) -> None:
    settings.MCP_SERVER = {"TOKEN_KEY": "tokens"}
    _token, secret = issue(user)
    settings.SECRET_KEY = "a-new-key"
    assert resolve_mcp_user(secret)[0] == user
    settings.MCP_SERVER = {"TOKEN_KEY": "newer", "TOKEN_KEY_FALLBACKS": ["tokens"]}
    assert resolve_mcp_user(secret)[0] == user


def test_the_reason_is_all_that_an_error_says(user: Any) -> None:
    _token, secret = issue(user, is_active=False)
    with pytest.raises(MCPAuthError) as caught:
        resolve_mcp_user(secret)
    assert str(caught.value) == "revoked"
