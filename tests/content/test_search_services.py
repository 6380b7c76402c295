"""Our searches through Wagtail's backends for OpenSearch and Elasticsearch.

The official clients send what Wagtail compiled; what they get back is canned, because neither
service runs where the tests do.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import Settings

from cms.settings.services import search_backends
from mcp_server.content.explorable import end_of
from mcp_server.errors import Refused
from mcp_server.tools.pages import search_pages
from tests.calling import answered
from tests.world import World

from .indexes import INDEX, OPTIONS, Index

PAGES, IMAGES = "demo_wagtailcore_page", "demo_wagtailimages_image"


@pytest.fixture(params=OPTIONS)
def index(request: pytest.FixtureRequest, world: World, settings: Settings) -> Iterator[Index]:
    """The settings as ``production`` makes them, with a connection that goes nowhere."""
    made = search_backends(
        {"SEARCH_URL": f"{request.param}+https://127.0.0.1:9200", "SEARCH_INDEX_PREFIX": "demo_"}
    )
    made["default"]["OPTIONS"] = dict(OPTIONS[request.param])
    settings.WAGTAILSEARCH_BACKENDS = made
    INDEX.keys.clear()
    INDEX.asked.clear()
    yield INDEX
    INDEX.keys.clear()


def test_what_the_index_finds_is_held_to_what_the_actor_may_see(world: World, index: Index) -> None:
    # A stale index, or one that does not filter, names pages of other people.
    index.keys[PAGES] = [world.second.pk, world.about.pk, world.first.pk, 99_999]
    found = answered(world.actor("editor"), "search_pages", query="moss garden")
    assert [item["id"] for item in found["items"]] == [world.second.pk, world.first.pk]
    (asked,) = index.asked
    assert (asked["index"], int(asked["from"]), int(asked["size"])) == (PAGES, 0, 4)
    text = json.dumps(asked["query"])
    # Every word, and only what lies in the editor's sections.
    assert '"operator": "and"' in text
    for edge in (f'"gte": "{world.blog.path}"', f'"lte": "{end_of(world.blog.path)}"'):
        assert f'{{"range": {{"path_filter": {{{edge}}}}}}}' in text
    assert world.about.path not in text


def test_filters_reach_the_index(world: World, index: Index) -> None:
    index.keys[PAGES] = [world.first.pk]
    found = answered(
        world.actor("editor"), "search_pages",
        query="moss", type="blog.BlogPage", under_id=world.blog.pk, status="live",
    )  # fmt: skip
    assert [item["id"] for item in found["items"]] == [world.first.pk]
    text = json.dumps(index.asked[0]["query"])
    # The status is made of fields that Wagtail does not index, so its keys are sent.
    assert f'{{"terms": {{"id_filter": [{world.first.pk}]}}}}' in text
    assert "content_type_id_filter" in text


def test_a_cursor_reaches_the_index(world: World, index: Index) -> None:
    index.keys[PAGES] = [world.first.pk, world.second.pk, world.tour.pk]
    actor = world.actor("editor")
    first = answered(actor, "search_pages", query="moss", limit=2)
    assert (first["total"], first["next_cursor"]) == (3, "2")
    rest = answered(actor, "search_pages", query="moss", limit=2, cursor="2")
    assert [item["id"] for item in rest["items"]] == [world.tour.pk]
    assert "next_cursor" not in rest
    # Neither service goes further, and its error would say nothing.
    with pytest.raises(Refused, match=r"Only the first 10,000 matches can be read\."):
        search_pages(actor, query="moss", cursor="9990")


def test_drafts_with_new_titles_come_before_what_is_indexed(world: World, index: Index) -> None:
    world.first.title = "Lichens"
    world.first.save_revision()
    index.keys[PAGES] = [world.second.pk]
    found = answered(world.actor("editor"), "search_pages", query="lichens")
    assert [item["id"] for item in found["items"]] == [world.first.pk, world.second.pk]


def test_images_by_words_and_filters(world: World, index: Index) -> None:
    index.keys[IMAGES] = [world.image.pk, world.secret_image.pk]
    found = answered(
        world.actor("editor"), "search_images", query="meadow", orientation="landscape",
    )  # fmt: skip
    assert {item["id"] for item in found["items"]} <= {world.image.pk}
    assert '"terms": {"id_filter"' in json.dumps(index.asked[0]["query"])


def test_one_search_over_everything(world: World, index: Index) -> None:
    index.keys = {PAGES: [world.first.pk, world.about.pk], IMAGES: [world.image.pk]}
    found = answered(world.actor("editor"), "search_any", query="meadow")
    kinds = {(item["kind"], item["id"]) for item in found["items"]}
    assert kinds == {("page", world.first.pk), ("image", world.image.pk)}


def test_the_public_search_page(world: World, index: Index) -> None:
    index.keys[PAGES] = [world.first.pk, world.second.pk]
    answer = Client().get("/search/", {"q": "moss"})
    assert answer.status_code == 200
    # The draft is in the index here, and is not shown to visitors.
    assert world.first.title in answer.text
    assert world.second.title not in answer.text


def test_without_an_address_the_database_searches() -> None:
    assert search_backends({}) == {}


@pytest.mark.parametrize(
    "address", ["https://127.0.0.1:9200", "solr9+https://127.0.0.1", "opensearch3+127.0.0.1"]
)
def test_an_address_that_says_too_little(address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="opensearch3, elasticsearch8"):
        search_backends({"SEARCH_URL": address})


def test_the_backend_is_one_of_wagtails() -> None:
    made: dict[str, Any] = search_backends({"SEARCH_URL": "elasticsearch8+http://127.0.0.1:9200"})
    assert made["default"]["BACKEND"] == "wagtail.search.backends.elasticsearch8"
    assert made["default"]["URLS"] == ["http://127.0.0.1:9200"]
