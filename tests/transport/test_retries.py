"""A creating call that is sent again happens once."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from wagtail.images import get_image_model
from wagtail.models import Comment

from blog.models import BlogPage
from mcp_server.actor import Actor
from mcp_server.errors import Refused
from mcp_server.models import MCPReceipt
from mcp_server.registry import registry
from mcp_server.transport.arguments import Arguments
from mcp_server.transport.call import call
from mcp_server.transport.server import INSTRUCTIONS
from media_tools import uploads
from tests.world import World, png


def _call(actor: Actor, name: str, **given: Any) -> Any:
    spec = registry.get(name)
    assert spec is not None
    return call(actor, spec, Arguments(spec), given, {})


def _post(world: World, actor: Actor, title: str = "Post", **more: Any) -> Any:
    given = {"parent_id": world.blog.pk, "title": title, "body": "Text.", **more}
    return _call(actor, "create_blog_post", **given)


def test_an_identical_create_returns_the_page_that_the_first_one_made(world: World) -> None:
    actor = world.actor("editor")
    first, second = _post(world, actor), _post(world, actor)
    assert second.structured_content == {**first.structured_content, "replayed": True}
    assert BlogPage.objects.filter(title="Post").count() == 1


def test_other_arguments_another_token_and_later_make_another_page(world: World) -> None:
    actor = world.actor("editor")
    ids = {_post(world, actor).structured_content["id"]}
    ids.add(_post(world, actor, intro="other").structured_content["id"])
    ids.add(_post(world, world.actor("editor")).structured_content["id"])
    MCPReceipt.objects.update(at=timezone.now() - timedelta(minutes=11))
    ids.add(_post(world, actor).structured_content["id"])
    assert len(ids) == 4


def test_a_call_without_a_key_repeats_one_with_a_key_for_ten_minutes(world: World) -> None:
    actor = world.actor("editor")
    first = _post(world, actor, idempotency_key="k1").structured_content["id"]
    assert _post(world, actor).structured_content["id"] == first
    MCPReceipt.objects.update(at=timezone.now() - timedelta(minutes=11))
    assert _post(world, actor).structured_content["id"] != first


def test_a_key_holds_for_a_day_and_for_one_call_only(world: World) -> None:
    actor = world.actor("editor")
    first = _post(world, actor, idempotency_key="k1")
    MCPReceipt.objects.update(at=timezone.now() - timedelta(hours=5))
    again = _post(world, actor, idempotency_key="k1")
    assert again.structured_content["id"] == first.structured_content["id"]
    assert again.structured_content["replayed"] is True
    other = _post(world, actor, title="Other", idempotency_key="k1")
    assert other.is_error
    assert "was used for another call" in other.content[0].text
    assert not BlogPage.objects.filter(title="Other").exists()


def test_a_page_that_is_gone_is_made_anew(world: World) -> None:
    actor = world.actor("editor")
    first = _post(world, actor, idempotency_key="k1")
    BlogPage.objects.get(pk=first.structured_content["id"]).delete()
    again = _post(world, actor, idempotency_key="k1")
    assert "replayed" not in again.structured_content
    assert BlogPage.objects.filter(title="Post").count() == 1


def test_a_refused_create_is_not_remembered(world: World) -> None:
    actor = world.actor("editor")
    assert _post(world, actor, idempotency_key="k1", date="never").is_error
    assert not MCPReceipt.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "create_page",
        "create_flex_page",
        "create_event",
        "create_blog_post",
        "copy_page",
        "upload_image",
        "upload_document",
    ],
)
def test_creating_tools_take_a_key(name: str) -> None:
    spec = registry.get(name)
    assert spec is not None
    assert "idempotency_key" in spec.parameters
    # Said once in the server's instructions, not in each schema.
    assert "idempotency_key" not in Arguments(spec).schema()["properties"]
    assert "idempotency_key" in INSTRUCTIONS


def test_an_upload_that_is_sent_again_happens_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = world.actor("moderator")
    given = {"title": "Leaf", "data": base64.b64encode(png(30, 30)).decode()}
    first = _call(actor, "upload_image", **given).structured_content
    # The file may be gone from where it was; the answer does not need it any more.
    monkeypatch.setattr(uploads, "received", _unreachable)
    again = _call(actor, "upload_image", **given).structured_content
    assert again == {**first, "replayed": True}
    assert get_image_model().objects.filter(title="Leaf").count() == 1


def _unreachable(*_: Any) -> Any:
    raise Refused("The address does not answer.")


@pytest.mark.parametrize("key", ["k\ud800", "k\x00", "\u200bk"])
def test_a_key_is_kept_without_what_cannot_be_stored(world: World, key: str) -> None:
    actor = world.actor("editor")
    first = _post(world, actor, idempotency_key=key).structured_content["id"]
    again = _post(world, actor, idempotency_key=key).structured_content
    assert (again["id"], again["replayed"]) == (first, True)


def test_texts_in_lists_are_cleaned_like_others(world: World) -> None:
    # Without a file it is an address to upload to, which keeps the arguments.
    given = {"title": "Leaf", "tags": ["a\ud800", "b\x00c"]}
    answer = _call(world.actor("moderator"), "upload_image", **given)
    assert not answer.is_error, answer.content


def test_an_upload_s_key_holds_for_its_arguments_only(world: World) -> None:
    actor = world.actor("moderator")
    data = base64.b64encode(png(30, 30)).decode()
    _call(actor, "upload_image", title="Leaf", data=data, idempotency_key="k1")
    other = _call(actor, "upload_image", title="Root", data=data, idempotency_key="k1")
    assert "was used for another call" in other.content[0].text


def test_without_the_key_it_is_the_same_call_still(world: World) -> None:
    actor = world.actor("editor")
    given = {"page_id": world.first.pk}
    first = _call(actor, "copy_page", **given, idempotency_key="k1").structured_content
    assert _call(actor, "copy_page", **given).structured_content == {**first, "replayed": True}
    # A new key asks for a second one.
    other = _call(actor, "copy_page", **given, idempotency_key="k2").structured_content
    assert other["id"] != first["id"]


def test_upload_addresses_are_secrets_and_not_kept(world: World) -> None:
    actor = world.actor("moderator")
    answers = [
        _call(actor, "upload_image", title="Leaf", idempotency_key="k1").structured_content
        for _ in range(2)
    ]
    assert len({answer["upload_url"] for answer in answers}) == 2
    assert not MCPReceipt.objects.exists()


def test_a_copy_that_is_sent_again_is_one_copy(world: World) -> None:
    actor = world.actor("editor")
    first, second = (_call(actor, "copy_page", page_id=world.first.pk) for _ in range(2))
    assert second.structured_content == {**first.structured_content, "replayed": True}


def test_a_comment_that_is_sent_again_is_one_comment(world: World) -> None:
    actor = world.actor("editor")
    given = {"page_id": world.second.pk, "text": "Why?", "contentpath": "intro"}
    first, again = (_call(actor, "add_comment", **given).structured_content for _ in range(2))
    assert again["id"] == first["id"]
    assert "word for word" in again["warnings"][0]
    reply = {"comment_id": first["id"], "reply": "Because.", "keep_open": True}
    for _ in range(2):
        answer = _call(actor, "resolve_comment", **reply).structured_content
    assert len(answer["replies"]) == 1
    assert Comment.objects.count() == 1
