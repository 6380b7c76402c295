"""Values that nobody expects: every kind of JSON, and texts that have broken something before."""

from typing import Any

from hypothesis import strategies as st

Strategy = st.SearchStrategy[Any]

TEXTS: list[str] = [
    "",
    " ",
    "\x00",
    "\ud800",
    "\u202e\u200b",
    "9" * 5000,
    "-1",
    "1e999",
    "٣",
    "²",
    "a" * 3000,
    "#" * 200,
    "> " * 200,
    "- " * 200,
    "[" * 200,
    "<b>" * 200,
    "javascript:alert(1)",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](wagtail://page?id=99999999999)",
    "![x](wagtail://image?id=1)",
    "![x](wagtail://media?url=javascript:alert(1))",
    "![x](wagtail://image?id=" + "9" * 30 + ")",
    "[x](http://[)",
    "http://[",
    "http://127.0.0.1:9/",
    "file:///etc/passwd",
    "../../etc/passwd",
    "' OR 1=1 --",
    "%s %(x)s {x} {{ x }} {% x %}",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00",
    "25:61",
    "__proto__",
    "null",
    "=1+1",
]
NUMBERS: list[Any] = [
    0,
    -1,
    1,
    2**31,
    2**63 - 1,
    2**63,
    -(2**63) - 1,
    10**400,
    0.5,
    -0.0,
    1e308,
    float("inf"),
    float("-inf"),
    float("nan"),
]

texts: Strategy = st.one_of(st.sampled_from(TEXTS), st.text(max_size=40))
numbers: Strategy = st.one_of(st.sampled_from(NUMBERS), st.integers(-3, 60))
scalars: Strategy = st.one_of(st.none(), st.booleans(), numbers, texts)
# The keys that our own formats know, so that half-right values are common.
KEYS = ["type", "value", "id", "item", "op", "path", "image", "data", "columns", "rows", "caption",
        "title", "text", "heading", "cell", "mergeCells", "alt_text", "content"]  # fmt: skip
keys: Strategy = st.one_of(st.sampled_from(KEYS), st.text(max_size=8))


def json_values(leaves: int = 12) -> Strategy:
    """Any JSON, as Python reads it."""
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=leaves,
    )
