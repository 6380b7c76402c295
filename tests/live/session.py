"""An editorial session, driven by the official Python MCP client; run as a program of its own.

    python session.py modern|handshake|sse|stdio [label]   (the rest comes in the environment)

Prints one JSON object: what each step answered. Nothing of the project is imported here.
"""

import asyncio
import base64
import json
import os
import struct
import sys
import zlib
from contextlib import asynccontextmanager
from typing import Any

from mcp import Client
from mcp.client.sse import sse_client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

MODERN = "2026-07-28"


@asynccontextmanager
async def connected(kind: str, who: str) -> Any:
    """A client that acts as ``editor`` or ``moderator``."""
    secret = os.environ[f"TOKEN_{who.upper()}"]
    url = os.environ["MCP_URL"]
    headers = {"Authorization": f"Bearer {secret}"}
    if kind == "stdio":
        server = StdioServerParameters(
            command=sys.executable,
            args=["manage.py", "run_mcp", "--transport", "stdio"],
            env={**os.environ, "MCP_TOKEN": secret},
            cwd=os.environ["PROJECT"],
        )
        async with Client(server) as client:
            yield client
    elif kind == "sse":
        async with Client(sse_client(f"{url}sse/", headers=headers), mode="legacy") as client:
            yield client
    else:
        mode = MODERN if kind == "modern" else "legacy"
        async with (
            create_mcp_http_client(headers=headers) as http,
            Client(streamable_http_client(url, http_client=http), mode=mode) as client,
        ):
            yield client


class Session:
    """Calls tools and keeps what they answered."""

    def __init__(self, client: Any) -> None:
        self.client = client

    async def ask(self, name: str, **arguments: Any) -> Any:
        """The structured content of a call that has to work."""
        result = await self.client.call_tool(name, arguments)
        assert not result.is_error, (name, result.content[0].text)
        assert json.loads(result.content[0].text) == result.structured_content
        return result.structured_content

    async def refused(self, name: str, **arguments: Any) -> str:
        """The sentence of a call that has to be refused."""
        result = await self.client.call_tool(name, arguments)
        assert result.is_error, (name, result.structured_content)
        return str(result.content[0].text)


def picture() -> str:
    """A small PNG in base64, made without a library."""
    rows = b"".join(b"\0" + bytes((x * 4, 120, 60)) * 40 for x in range(30))

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 40, 30, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
    return base64.b64encode(png + chunk(b"IEND", b"")).decode()


async def draft(session: Session, label: str) -> dict[str, Any]:
    """What the editor does."""
    tree = await session.ask("get_page_tree")
    sections = {node["type"]: node["id"] for node in tree["root"]["children"]}
    described = await session.ask("describe_page_type", type="blog.BlogPage")
    image = await session.ask(
        "upload_image", title=f"Fern {label}", data=picture(), alt="A fern", tags=["fern"]
    )
    post = await session.ask(
        "create_blog_post",
        parent_id=sections["blog.BlogIndexPage"],
        title=f"Ferns in November, {label}",
        intro="What stays green.",
        body=f"## Evergreen ferns\n\nThe *hart's tongue* stays.\n\n{image['use']}\n\n"
        "> Green is a decision.\n> — The gardeners",
        tags=["ferns"],
        image_id=image["id"],
    )
    content = await session.ask("get_page_content", page_id=post["id"])
    body = content["fields"]["body"]
    body[1]["value"] += " It needs shade."
    updated = await session.ask(
        "update_page",
        page_id=post["id"],
        base_revision_id=content["revision_id"],
        fields={"body": body},
    )
    stale = await session.refused(
        "update_page",
        page_id=post["id"],
        base_revision_id=content["revision_id"],
        fields={"intro": "Too late."},
    )
    no_publish = await session.refused(
        "publish_page", page_id=post["id"], revision_id=updated["revision_id"]
    )
    event = await session.ask(
        "create_event",
        parent_id=sections["blog.EventIndexPage"],
        title=f"Fern walk, {label}",
        start="2031-05-01T10:00",
        end="2031-05-01T12:00",
        location="Gate 2",
        body="Bring boots.",
    )
    return {
        "described": sorted(described["fields"]),
        "image": image,
        "post": post,
        "content": content,
        "updated": updated,
        "stale": stale,
        "no_publish": no_publish,
        "event": event,
        "post_revisions": await session.ask("list_revisions", page_id=post["id"]),
        "event_revisions": await session.ask("list_revisions", page_id=event["id"]),
    }


async def finish(session: Session, label: str, drafted: dict[str, Any]) -> dict[str, Any]:
    """What the moderator does: publish the post, and draft a flex page outside the blog."""
    published = await session.ask(
        "publish_page",
        page_id=drafted["post"]["id"],
        revision_id=drafted["updated"]["revision_id"],
    )
    home = (await session.ask("get_page_tree", depth=1))["root"]["id"]
    flex = await session.ask(
        "create_flex_page", parent_id=home, title=f"Fern house, {label}", body="# Inside\n\nWarm."
    )
    revisions = await session.ask("list_revisions", page_id=flex["id"])
    return {"published": published, "flex": flex, "flex_revisions": revisions}


async def main(kind: str, label: str) -> None:
    report: dict[str, Any] = {}
    async with connected(kind, "editor") as client:
        tools = await client.list_tools()
        report["tools"] = sorted(tool.name for tool in tools.tools)
        resources = await client.list_resources()
        report["resources"] = sorted(str(item.uri) for item in resources.resources)
        tokens = await client.read_resource("design://tokens")
        report["tokens"] = json.loads(tokens.contents[0].text)
        prompt = await client.get_prompt("draft_blog_post", {"topic": "moss"})
        report["prompt"] = prompt.messages[0].content.text
        report |= await draft(Session(client), label)
    async with connected(kind, "moderator") as client:
        report |= await finish(Session(client), label, report)
    sys.stdout.write(json.dumps(report))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[-1]))
