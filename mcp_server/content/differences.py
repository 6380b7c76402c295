"""How two values of a field differ, as lines: by block id where there are ids, else by place.

A line begins with the path that comments use too: ``body.<block id>.attribution``.
"""

import json
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from wagtail.admin.compare import diff_text

from .shortening import quoted

# Characters of a value, of an unchanged stretch on each side of a change, and of a whole line.
SHOWN = 160
CONTEXT = 24
LINE = 420
# The word-by-word comparison takes the square of the length.
COMPARED = 12_000


def difference(path: str, before: Any, after: Any) -> Iterator[str]:
    """The lines that lead from ``before`` to ``after``; none when they are equal."""
    if before == after or (_is_empty(before) and _is_empty(after)):
        return
    if _has_ids(before or []) and _has_ids(after or []):
        yield from _items(path, before or [], after or [])
    elif _is_empty(before):
        yield f"{path}: added {_short(after)}"
    elif _is_empty(after):
        yield f"{path}: removed {_short(before)}"
    elif isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from difference(f"{path}.{key}", before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _entries(path, before, after)
    elif isinstance(before, str) and isinstance(after, str):
        yield f"{path}: {_text(before, after)}"
    else:
        yield f"{path}: {_short(before)} → {_short(after)}"


def _items(path: str, before: list[Any], after: list[Any]) -> Iterator[str]:
    """Blocks and rows by id: removed, added, moved, and what changed inside."""
    old = {item["id"]: item for item in before}
    new = {item["id"]: item for item in after}
    for key in [key for key in old if key not in new]:
        yield f"{path}.{key}: removed {_described(old[key])}"
    elsewhere = moved(list(old), list(new))
    previous = None
    for key, item in new.items():
        place = f"after {previous}" if previous else "as the first"
        if key not in old:
            yield f"{path}.{key}: added {place}: {_described(item)}"
        elif key in elsewhere:
            yield f"{path}.{key}: moved {place}"
        if key in old:
            yield from _inside(f"{path}.{key}", old[key], item)
        previous = key


def _inside(path: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    if before.get("type") != after.get("type"):
        yield f"{path}: {_described(before)} → {_described(after)}"
    elif "value" in before and "value" in after:
        yield from difference(path, before["value"], after["value"])
    else:
        yield from difference(path, before, after)


def _entries(path: str, before: list[Any], after: list[Any]) -> Iterator[str]:
    """Lists without ids: tags, ids of related objects, rows of a table, rows not saved yet."""
    texts = [_plain(item) for item in before], [_plain(item) for item in after]
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
        if kind == "replace":
            old, new = quoted(before[i1:i2], after[j1:j2], SHOWN)
            yield f"{path}: removed {old} added {new}"
        elif kind != "equal":
            gone = f" removed {_short(before[i1:i2])}" if i2 > i1 else ""
            come = f" added {_short(after[j1:j2])}" if j2 > j1 else ""
            yield f"{path}:{gone}{come}"


def moved(before: list[Any], after: list[Any]) -> set[Any]:
    """The ids that stand in both lists but not in the same order; as few as possible."""
    known, kept = set(before), set(after)
    old = [key for key in before if key in kept]
    new = [key for key in after if key in known]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    in_order = [old[part.a : part.a + part.size] for part in matcher.get_matching_blocks()]
    return set(new).difference(*in_order)


def _text(before: str, after: str) -> str:
    """``…unchanged [-gone-]{+new+} unchanged…``, long stretches shortened with their length."""
    if len(before) + len(after) > COMPARED:
        return " → ".join(quoted(before, after, SHOWN))
    changes = diff_text(before, after).changes
    parts = []
    for index, (kind, text) in enumerate(changes):
        if kind == "equal":
            parts.append(_unchanged(text, index == 0, index == len(changes) - 1))
        else:
            parts.append(f"[-{_cut(text)}-]" if kind == "deletion" else f"{{+{_cut(text)}+}}")
    line = "".join(parts)
    rest = len(line) - LINE
    return f"{line[:LINE]}… ({rest} more characters)" if rest > 0 else line


def _unchanged(text: str, first: bool, last: bool) -> str:
    if len(text) <= 2 * CONTEXT:
        return text
    start = "" if first else text[:CONTEXT]
    return f"{start}…{'' if last else text[-CONTEXT:]}"


def _described(item: dict[str, Any]) -> str:
    value = item.get("value", {key: value for key, value in item.items() if key != "id"})
    return f"{item['type']} {_short(value)}" if "type" in item else _short(value)


def _short(value: Any) -> str:
    return f"“{_cut(_plain(value))}”"


def _cut(text: str) -> str:
    rest = len(text) - SHOWN
    return f"{text[:SHOWN]}… ({rest} more characters)" if rest > 0 else text


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _has_ids(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, dict) and item.get("id") for item in value
    )
