"""What an older Python SDK does with the server: run in its own environment, not in ours.

``python client.py http|sse <address> <title>``, the token in MCP_TOKEN; prints one JSON object per
step. It imports nothing but that SDK.
"""

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager

from mcp import ClientSession
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamablehttp_client

transport, address, title = sys.argv[1:4]
HEADERS = {"Authorization": f"Bearer {os.environ['MCP_TOKEN']}"}


def say(step, ok, said):
    sys.stdout.write(json.dumps({"step": step, "ok": bool(ok), "said": said}) + "\n")
    sys.stdout.flush()


@asynccontextmanager
async def connected():
    opened = streamablehttp_client if transport == "http" else sse_client
    async with (
        opened(address, headers=HEADERS) as streams,
        ClientSession(streams[0], streams[1]) as session,
    ):
        yield session, await session.initialize()


async def call(session, tool, **arguments):
    answer = await session.call_tool(tool, arguments)
    text = answer.content[0].text
    return answer.isError, text if answer.isError else json.loads(text)


async def main():
    async with connected() as (session, hello):
        say("connect", True, f"protocol {hello.protocolVersion}")
        tools = (await session.list_tools()).tools
        say("list tools", tools, f"{len(tools)} tools")
        _, who = await call(session, "get_user_info")
        say("get_user_info", who["username"], who["username"])
        _, blog = await call(session, "find_page", url="/blog/")
        failed, draft = await call(
            session, "create_blog_post", parent_id=blog["id"], title=title, body="Sown in May."
        )
        say("create a draft", not failed, draft["status"])
        _, read = await call(session, "get_page_content", page_id=draft["id"])
        say("read it", read["title"] == title, read["title"])
        failed, sentence = await call(session, "get_page_content", page_id=999_999)
        say("a refusal", failed, sentence)
        guide = (await session.read_resource("content://style-guide")).contents[0].text
        say("read a resource", guide, f"{len(guide)} characters")


asyncio.run(main())
