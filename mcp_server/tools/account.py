"""Who the token acts as, and which sites it serves."""

from mcp_server.api import ACCOUNT, Actor, tool
from mcp_server.content.account import SiteItem, UserInfo, site_list, user_info


@tool(ACCOUNT, kind="read")
def get_user_info(actor: Actor) -> UserInfo:
    """Who you act as: user, groups, where this user may add, edit or publish, what the token may
    do, and the site's time and zone."""
    return user_info(actor)


@tool(ACCOUNT, kind="read")
def list_sites(actor: Actor) -> list[SiteItem]:
    """The sites that this Wagtail serves, with their addresses and root pages."""
    return site_list(actor)
