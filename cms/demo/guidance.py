"""What the demo's editors tell assistants."""

from mcp_server.models import StyleGuide

from .bodies import References, rich_text
from .tally import Tally
from .texts import CONTENT


def style_guide(tally: Tally) -> None:
    """Fill the style guide, unless somebody has written one."""
    guide = StyleGuide.load()
    if guide.text:
        return
    words = (CONTENT / "style-guide.md").read_text(encoding="utf-8")
    guide.text = rich_text(words, References({}, {}, {}), "style-guide")
    guide.save()
    tally.add("style guides")
