"""The story in the documentation is what the server really answers."""

from .site import LiveSite
from .story import STORY, tell


def test_the_story_is_told_as_it_happens(site: LiveSite) -> None:
    """When the answers changed for the better: `python -m tests.live.story`."""
    assert tell(site) == STORY.read_text()
