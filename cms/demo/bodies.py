"""Turns the demo's Markdown into the blocks of a page body.

Beside headings, quotes, pictures and running text there are two fenced forms: `::: cta` with
`key: value` lines, and `::: columns` with `+++` between the left and the right one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from markdown_it import MarkdownIt

Block = dict[str, Any]
FENCE = re.compile(r"^::: (?P<kind>\w+)\n(?P<inner>.*?)\n:::$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"(?P<marks>#{2,4}) (?P<text>.+)")
PICTURE = re.compile(r"!\[(?P<alt>.*)\]\((?P<slug>[\w-]+)\)")
REFERENCE = re.compile(r'href="(?P<kind>page|document):(?P<name>[^"]+)"')
TEXT_TAG = re.compile(r"<(p|li)>")

renderer = MarkdownIt("commonmark", {"typographer": True}).enable(["replacements", "smartquotes"])


@dataclass(frozen=True)
class References:
    """Ids of what a text may point at: pages by path, pictures and documents by slug."""

    page: dict[str, int]
    image: dict[str, int]
    document: dict[str, int]


def rich_text(text: str, refs: References, place: str) -> str:
    """HTML as Wagtail's editor stores it: its tags, its links by id, a key per block."""

    def link(match: re.Match[str]) -> str:
        kind = match["kind"]
        return f'id="{getattr(refs, kind)[match["name"]]}" linktype="{kind}"'

    html = str(renderer.render(text)).replace("\n", "")
    html = html.replace("strong>", "b>").replace("em>", "i>")
    html = REFERENCE.sub(link, html)
    count = iter(range(1000))

    def keyed(tag: re.Match[str]) -> str:
        key = uuid5(NAMESPACE_URL, f"{place}{next(count)}").hex[:5]
        return f'<{tag[1]} data-block-key="{key}">'

    return TEXT_TAG.sub(keyed, html)


def call_to_action(inner: str, refs: References) -> Block:
    lines = dict(line.split(": ", 1) for line in inner.splitlines())
    page = refs.page[lines["page"]] if "page" in lines else None
    return {"type": "call_to_action", "value": {"text": "", "url": "", **lines, "page": page}}


def two_columns(inner: str, refs: References, place: str) -> Block:
    left, right = inner.split("\n+++\n")
    value = {"left": blocks(left, refs, f"{place}/l"), "right": blocks(right, refs, f"{place}/r")}
    return {"type": "two_columns", "value": value}


def special(chunk: str, refs: References) -> Block | None:
    """The block of a chunk that is not running text."""
    if match := HEADING.fullmatch(chunk):
        level = f"h{len(match['marks'])}"
        return {"type": "heading", "value": {"text": match["text"], "level": level}}
    if match := PICTURE.fullmatch(chunk):
        value = {"image": refs.image[match["slug"]], "decorative": False, "alt_text": match["alt"]}
        return {"type": "image", "value": value}
    if chunk.startswith("> "):
        text, _dash, source = chunk.removeprefix("> ").replace("\n> ", "\n").partition("\n— ")
        return {"type": "quote", "value": {"text": text, "attribution": source}}
    return None


def flow(text: str, refs: References, place: str) -> Iterator[Block]:
    """Blocks of a text without fences; neighbouring paragraphs and lists become one."""
    running: list[str] = []

    def paragraph() -> Iterator[Block]:
        if running:
            html = rich_text("\n\n".join(running), refs, place + running[0])
            yield {"type": "paragraph", "value": html}
            running.clear()

    for chunk in re.split(r"\n{2,}", text.strip()):
        block = special(chunk, refs)
        if block:
            yield from paragraph()
            yield block
        elif chunk:
            running.append(chunk)
    yield from paragraph()


def parts(text: str, refs: References, place: str) -> Iterator[Block]:
    end = 0
    for fence in FENCE.finditer(text):
        yield from flow(text[end : fence.start()], refs, place)
        if fence["kind"] == "cta":
            yield call_to_action(fence["inner"], refs)
        else:
            yield two_columns(fence["inner"], refs, f"{place}/{fence.start()}")
        end = fence.end()
    yield from flow(text[end:], refs, place)


def blocks(text: str, refs: References, place: str) -> list[Block]:
    """The body in its stored form, with ids that depend on the place only."""
    return [
        {**block, "id": str(uuid5(NAMESPACE_URL, f"{place}/{number}"))}
        for number, block in enumerate(parts(text, refs, place))
    ]
