"""How the editors want texts to be."""

from mcp_server.api import Actor, resource
from mcp_server.content.style_guide import style_guide, style_guide_version


def _version(actor: Actor) -> str:
    return style_guide_version()


@resource("content://style-guide", mime_type="text/markdown", version=_version)
def style_guide_resource(actor: Actor) -> str:
    """The editors' guidance for texts on this site: tone, words, structure. Read it before
    writing."""
    return style_guide()
