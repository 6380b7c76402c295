"""A new secret for a token, with or without an overlap."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from mcp_server import digests
from mcp_server.models import MCPToken
from mcp_server.tokens import MCPAuthError, resolve_mcp_user

from .conftest import People, make, posted, url
from .test_permissions import ACTORS, MAY_ISSUE
from .test_screens import actions, secrets_in


def issue(user: Any, **fields: Any) -> tuple[MCPToken, str]:
    token = MCPToken.objects.create(user=user, name="Claude", **fields)
    return MCPToken.objects.get(pk=token.pk), token.token or ""


def sent(overlap: str) -> dict[str, Any]:
    return {"overlap": overlap, "form_id": uuid4()}


def works(secret: str) -> bool:
    try:
        return bool(resolve_mcp_user(secret))
    except MCPAuthError:
        return False


def test_the_new_secret_works_and_the_old_one_does_not(people: People) -> None:
    token, old = issue(people.issuer, allowed_tools=["list_sites"])
    response = people.client("issuer").post(url("rotate", token.pk), sent("0"))
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    (new,) = secrets_in(response)
    assert (works(old), works(new)) == (False, True)
    again = resolve_mcp_user(new)[1]
    assert (again.pk, again.allowed_tools) == (token.pk, ["list_sites"])
    assert actions(token) == ["mcp_server.rotate"]


def test_during_the_overlap_both_work(people: People) -> None:
    token, old = issue(people.issuer)
    response = people.client("issuer").post(url("rotate", token.pk), sent("4"))
    (new,) = secrets_in(response)
    assert works(old)
    assert works(new)
    MCPToken.objects.update(previous_valid_until=timezone.now())
    assert (works(old), works(new)) == (False, True)


def test_only_the_last_two_secrets_work(people: People) -> None:
    token, first = issue(people.issuer)
    token.rotate(timedelta(hours=1))
    second = token.token or ""
    token.rotate(timedelta(hours=1))
    assert (works(first), works(second), works(token.token or "")) == (False, True, True)


def test_a_revocation_ends_the_overlap(people: People) -> None:
    token, old = issue(people.issuer)
    token.rotate(timedelta(hours=1))
    people.client("issuer").post(url("revoke", token.pk))
    assert not works(old)
    assert not works(token.token or "")


def test_the_old_secret_does_not_replace_the_new_digest(people: People, settings: Any) -> None:
    token, old = issue(people.issuer)
    token.rotate(timedelta(hours=1))
    new = token.token or ""
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of the tests"
    assert works(old)
    assert works(new)
    stored = MCPToken.objects.get(pk=token.pk)
    assert stored.key_hash == digests.digest(new)
    assert stored.previous_key_hash == digests.digest(old)


@pytest.mark.parametrize("overlap", ["", "-1", "9999", "x"])
def test_other_overlaps_are_refused(people: People, overlap: str) -> None:
    token, old = issue(people.issuer)
    response = people.client("issuer").post(url("rotate", token.pk), sent(overlap))
    assert secrets_in(response) == set()
    assert works(old)


@pytest.mark.parametrize("fields", [{"is_active": False}, {"expires_at": timezone.now()}])
def test_a_token_that_does_not_work_gets_no_new_secret(
    people: People, fields: dict[str, Any]
) -> None:
    token = make(people.issuer, **fields)
    client = people.client("issuer")
    for response in (
        client.get(url("rotate", token.pk)),
        client.post(url("rotate", token.pk), sent("0")),
    ):
        assert response.status_code == 302
    assert MCPToken.objects.get(pk=token.pk).key_hash == token.key_hash


def test_sending_the_form_again_makes_no_second_secret(people: People) -> None:
    token, _old = issue(people.issuer)
    client = people.client("issuer")
    html = client.get(url("rotate", token.pk)).content.decode()
    form_id = re.findall(r'name="form_id" value="([^"]+)"', html)[0]
    data = {"overlap": "0", "form_id": form_id}
    (new,) = secrets_in(client.post(url("rotate", token.pk), data))
    for spelt in (form_id, form_id.upper(), form_id.replace("-", "")):
        again = client.post(url("rotate", token.pk), data | {"form_id": spelt})
        assert again.status_code == 302
    assert works(new)


@pytest.mark.parametrize("form_id", [None, "", "x", "../"])
def test_without_an_id_the_form_makes_no_secret(people: People, form_id: str | None) -> None:
    token, old = issue(people.issuer)
    client = people.client("issuer")
    data = {"overlap": "4"} | ({} if form_id is None else {"form_id": form_id})
    response = client.post(url("rotate", token.pk), data)
    html = response.content.decode()
    assert "did not come in whole" in html
    assert works(old)
    (fresh,) = re.findall(r'name="form_id" value="([^"]+)"', html)
    (new,) = secrets_in(client.post(url("rotate", token.pk), data | {"form_id": fresh}))
    assert works(new)


@pytest.mark.parametrize("target", ACTORS)
@pytest.mark.parametrize("actor", ACTORS)
def test_who_may(people: People, actor: str, target: str) -> None:
    token = make(getattr(people, target))
    response = people.client(actor).post(url("rotate", token.pk), sent("0"))
    if target in MAY_ISSUE[actor]:
        assert len(secrets_in(response)) == 1
    else:
        assert response.status_code == 404
        assert MCPToken.objects.get(pk=token.pk).key_hash == token.key_hash


def test_an_edit_form_opened_before_keeps_the_new_secret(people: People) -> None:
    token, _old = issue(people.other)
    client = people.client("other")
    client.post(url("rotate", token.pk), sent("1"))
    rotated = MCPToken.objects.get(pk=token.pk)
    client.post(url("edit", token.pk), posted(name="Renamed", is_active="on"))
    after = MCPToken.objects.get(pk=token.pk)
    assert (after.name, after.key_hash) == ("Renamed", rotated.key_hash)
    assert after.previous_key_hash == rotated.previous_key_hash
