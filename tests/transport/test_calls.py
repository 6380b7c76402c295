"""A call from end to end: the answer, the transaction, the history."""

from typing import Any

import pytest
from django.utils import translation
from wagtail.images import get_image_model
from wagtail.models import ModelLogEntry, Page, PageLogEntry
from wagtail.users.models import UserProfile

from mcp_server.errors import Refused
from mcp_server.registry import registry
from tests.world import World

from . import throwaway
from .conftest import MakeToken
from .protocol import HANDSHAKE, MODERN, ask, call, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("trial_tools")]


def entry_of(page: Page) -> PageLogEntry:
    return PageLogEntry.objects.get(page_id=page.pk, action="mcp_server.call")


def test_the_answer_twice_and_small(secret: str) -> None:
    result = call(secret, "who_am_i", MODERN)
    assert result["structuredContent"] == {"user": "editor", "token": "Claude on my laptop"}
    assert text_of(result) == '{"user":"editor","token":"Claude on my laptop"}'
    assert len(result["content"]) == 1


def test_a_list_is_wrapped(secret: str) -> None:
    result = call(secret, "count_up")
    assert result["structuredContent"] == {"result": [1, 2, 3]}
    assert text_of(result) == '{"result":[1,2,3]}'


def test_a_write_is_in_the_page_s_history(world: World, make_token: MakeToken) -> None:
    token = make_token()
    result = call(token.token, "rename_page", MODERN, page_id=world.first.pk, title="Renamed")
    assert result["structuredContent"] == {"id": world.first.pk, "title": "Renamed"}

    entry = entry_of(world.first)
    assert entry.user == world.editor
    assert entry.data == {
        "tool": "rename_page",
        "token": "Claude on my laptop",
        "token_id": token.pk,
        "client": {"name": "tester", "version": "9.9"},
    }
    assert entry.revision == Page.objects.get(pk=world.first.pk).get_latest_revision()
    assert entry.message == "Rename page through MCP (token “Claude on my laptop”, tester 9.9)"


def test_the_entry_shares_its_uuid_with_wagtail_s_own(world: World, make_token: MakeToken) -> None:
    result = call(make_token("admin").token, "remove_page", page_id=world.second.pk)
    assert not result.get("isError"), result
    entries = PageLogEntry.objects.filter(page_id=world.second.pk)
    ours = entries.get(action="mcp_server.call")
    assert entries.get(action="wagtail.delete").uuid == ours.uuid
    assert ours.revision is None
    assert not Page.objects.filter(pk=world.second.pk).exists()


def test_without_a_known_client_the_entry_says_less(world: World, secret: str) -> None:
    call(secret, "rename_page", HANDSHAKE, page_id=world.first.pk, title="Renamed")
    assert "client" not in entry_of(world.first).data
    assert entry_of(world.first).message == "Rename page through MCP (token “Claude on my laptop”)"


def test_a_write_to_something_that_is_not_a_page(world: World, secret: str) -> None:
    call(secret, "describe_image", image_id=world.image.pk)
    entry = ModelLogEntry.objects.get(action="mcp_server.call")
    assert entry.object_id == str(world.image.pk)
    assert entry.content_type.model_class() is get_image_model()
    assert "Describe image through MCP" in entry.message


def test_a_read_leaves_no_entry(secret: str) -> None:
    call(secret, "count_up")
    assert not PageLogEntry.objects.filter(action="mcp_server.call").exists()


@pytest.mark.parametrize("mode", ["refuse", "crash", "unserialisable"])
def test_a_failed_write_leaves_nothing(
    world: World, secret: str, mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    result = call(secret, "rename_then_fail", page_id=world.first.pk, mode=mode)
    assert result["isError"]
    assert "structuredContent" not in result
    assert Page.objects.get(pk=world.first.pk).title == "First"
    assert not PageLogEntry.objects.filter(action="mcp_server.call").exists()


def test_a_refusal_is_told_as_it_is(world: World, secret: str) -> None:
    result = call(secret, "rename_then_fail", page_id=world.first.pk, mode="refuse")
    assert text_of(result) == "No. Call something else."


def test_a_crash_is_not_told(world: World, secret: str, caplog: pytest.LogCaptureFixture) -> None:
    text = text_of(call(secret, "rename_then_fail", page_id=world.first.pk, mode="crash"))
    assert "secret detail" not in text
    reference = text.partition("reference ")[2][:8]
    assert reference in caplog.text
    assert "secret detail" in caplog.text


def test_bad_arguments_do_not_reach_the_tool(world: World, secret: str) -> None:
    result = call(secret, "rename_page", page_id="first", title="x", extra=1)
    assert text_of(result).splitlines()[1:] == [
        "page_id: must be a whole number",
        "extra: no such argument (allowed: page_id, title)",
    ]


def test_messages_come_in_the_user_s_language(
    world: World, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = registry.get("count_up")
    assert spec is not None

    def say_language(actor: Any) -> str:
        return str(translation.get_language())

    monkeypatch.setitem(spec.__dict__, "func", say_language)
    assert call(secret, "count_up")["structuredContent"] == {"result": "en-gb"}
    UserProfile.objects.create(user=world.editor, preferred_language="de")
    assert call(secret, "count_up")["structuredContent"] == {"result": "de"}


def test_resources(secret: str) -> None:
    listed = ask(secret, "resources/list")["result"]["resources"]
    assert [item["uri"] for item in listed] == ["trial://greeting"]
    templates = ask(secret, "resources/templates/list")["result"]["resourceTemplates"]
    assert [item["uriTemplate"] for item in templates] == ["trial://plants/{name}"]

    read = ask(secret, "resources/read", {"uri": "trial://greeting"})["result"]["contents"]
    assert read == [
        {
            "uri": "trial://greeting",
            "mimeType": "application/json",
            "text": '{"hello":"editor"}',
        }
    ]
    read = ask(secret, "resources/read", {"uri": "trial://plants/fern"}, MODERN)["result"]
    assert read["contents"][0]["text"] == "fern for editor"
    assert read["contents"][0]["mimeType"] == "text/plain"


def test_a_refused_resource(secret: str, caplog: pytest.LogCaptureFixture) -> None:
    error = ask(secret, "resources/read", {"uri": "trial://plants/none"})["error"]
    assert error["message"] == "No such plant."
    assert error["code"] == -32602
    assert "Traceback" not in caplog.text


def test_a_prompt_names_what_it_lacks(secret: str) -> None:
    error = ask(secret, "prompts/get", {"name": "rename_it"})["error"]
    assert error["message"] == "rename_it: title: required"
    error = ask(
        secret, "prompts/get", {"name": "rename_it", "arguments": {"title": "a", "x": "y"}}
    )["error"]
    assert error["message"] == "rename_it: no such argument (allowed: title)"


def test_refused_is_what_the_trial_raises() -> None:
    with pytest.raises(Refused):
        throwaway.plant(None, "none")  # type: ignore[arg-type]  # it refuses before it looks
