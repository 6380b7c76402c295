"""What is measured: the same work asked of both servers, and the floors beside it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from .load import REVISION, UNIQUE, Request
from .texts import BROAD, LAST_WORDS, NARROW, Writer

VERSION = "2026-07-28"
Facts = dict[str, Any]
Arguments = dict[str, Any]


@dataclass(frozen=True)
class Ask:
    """One request: a tool, a method without one, or the path of a plain GET."""

    tool: str = ""
    arguments: Callable[[Facts, int], Arguments] = lambda facts, client: {}
    method: str = "tools/call"
    path: str = ""
    # Text that a right answer has so many times, written once or, as a quoted copy, twice.
    mark: str = ""
    marks: int = 1

    def request(self, facts: Facts, token: str, client: int) -> Request:
        mark = self.mark.format(**facts)
        head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        if self.path:
            path = self.path.format(long_id=facts["long_ids"][0], **facts)
            return Request(f"GET {path} HTTP/1.1\r\n{head}", "", mark, self.marks)
        params: Arguments = {"_meta": _META}
        if self.tool:
            head += f"Mcp-Name: {self.tool}\r\n"
            params |= {"name": self.tool, "arguments": self.arguments(facts, client)}
        body = {"jsonrpc": "2.0", "id": 1, "method": self.method, "params": params}
        head = f"POST /mcp/ HTTP/1.1\r\n{head}Mcp-Method: {self.method}\r\n{_HEAD}"
        return Request(head, json.dumps(body).replace(f'"{REVISION}"', REVISION), mark, self.marks)


@dataclass(frozen=True)
class Case:
    """The same work of both servers; a floor is one server's."""

    name: str
    kind: Literal["read", "write", "floor"]
    ours: Ask | None = None
    official: Ask | None = None
    alone: Ask | None = None
    # What our clients ask once before, to know the newest revision.
    before: Ask | None = None
    # Grows with the number of pages that match, by its nature.
    grows: bool = False


_META = {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
_HEAD = (
    "Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n"
    f"MCP-Protocol-Version: {VERSION}\r\n"
)


def _fields(_: Facts, __: int) -> Arguments:
    # Blocks of a page that is not there yet have no ids.
    blocks = [{"type": block["type"], "value": block["value"]} for block in Writer(5).post()]
    return {"intro": "A draft.", "body": blocks}


def _long(facts: Facts, client: int) -> Arguments:
    return {"page_id": facts["long_ids"][client], "version": "draft"}


def _draft(facts: Facts, client: int) -> Arguments:
    return {
        "type": "blog.BlogPage",
        "parent_id": facts["drafts_id"],
        "title": f"Draft {UNIQUE}",
        "fields": _fields(facts, client),
    }


def _edit(facts: Facts, client: int) -> Arguments:
    return {"page_id": facts["long_ids"][client], "fields": {"intro": f"Changed: {UNIQUE}."}}


def _searched(words: str) -> Callable[[Facts, int], Arguments]:
    return lambda facts, client: {"query": words, "limit": 20}


def _official_search(words: str) -> Callable[[Facts, int], Arguments]:
    return lambda facts, client: {"search": words, "limit": 20}


ALONE = "FastMCP alone"
# What FastMCP alone is asked for beside a tool of both servers.
NOTHING = Ask("do_nothing", mark="Nothing was done.")
READ_LONG = Ask("get_page_content", _long, mark=LAST_WORDS)

# Writes last: what they leave behind would be read.
CASES = (
    Case(
        "tools/list",
        "read",
        Ask(method="tools/list", mark='"inputSchema"', marks=50),
        Ask(method="tools/list", mark='"inputSchema"', marks=50),
        Ask(method="tools/list", mark='"inputSchema"'),
    ),
    Case(
        "whoami",
        "read",
        Ask("get_user_info", mark="{editor}"),
        Ask("whoami", mark="{editor}"),
        NOTHING,
    ),
    Case(
        "children of 20",
        "read",
        Ask(
            "get_page_tree",
            lambda facts, client: {"root_id": facts["section_id"], "depth": 1},
            mark=" sown",
            marks=20,
        ),
        Ask(
            "pages_list",
            lambda facts, client: {"child_of": facts["section_id"], "limit": 20},
            mark=" sown",
            marks=20,
        ),
        NOTHING,
    ),
    Case("long page", "read", READ_LONG, Ask("pages_detail", _long, mark=LAST_WORDS), NOTHING),
    Case(
        "narrow search",
        "read",
        Ask("search_pages", _searched(NARROW), mark=" sown", marks=2),
        Ask("pages_list", _official_search(NARROW), mark=" sown", marks=2),
        NOTHING,
    ),
    Case(
        "broad search",
        "read",
        Ask("search_pages", _searched(BROAD), mark=" sown", marks=20),
        Ask("pages_list", _official_search(BROAD), mark=" sown", marks=20),
        NOTHING,
        grows=True,
    ),
    Case("no-op tool", "floor", NOTHING),
    Case(ALONE, "floor", alone=NOTHING),
    Case(
        "v3 GET of children of 20",
        "floor",
        official=Ask(path="/api/v3/pages/?child_of={section_id}&limit=20", mark=" sown", marks=20),
    ),
    Case(
        "v3 GET of long page",
        "floor",
        official=Ask(path="/api/v3/pages/{long_id}/?version=draft", mark=LAST_WORDS),
    ),
    Case(
        "update draft",
        "write",
        Ask(
            "update_page",
            lambda facts, client: {**_edit(facts, client), "base_revision_id": REVISION},
            mark="revision_id",
        ),
        Ask("pages_update", _edit, mark=LAST_WORDS),
        before=READ_LONG,
    ),
    Case(
        "create draft",
        "write",
        Ask("create_page", _draft, mark="revision_id"),
        Ask("pages_create", _draft, mark="Draft "),
    ),
)
