"""Characters that nobody can see are stored by no text that a client sends.

A model would read them and a reviewer would not: a hidden order, or a name that reads otherwise.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from wagtail.models import Page

from mcp_server.content.page_types import page_models
from mcp_server.plaintext import has_invisible
from mcp_server.tools.pages import describe_page_type
from tests.calling import answered
from tests.world import World, png

# A change of direction, a space without width, and a letter of the block that shows nothing.
HIDDEN = "\u202e\u200b\U000e0041"
TYPES = sorted(set(page_models()) - {"home.HomePage"})  # of which there is one, and no more
NAMES = ("type", "id")
PICTURE = b64encode(png(70, 50)).decode()  # not one that the site has
TEXT = f"Some{HIDDEN} text"
# Tool → arguments; the models whose rows hold what was sent.
CALLS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "upload_image": (
        {"title": TEXT, "data": PICTURE, "alt": TEXT, "tags": [TEXT], "filename": f"{TEXT}.png"},
        ("wagtailimages.Image", "taggit.Tag"),
    ),
    "upload_document": (
        {
            "title": TEXT,
            "data": b64encode(b"a,b\n1,2\n").decode(),
            "filename": f"{TEXT}.csv",
            "tags": [TEXT],
        },
        ("wagtaildocs.Document", "taggit.Tag"),
    ),
    "create_snippet": (
        {"type": "kitchen.Chef", "fields": {"name": TEXT, "bio": TEXT}},
        ("kitchen.Chef", "wagtailcore.Revision"),
    ),
    "create_redirect": (
        {"old_path": f"/old{HIDDEN}/", "url": "https://example.org/"},
        ("wagtailredirects.Redirect",),
    ),
    "create_blog_post": (
        {"title": TEXT, "body": f"## {TEXT}\n\n{TEXT}", "intro": TEXT, "tags": [TEXT]},
        ("wagtailcore.Page", "wagtailcore.Revision", "taggit.Tag"),
    ),
    "create_event": (
        {"title": TEXT, "body": TEXT, "location": TEXT, "start": "2031-05-01T10:00"},
        ("wagtailcore.Page", "wagtailcore.Revision"),
    ),
    "create_flex_page": (
        {"title": TEXT, "body": TEXT},
        ("wagtailcore.Page", "wagtailcore.Revision"),
    ),
    "add_comment": ({"contentpath": "intro", "text": TEXT}, ("wagtailcore.Comment",)),
}


@pytest.mark.parametrize("label", TYPES)
def test_every_text_of_every_page_type(kitchen: World, label: str) -> None:
    actor = kitchen.actor("admin")
    example = describe_page_type(actor, label).example
    sent = {**example, "title": TEXT, "fields": with_hidden(example["fields"])}
    made = answered(actor, "create_page", **sent)
    page = Page.objects.get(pk=made["id"])
    stored = list(texts([page.latest_revision.content, list(rows(Page))]))
    assert page.title == "Some text"
    assert not [text for text in stored if has_invisible(text)]


@pytest.mark.parametrize("tool", CALLS)
def test_texts_that_are_no_page(world: World, tool: str) -> None:
    given, models = CALLS[tool]
    place = {
        "create_blog_post": {"parent_id": world.blog.pk},
        "create_event": {"parent_id": world.events.pk},
        "create_flex_page": {"parent_id": world.home.pk},
        "add_comment": {"page_id": world.second.pk},
    }.get(tool, {})
    before = {name: set(texts(list(rows(apps.get_model(name))))) for name in models}
    answered(world.actor("admin"), tool, **given, **place)
    for name in models:
        new = set(texts(list(rows(apps.get_model(name))))) - before[name]
        assert new, f"nothing new in {name}"
        assert not [text for text in new if has_invisible(text)], name


def with_hidden(value: Any) -> Any:
    """The same values, with something hidden in every text."""
    if isinstance(value, str):
        return value[:1] + HIDDEN + value[1:]
    if isinstance(value, dict):
        return {k: v if k in NAMES else with_hidden(v) for k, v in value.items()}
    return [with_hidden(item) for item in value] if isinstance(value, list) else value


def texts(value: Any) -> Iterator[str]:
    """Every text in a value, those in stored JSON too."""
    if isinstance(value, str):
        if value[:1] in ("[", "{"):
            yield from texts(json.loads(value))
        else:
            yield value
    elif isinstance(value, dict):
        yield from texts(list(value.values()))
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def rows(model: type[Model]) -> Iterator[dict[str, Any]]:
    yield from model._default_manager.values()
