"""FastMCP with one tool that returns at once: no token, no log, no database, nothing of ours.

Whatever tool is called through FastMCP takes at least this long.
"""

from fastmcp import FastMCP
from starlette.requests import Request
from starlette.responses import PlainTextResponse

server: FastMCP[None] = FastMCP("Alone")


@server.tool
async def do_nothing() -> str:
    """Answer at once."""
    return "Nothing was done."


@server.custom_route("/ready", methods=["GET"])
async def ready(request: Request) -> PlainTextResponse:
    """Whether the process serves."""
    return PlainTextResponse("ok")


application = server.http_app(path="/mcp/", stateless_http=True)
