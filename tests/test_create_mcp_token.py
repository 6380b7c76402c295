"""``manage.py create_mcp_token``."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import timezone
from wagtail.log_actions import registry as log_registry

from mcp_server.models import MCPToken
from mcp_server.registry import registry
from mcp_server.tokens import resolve_mcp_user


@pytest.fixture
def ann(db: None) -> Any:
    return get_user_model().objects.create_user("ann", "ann@example.org")


def create(**options: Any) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    given = {"user": "ann", "name": "Claude", **options}
    call_command("create_mcp_token", stdout=out, stderr=err, **given)
    return out.getvalue(), err.getvalue()


def refusal(**options: Any) -> str:
    with pytest.raises(CommandError) as caught:
        create(**options)
    assert not MCPToken.objects.exists()
    return str(caught.value)


def test_standard_output_is_the_secret_alone(ann: Any, settings: Any) -> None:
    settings.MCP_SERVER = {"BASE_URL": "https://www.example.org"}
    out, err = create()
    secret = out.removesuffix("\n")
    token = resolve_mcp_user(secret)[1]
    assert (token.user, token.name) == (ann, "Claude")
    assert (token.allowed_tools, token.expires_at) == ([], None)
    assert secret not in err
    assert "https://www.example.org/mcp/" in err
    assert 'Authorization: Bearer $MCP_TOKEN"' in err
    assert "mcpServers" in err


def test_it_is_logged(ann: Any) -> None:
    create()
    (entry,) = log_registry.get_logs_for_instance(MCPToken.objects.get())
    assert (entry.action, entry.data) == ("wagtail.create", {"source": "management_command"})


@pytest.mark.parametrize("given", ["ann", "ann@example.org", "ANN@example.org"])
def test_the_user_by_name_or_address(ann: Any, given: str) -> None:
    create(user=given)
    assert MCPToken.objects.get().user == ann


def test_tools_and_days(ann: Any) -> None:
    one, two = [spec.name for spec in registry][:2]
    create(tools=f"{one}, {two},{one}", expires_days=30)
    token = MCPToken.objects.get()
    assert token.allowed_tools == [one, two]
    assert token.expires_at is not None
    assert abs(token.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"user": "bob"}, "No user has the name or e-mail address bob."),
        ({"name": " "}, "--name needs 1 to 100 characters."),
        ({"name": "x" * 101}, "--name needs 1 to 100 characters."),
        ({"tools": "find_pages"}, "There is no tool find_pages. Did you mean find_page?"),
        ({"tools": "zzz"}, "There is no tool zzz. manage.py mcp_tools lists them."),
        ({"tools": " , "}, "--tools names no tool. Leave it out for every tool."),
        ({"expires_days": 0}, "--expires-days must be 1 or more."),
        ({"expires_days": -3}, "--expires-days must be 1 or more."),
        (
            {"expires_days": 10**9},
            "--expires-days is too far away. Leave it out for no expiry.",
        ),
    ],
)
def test_refusals(ann: Any, options: dict[str, Any], sentence: str) -> None:
    assert refusal(**options) == sentence


def test_days_must_be_a_number(ann: Any) -> None:
    with pytest.raises(CommandError, match="--expires-days"):
        call_command(
            "create_mcp_token", "--user", "ann", "--name", "Claude", "--expires-days", "soon"
        )


def test_an_address_of_two_users_is_refused(ann: Any) -> None:
    get_user_model().objects.create_user("ann2", "Ann@example.org")
    assert "More than one user has the e-mail address" in refusal(user="ann@example.org")


def test_a_name_goes_before_somebody_elses_address(ann: Any) -> None:
    named = get_user_model().objects.create_user("ann@example.org", "other@example.org")
    create(user="ann@example.org")
    assert MCPToken.objects.get().user == named


def test_an_inactive_user_is_refused(ann: Any) -> None:
    ann.is_active = False
    ann.save()
    assert refusal() == "The user ann is inactive, so a token could not be used."
