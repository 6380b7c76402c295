"""How long a token may last."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from mcp_server.models import MCPToken

from .conftest import People, make, posted, url
from .test_form import form_for

CAPPED = {"TOKEN_MAX_DAYS": 30}


def days_left(expires_at: datetime | None) -> int | None:
    return None if expires_at is None else round((expires_at - timezone.now()) / timedelta(days=1))


def offered(form: Any) -> list[str]:
    return [value for value, _label in form.fields["expiry"].choices]


def test_ninety_days_are_proposed(people: People) -> None:
    form = form_for(people.issuer)
    assert form["expiry"].value() == "90"
    assert {"7", "30", "90", "365", "date", "never"} <= set(offered(form))


@pytest.mark.parametrize(("choice", "days"), [("7", 7), ("365", 365), ("never", None)])
def test_a_span_is_counted_from_now(people: People, choice: str, days: int | None) -> None:
    people.client("issuer").post(url("add"), posted(expiry=choice))
    assert days_left(MCPToken.objects.get().expires_at) == days


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({"expiry": "date"}, "Choose a date and a time."),
        ({"expiry": ""}, "This field is required."),
        ({"expiry": "9999"}, "Select a valid choice"),
    ],
)
def test_an_expiry_is_an_explicit_choice(people: People, sent: dict[str, str], error: str) -> None:
    form = form_for(people.issuer, posted(**sent))
    assert not form.is_valid()
    assert error in str(form.errors)


def test_a_setting_caps_what_is_offered(people: People, settings: Any) -> None:
    settings.MCP_SERVER = CAPPED
    form = form_for(people.issuer)
    assert form["expiry"].value() == "30"
    assert offered(form) == ["1", "7", "30", "date"]


@pytest.mark.parametrize("days", [31, 4000])
def test_the_cap_holds_for_crafted_posts(people: People, settings: Any, days: int) -> None:
    settings.MCP_SERVER = CAPPED
    far = timezone.localtime() + timedelta(days=days)
    for sent in ({"expiry": "never"}, {"expiry": "90"}):
        people.client("issuer").post(url("add"), posted(**sent))
    date = posted(expiry="date", expires_at=f"{far:%Y-%m-%d %H:%M}")
    response = people.client("issuer").post(url("add"), date)
    assert "A token of this site lasts until" in response.content.decode()
    assert not MCPToken.objects.exists()


def test_an_older_token_without_expiry_can_be_renamed_but_not_prolonged(
    people: People, settings: Any
) -> None:
    token = make(people.issuer)
    settings.MCP_SERVER = CAPPED
    assert form_for(people.issuer, posted(name="Renamed", is_active="on"), token).is_valid()
    far = timezone.localtime() + timedelta(days=60)
    sent = posted(is_active="on", expiry="date", expires_at=f"{far:%Y-%m-%d %H:%M}")
    assert not form_for(people.issuer, sent, token).is_valid()


def test_the_cap_holds_for_the_command(people: People, settings: Any) -> None:
    settings.MCP_SERVER = CAPPED
    with pytest.raises(CommandError, match="30 at most"):
        call_command("create_mcp_token", "--user=issuer", "--name=x", "--expires-days=31")
    call_command("create_mcp_token", "--user=issuer", "--name=x")
    assert days_left(MCPToken.objects.get().expires_at) == 30
