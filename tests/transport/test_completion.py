"""Completion of prompt and template arguments: by whom, for whom, and how much."""

from collections.abc import Callable
from typing import Any

import anyio
import pytest
from django.core.exceptions import ImproperlyConfigured
from wagtail.models import Locale

from blog.models import BlogPage
from home.models import FlexPage
from mcp_server.api import Actor
from mcp_server.guides import Guides, PromptSpec, ResourceSpec, guides
from mcp_server.models import MCPToken
from mcp_server.transport.gate import NOTHING_TO_COMPLETE
from tests.world import World

from .conftest import LiveSite, MakeToken
from .protocol import HANDSHAKE, MODERN, ask
from .test_clients import handshake, modern

ERAS = (HANDSHAKE, MODERN)
TYPES = {"type": "ref/resource", "uri": "content://types/{type}"}
BLOCKS = {"type": "ref/resource", "uri": "design://blocks/{type}/{field}/{block}"}

pytestmark = pytest.mark.django_db


def prompt(name: str) -> dict[str, str]:
    return {"type": "ref/prompt", "name": name}


def complete(
    secret: Any,
    ref: dict[str, str],
    argument: str,
    typed: str = "",
    era: str = MODERN,
    **given: str,
) -> dict[str, Any]:
    """The answer's completion, or its error."""
    params: dict[str, Any] = {"ref": ref, "argument": {"name": argument, "value": typed}}
    if given:
        params["context"] = {"arguments": given}
    answer = ask(str(secret), "completion/complete", params, era)
    found: dict[str, Any] = answer["result"]["completion"] if "result" in answer else answer
    return found


def values(*args: Any, **kwargs: Any) -> list[str]:
    found: list[str] = complete(*args, **kwargs)["values"]
    return found


@pytest.mark.parametrize("era", ERAS)
def test_a_page_s_id_completes_from_its_title_and_its_number(
    world: World, make_token: MakeToken, era: str
) -> None:
    secret = make_token("admin").token
    ref = prompt("announce_event")
    pages = [str(world.tour.pk)]
    assert complete(secret, ref, "page_id", "tOU", era) == {
        "values": pages,
        "total": 1,
        "hasMore": False,
    }
    assert values(secret, ref, "page_id", pages[0], era) == pages
    # Only events, as the prompt asks for one.
    assert values(secret, ref, "page_id", "First", era) == []


@pytest.mark.parametrize("era", ERAS)
def test_the_server_says_that_it_completes(secret: str, era: str) -> None:
    hello = {
        "protocolVersion": HANDSHAKE,
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    }
    method, params = ("server/discover", None) if era == MODERN else ("initialize", hello)
    assert ask(secret, method, params, era)["result"]["capabilities"]["completions"] == {}


@pytest.mark.usefixtures("with_completing_prompts")
def test_what_a_user_does_not_see_does_not_complete(world: World, make_token: MakeToken) -> None:
    ref = prompt("pick")

    def seen(user: str, typed: str) -> list[str]:
        return values(make_token(user).token, ref, "page_id", typed)

    assert seen("admin", "Team") == [str(world.team.pk)]
    assert seen("outsider", "Team") == [str(world.team.pk)]
    assert seen("editor", "Team") == []
    assert seen("editor", str(world.team.pk)) == []
    # A draft's new title is found by those who may see the page in the explorer.
    world.second.draft_title = "Renamed"
    world.second.save()
    assert seen("editor", "renam") == [str(world.second.pk)]
    assert seen("outsider", "renam") == []


@pytest.mark.usefixtures("with_completing_prompts")
def test_a_limited_token_completes_below_its_page(world: World, make_token: MakeToken) -> None:
    token = make_token(root_page=world.blog)
    assert set(values(token.token, prompt("pick"), "page_id")) == {
        str(page.pk) for page in (world.blog, world.first, world.second)
    }


@pytest.mark.usefixtures("with_completing_prompts")
def test_titles_that_begin_with_the_text_come_first(world: World, make_token: MakeToken) -> None:
    for title in ("Alpha meadow", "Meadow beta"):
        world.about.add_child(instance=FlexPage(title=title, slug=title[:3], owner=world.admin))
    found = values(make_token("admin").token, prompt("pick"), "page_id", "meadow")
    titles = [FlexPage.objects.get(pk=int(pk)).title for pk in found]
    assert titles == ["Meadow beta", "Alpha meadow"]


@pytest.mark.usefixtures("with_completing_prompts")
def test_a_hundred_values_at_most_and_the_number_of_all(
    world: World, make_token: MakeToken
) -> None:
    for number in range(103):
        slug = f"seed-{number}"
        world.blog.add_child(instance=BlogPage(title=slug, slug=slug, owner=world.admin))
    found = complete(make_token().token, prompt("pick"), "page_id", "seed-")
    assert (len(found["values"]), found["total"], found["hasMore"]) == (100, 103, True)


@pytest.mark.usefixtures("with_completing_prompts")
def test_tags_stand_on_something_that_is_seen(world: World, make_token: MakeToken) -> None:
    for page, tag in ((world.first, "Moss"), (world.second, "mosaic"), (world.first, "fern")):
        page.tags.add(tag)
        page.save()
    ref = prompt("pick")
    assert set(values(make_token().token, ref, "tag", "mos")) == {"Moss", "mosaic"}
    # In the order of the database's own alphabet.
    assert set(values(make_token().token, ref, "tag")) == {"Moss", "fern", "mosaic"}
    assert values(make_token("outsider").token, ref, "tag", "mos") == []

    world.image.tags.add("green")
    world.secret_image.tags.add("green", "grey")
    assert values(make_token().token, prompt("improve_alt_texts"), "tag", "gr") == ["green"]


@pytest.mark.usefixtures("with_completing_prompts")
def test_locales_complete_by_code_and_by_name(world: World, make_token: MakeToken) -> None:
    Locale.objects.create(language_code="de")
    ref = prompt("pick")
    assert values(make_token().token, ref, "locale") == ["de", "en-gb"]
    assert values(make_token().token, ref, "locale", "germ") == ["de"]
    assert values(make_token().token, ref, "locale", "EN") == ["en-gb"]


@pytest.mark.parametrize("era", ERAS)
def test_templates_complete_one_argument_after_the_other(secret: str, era: str) -> None:
    assert values(secret, TYPES, "type", "post", era) == ["blog.BlogPage"]
    assert "kitchen.DishPage" in values(secret, BLOCKS, "type", "", era)
    assert values(secret, BLOCKS, "field", "", era, type="blog.BlogPage") == ["body"]
    assert values(secret, BLOCKS, "block", "quo", era, type="blog.BlogPage", field="body") == [
        "quote"
    ]
    assert values(secret, BLOCKS, "block", "", era, type="no.SuchType", field="body") == []


@pytest.mark.parametrize("era", ERAS)
def test_ungranted_and_unknown_are_answered_alike(make_token: MakeToken, era: str) -> None:
    secret = make_token(allowed_tools=["get_user_info"]).token
    wrong = [
        prompt("announce_event"),
        prompt("no_such_prompt"),
        TYPES,
        {"type": "ref/resource", "uri": "content://types/{nothing}"},
        # A resource with a fixed address has nothing to complete.
        {"type": "ref/resource", "uri": "design://tokens"},
    ]
    answers = [complete(secret, ref, "page_id", "x", era) for ref in wrong]
    assert all(answer["error"]["code"] == -32602 for answer in answers), answers
    assert {answer["error"]["message"] for answer in answers} == {NOTHING_TO_COMPLETE}


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"ref": "announce_event", "argument": {"name": "tag", "value": ""}},
        {"ref": {"type": "ref/tool", "name": "x"}, "argument": {"name": "tag", "value": ""}},
        {"ref": prompt("announce_event"), "argument": {"name": "tag", "value": 5}},
        {"ref": prompt("announce_event")},
    ],
)
def test_malformed_requests(secret: str, params: dict[str, Any], era: str) -> None:
    assert ask(secret, "completion/complete", params, era)["error"]["code"] == -32602


def test_arguments_that_do_not_complete(secret: str) -> None:
    assert values(secret, prompt("announce_event"), "audience", "a") == []
    error = complete(secret, prompt("announce_event"), "nope", "a")["error"]
    assert error["message"] == "No such argument to complete (allowed: page_id, audience, tag)."


@pytest.mark.parametrize("typed", ["x" * 101, "\x00", "%", "_", "9" * 99, "';--", "\u202e"])
def test_hostile_text(world: World, secret: str, typed: str) -> None:
    found = complete(secret, prompt("announce_event"), "page_id", typed)
    # What is left of invisible characters is nothing, which every event matches.
    seen = [str(world.tour.pk)] if typed in ("\x00", "\u202e") else []
    assert found["values"] == seen


def test_a_completer_that_fails_tells_nothing(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(actor: Actor, typed: str, given: Any) -> Any:
        raise RuntimeError("secret detail")

    served = Guides()
    served.add_prompt(PromptSpec(_pick, (), {"tag": broken}))
    monkeypatch.setattr("mcp_server.transport.server.all_guides", served)
    error = complete(secret, prompt("_pick"), "tag")["error"]
    assert "secret" not in error["message"]
    assert "reference" in error["message"]


def test_completing_what_is_no_argument_stops_the_start() -> None:
    with pytest.raises(ImproperlyConfigured, match="nope"):
        Guides().add_prompt(PromptSpec(_pick, (), {"nope": lambda *args: None}))  # type: ignore[dict-item]


@pytest.mark.parametrize("connect", [modern, handshake])
def test_a_real_client_completes(live: LiveSite, connect: Callable[..., Any]) -> None:
    from mcp_types import PromptReference, ResourceTemplateReference

    async def talk() -> list[list[str]]:
        async with connect(live, live.tokens["editor"]) as client:
            event = PromptReference(type="ref/prompt", name="announce_event")
            types = ResourceTemplateReference(type="ref/resource", uri="content://types/{type}")
            found = [
                await client.complete(event, {"name": "page_id", "value": "tour"}),
                await client.complete(types, {"name": "type", "value": "event"}),
            ]
            return [item.values for item in found]

    pages, types = anyio.run(talk)
    assert len(pages) == 1
    assert pages[0].isdecimal()
    assert types == ["blog.EventIndexPage", "blog.EventPage"]


def _pick(actor: Actor, page_id: str = "", tag: str = "", locale: str = "") -> str:
    """A prompt whose arguments complete."""
    return "Pick."


@pytest.fixture
def with_completing_prompts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A prompt that needs no tool, so that only what the user sees decides."""
    from mcp_server.api import locales, page_ids, tags_of

    def pick(actor: Actor, page_id: str = "", tag: str = "", locale: str = "") -> str:
        """A prompt whose arguments complete."""
        return "Pick."

    completers = {"page_id": page_ids, "tag": tags_of(BlogPage), "locale": locales}
    served = Guides()
    served.add_prompt(PromptSpec(pick, (), completers))
    for spec in guides.prompts():
        served.add_prompt(spec)
    monkeypatch.setattr("mcp_server.transport.server.all_guides", served)


def test_every_completer_answers_every_user(world: World) -> None:
    specs: list[PromptSpec | ResourceSpec] = [*guides.prompts(), *guides.resources()]
    for spec in specs:
        for name, completer in spec.complete.items():
            for user in ("admin", "editor", "outsider"):
                actor = Actor(getattr(world, user), MCPToken(user=getattr(world, user)))
                found = completer(actor, "", {})
                assert found.total >= len(found.values), (spec.name, name)
