"""What clients do on a working day, each as a small function; a soak mixes them."""

import asyncio
import base64
import os
from collections import deque
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx

from tests.live.asking import send
from tests.live.session import connected
from tests.world import png

if TYPE_CHECKING:
    from tests.live.site import LiveSite

WHO = "editor"
# Posts that stay, to be edited again; the oldest are forgotten, not deleted.
KEPT = 40
WORDS = ("fern", "moss", "garden", "walk", "tree", "spring", "orchid")
READS = ("get_page_content", "check_page", "list_revisions", "get_page_impact", "list_comments")
LISTS = ("get_page_tree", "list_blog_posts", "list_events", "list_page_types", "get_user_info")
RESOURCES = (
    "design://tokens",
    "design://blocks",
    "design://templates",
    "design://renditions",
    "content://style-guide",
    "content://types",
    "content://types/blog.BlogPage",
)


class Failed(Exception):  # noqa: N818 - counted, not raised further
    """An answer that is an error."""


class Desk:
    """What one thread's errands work with; ``turn`` counts a call and says how long it waits."""

    def __init__(self, site: "LiveSite", turn: Callable[[str], float], seed: int) -> None:
        self.site, self.random = site, Random(seed)
        self._turn = turn
        self.posts = deque[int](maxlen=KEPT)
        os.environ["MCP_URL"] = site.mcp_url
        os.environ[f"TOKEN_{WHO.upper()}"] = site.token(WHO)
        self.blog = self.ask("find_page", url="/blog/")["id"]
        # Those whose drafts this user may read.
        found = self.ask("search_pages", under_id=self.blog, limit=50)["items"]
        self.pages = [page["id"] for page in found]

    async def wait(self, kind: str) -> None:
        await asyncio.sleep(self._turn(kind))

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        asyncio.run(self.wait(params.get("name", method)))
        answer = send(self.site, WHO, method, **params)
        if answer.get("isError") or "code" in answer:
            raise Failed(f"{params.get('name', method)}: {str(answer)[:300]}")
        return answer

    def ask(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        answer = self.send("tools/call", name=tool, arguments=arguments)
        content: dict[str, Any] = answer["structuredContent"]
        return content


def read(desk: Desk) -> None:
    desk.ask(desk.random.choice(READS), page_id=desk.random.choice(desk.pages))


def list_something(desk: Desk) -> None:
    desk.ask(desk.random.choice(LISTS))


def search(desk: Desk) -> None:
    word = desk.random.choice(WORDS)
    tool = desk.random.choice(("search_pages", "search_any", "search_images", "search_documents"))
    desk.ask(tool, query=word)


def create(desk: Desk) -> None:
    body = "## Heading\n\nA *short* text with a [link](https://example.org/).\n\n" * 3
    desk.posts.append(_created(desk, body))


def create_and_undo(desk: Desk) -> None:
    post = _created(desk, "Only for a moment.")
    changes = desk.ask("list_my_changes", limit=50)["items"]
    made = [change["id"] for change in changes if change.get("page_id") == post]
    desk.ask("undo_change", change_id=made[-1])


def update(desk: Desk) -> None:
    post = desk.random.choice(desk.posts) if desk.posts else _created(desk, "To be edited.")
    content = desk.ask("get_page_content", page_id=post)
    changed = desk.ask(
        "update_page",
        page_id=post,
        base_revision_id=content["revision_id"],
        fields={"intro": f"Changed {uuid4().hex}", "body": content["fields"]["body"]},
    )
    before, after = content["revision_id"], changed["revision_id"]
    desk.ask("compare_revisions", page_id=post, a=before, b=after)


def upload(desk: Desk) -> None:
    data = base64.b64encode(png(60 + desk.random.randrange(400), 300)).decode()
    title = f"Picture {uuid4().hex[:8]}"
    image = desk.ask("upload_image", title=title, data=data, alt="A plain picture", tags=["soak"])
    desk.ask("get_image", image_id=image["id"], preview=True)


def preview(desk: Desk) -> None:
    made = desk.ask("preview_page", page_id=desk.random.choice(desk.pages))
    asyncio.run(desk.wait("GET preview"))
    httpx.get(made["url"], trust_env=False, timeout=60).raise_for_status()


def resource(desk: Desk) -> None:
    desk.send("resources/read", uri=desk.random.choice(RESOURCES))


def complete(desk: Desk) -> None:
    ref = {"type": "ref/prompt", "name": "review_page"}
    argument = {"name": "page_id", "value": desk.random.choice(WORDS)}
    desk.send("completion/complete", ref=ref, argument=argument)


def prompt(desk: Desk) -> None:
    desk.send("prompts/get", name="draft_blog_post", arguments={"topic": "moss"})


def catalogue(desk: Desk) -> None:
    desk.send(desk.random.choice(("tools/list", "prompts/list", "resources/list")))


def modern_client(desk: Desk) -> None:
    asyncio.run(_session(desk, "modern"))


def handshake_client(desk: Desk) -> None:
    asyncio.run(_session(desk, "handshake"))


def sse_client(desk: Desk) -> None:
    asyncio.run(_session(desk, "sse"))


def sse_gone(desk: Desk) -> None:
    """A client that opens its stream and is never heard of again."""
    asyncio.run(desk.wait("SSE opened and dropped"))
    headers = {"Authorization": f"Bearer {desk.site.token(WHO)}", "Accept": "text/event-stream"}
    address = f"{desk.site.mcp_url}sse/"
    with httpx.stream("GET", address, headers=headers, trust_env=False, timeout=60) as stream:
        if not next(stream.iter_lines()).startswith("event:"):
            raise Failed("the SSE stream does not begin with an event")


async def _session(desk: Desk, kind: str) -> None:
    await desk.wait(f"{kind} client")
    async with connected(kind, WHO) as client:
        await client.list_tools()
        await desk.wait(f"{kind} client, call")
        result = await client.call_tool("get_page_tree", {})
    if result.is_error:
        raise Failed(f"{kind}: {result.content[0].text}")


def _created(desk: Desk, body: str) -> int:
    title = f"Soaked {uuid4().hex[:8]}"
    post = desk.ask("create_blog_post", parent_id=desk.blog, title=title, body=body)
    return int(post["id"])


# How often each is drawn.
ERRANDS: dict[Callable[[Desk], None], int] = {
    read: 20,
    list_something: 10,
    search: 12,
    create: 4,
    create_and_undo: 4,
    update: 8,
    upload: 4,
    preview: 4,
    resource: 8,
    complete: 5,
    prompt: 4,
    catalogue: 5,
    modern_client: 2,
    handshake_client: 2,
    sse_client: 2,
    sse_gone: 2,
}
