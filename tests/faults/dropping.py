"""A client that sends a whole request and is gone before it has read the answer."""

from typing import Any

import httpx

from tests.live import rpc
from tests.live.site import LiveSite


def drop(site: LiveSite, who: str, tool: str, after: float, /, **arguments: Any) -> bool:
    """Call, wait so many seconds for the answer, and close; whether nothing had come."""
    waits = httpx.Timeout(30, read=after)
    params = {"name": tool, "arguments": arguments}
    with httpx.Client(trust_env=False, timeout=waits) as client:
        try:
            rpc.post(site.mcp_url, site.token(who), "tools/call", params, client)
        except httpx.ReadTimeout:
            return True
    return False
