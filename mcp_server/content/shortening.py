"""Much in few characters: two values, so that what differs is in sight, and names."""

import json
from collections.abc import Sequence
from typing import Any

SHOWN = 120
# Characters before the first difference that tell where in the text it is.
CONTEXT = 30


def apart(one: str, other: str, shown: int = SHOWN) -> tuple[str, str]:
    """Both texts, at most ``shown`` characters of each, cut around their first difference."""
    longest = max(len(one), len(other))
    pairs = enumerate(zip(one, other, strict=False))
    differs = next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
    start = max(0, min(differs - CONTEXT, longest - shown))
    return _window(one, start, shown), _window(other, start, shown)


def quoted(one: Any, other: Any, shown: int = SHOWN) -> tuple[str, str]:
    """Two values of any kind as short texts in quotes; alike only when the values are."""
    plain, against = _in_one_line(_plain(one)), _in_one_line(_plain(other))
    if plain == against and one != other:
        plain, against = _json(one), _json(other)
    first, second = apart(plain, against, shown)
    return f"“{first}”", f"“{second}”"


def _window(text: str, start: int, shown: int) -> str:
    end = start + shown
    return f"{'…' if start else ''}{text[start:end]}{'…' if len(text) > end else ''}"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def some_of(names: Sequence[str], most: int) -> str:
    """``a, b and 3 more``: the first so many of them."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
