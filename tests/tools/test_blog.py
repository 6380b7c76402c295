"""list_blog_posts: a tag that nobody uses is told, with the tags that are near."""

import pytest

from blog.mcp_tools import list_blog_posts
from mcp_server.errors import Refused
from tests.world import World


def tag(world: World, name: str, *tags: str) -> None:
    page = getattr(world, name)
    page.tags.add(*tags)
    page.save()


def test_an_unknown_tag_is_refused_with_the_nearest(world: World) -> None:
    tag(world, "first", "garden", "seeds", "history")
    editor = world.actor("editor")
    assert [item.title for item in list_blog_posts(editor, "Garden").items] == ["First"]
    with pytest.raises(Refused, match=r"No post has the tag 'gardens'\. Tags: garden\.$"):
        list_blog_posts(editor, "gardens")
    with pytest.raises(Refused, match=r"Tags: garden, history, seeds\.$"):
        list_blog_posts(editor, "xyz")


def test_a_list_of_tags_that_is_cut_says_so(world: World) -> None:
    tag(world, "first", *(f"plant {number:02}" for number in range(12)))
    with pytest.raises(Refused, match=r"plant 09 and 2 more\.$"):
        list_blog_posts(world.actor("editor"), "xyz")


def test_tags_of_posts_that_the_actor_does_not_see_are_not_named(world: World) -> None:
    tag(world, "first", "garden")
    with pytest.raises(Refused, match=r"Tags: none yet\.$"):
        list_blog_posts(world.actor("outsider"), "gardens")
