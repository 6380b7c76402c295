"""The floor: what a call costs before the tool begins."""

from mcp_server.api import ACCOUNT, Actor, tool


@tool(ACCOUNT, kind="read")
def do_nothing(actor: Actor) -> str:
    """Answer at once."""
    return "Nothing was done."
