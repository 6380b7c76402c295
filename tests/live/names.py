"""How the story is written down: in few words, and without what differs from run to run."""

import json
import re
from collections.abc import Iterator
from typing import Any

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# Changes, revisions and pages: what stands before a number says which of them it is.
COUNTED = (
    r'("change_id": |"id": (?=\d+, "tool")|^ +(?=\d+$))(\d+)',
    r'("(?:base_)?revision_id": |revision_id: |[Rr]evision |"(?:a|b|before|after)": )(\d+)',
    r'("(?:page|parent)_id": |\bid: |[Pp]age |get_page_content\()(\d+)',
)
# What other posts there are depends on what else was done with the site.
OTHERS = "More from the blog"
LEFT_OUT = (
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:[+-]\d\d:?\d\d|Z)?", "…"),
    (r"\d+\xa0?\s?\w+ ago", "0 minutes ago"),
    (r"http://127\.0\.0\.1:\d+", "http://127.0.0.1:8000"),
    (r"(/mcp-preview/)[\w:.-]+", r"\1…"),
)


def settled(text: str) -> str:
    """``text`` as it reads in every run."""
    for pattern in COUNTED:
        text = _counted(text, pattern)
    names: dict[str, str] = {}
    text = re.sub(UUID, lambda found: names.setdefault(found[0], f"block-{len(names) + 1}"), text)
    for pattern, instead in LEFT_OUT:
        text = re.sub(pattern, instead, text)
    return text


def _counted(text: str, pattern: str) -> str:
    numbers: dict[str, int] = {}

    def replaced(found: "re.Match[str]") -> str:
        return f"{found[1]}{numbers.setdefault(found[2], len(numbers) + 1)}"

    return re.sub(pattern, replaced, text, flags=re.MULTILINE)


def picked(content: dict[str, Any], shown: list[str]) -> Iterator[str]:
    """The fields of an answer to write down, one per line."""
    for name in shown:
        value = content.get(name)
        if isinstance(value, list) and value:
            yield f"{name}:"
            yield from (f"  {short(item)}" for item in value)
        elif isinstance(value, str) and "\n" in value:
            yield f"{name}:"
            yield from (f"  {line}" for line in value.split(OTHERS)[0].splitlines())
        elif value is not None:
            yield f"{name}: {short(value)}"


def short(value: Any) -> str:
    """On one line."""
    if isinstance(value, str):
        return value.replace("\n", "\\n")
    return json.dumps(value, ensure_ascii=False)
