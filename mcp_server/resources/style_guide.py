"""How the editors want texts to be."""

from mcp_server.api import Actor, resource
from mcp_server.content.style_guide import style_guide


@resource("content://style-guide", mime_type="text/markdown")
def style_guide_resource(actor: Actor) -> str:
    """The editors' guidance for texts on this site: tone, words, structure. Read it before
    writing."""
    return style_guide()
