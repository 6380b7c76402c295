"""What a user may do is asked at each call: nothing of it is kept from the call before."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from tests.world import World

from .conftest import MakeToken
from .protocol import call, text_of

pytestmark = pytest.mark.django_db


def test_a_section_taken_away_is_gone_at_the_next_call(world: World, make_token: MakeToken) -> None:
    secret = str(make_token().token)
    read = _read(secret, world)
    write = {
        "page_id": world.second.pk,
        "base_revision_id": read["structuredContent"]["revision_id"],
        "fields": {"intro": "Written after the right to was gone."},
    }
    world.editor.groups.clear()
    refusals = [text_of(answer) for answer in (_read(secret, world), _write(secret, write))]
    assert len(set(refusals)) == 1
    assert refusals[0].startswith(f"No page {world.second.pk} here")
    world.second.refresh_from_db()
    assert world.second.get_latest_revision().content["intro"] == ""


def test_a_superuser_no_more(world: World, make_token: MakeToken) -> None:
    secret = str(make_token("admin").token)
    assert not _read(secret, world).get("isError")
    get_user_model().objects.filter(pk=world.admin.pk).update(is_superuser=False)
    assert text_of(_read(secret, world)).startswith(f"No page {world.second.pk} here")


def _read(secret: str, world: World) -> dict[str, Any]:
    return call(secret, "get_page_content", page_id=world.second.pk)


def _write(secret: str, given: dict[str, Any]) -> dict[str, Any]:
    return call(secret, "update_page", **given)
