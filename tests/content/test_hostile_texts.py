"""No text that a client sends becomes code on a page, as a draft, published or read back."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from blog.mcp_tools import create_blog_post
from blog.models import BlogPage
from mcp_server.errors import Refused
from tests.world import World

from .hostile_texts import TEXTS

ADDRESSES = ("href", "src", "action", "formaction", "data", "srcdoc", "style", "xlink:href")
RUNS = ("javascript:", "vbscript:", "data:", "blob:", "feed:", "view-source:")


def executable(html: str) -> list[str]:
    """What a browser would run of this, as the tags that hold it."""
    found = []
    for tag in BeautifulSoup(html, "html.parser").find_all(True):
        addresses = [str(tag.get(name, "")) for name in ADDRESSES]
        compact = ["".join(text.split()).strip("\x00\x01").lower() for text in addresses]
        if (
            tag.name in ("script", "iframe", "object", "embed", "base", "meta", "link", "style")
            or any(name.lower().startswith("on") for name in tag.attrs)
            or any(text.startswith(RUNS) for text in compact)
        ):
            found.append(str(tag))
    return found


def test_the_judge_knows_code_when_it_sees_it() -> None:
    for html in (
        "<script>1</script>",
        "<p onclick=x>",
        '<a href="java\nscript:x">',
        "<base href=x>",
    ):
        assert executable(html), html
    assert not executable('<a href="https://example.org/">x</a>')


@pytest.mark.parametrize("group", TEXTS)
def test_nothing_executable_is_stored_or_shown(world: World, group: str) -> None:
    for number, text in enumerate(TEXTS[group]):
        posts = BlogPage.objects.count()
        page = published(world, number, text)
        if page is None:
            # Refused whole, with its reason: then nothing is stored at all.
            assert BlogPage.objects.count() == posts, text
            continue
        stored = [str(block.value) for block in page.body if block.block_type == "paragraph"]
        assert not executable("".join(stored)), text
        main = BeautifulSoup(Client().get(page.url).content, "html.parser").find("main")
        assert main is not None
        assert not executable(main.decode_contents()), text


def published(world: World, number: int, text: str) -> BlogPage | None:
    """A post with the text in its title, its introduction and its body; None when refused."""
    given: dict[str, Any] = {"title": f"{number} {text[:200]}", "intro": text[:200]}
    body = f"Before.\n\n{text}\n\nAfter."
    try:
        made = create_blog_post(world.actor("admin"), world.blog.pk, body=body, **given)
    except Refused:
        return None
    page: BlogPage = BlogPage.objects.get(pk=made.id)
    page.get_latest_revision().publish(user=world.admin)
    page.refresh_from_db()
    return page
