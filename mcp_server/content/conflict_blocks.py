"""Two people's changes to one StreamField, block by block: which still fit, and which collide.

Blocks are told apart by their ids, nested ones too: a block's own value is what it holds besides
the blocks inside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .differences import moved
from .shortening import quoted

# Keys of one block's value that are shown.
KEYS = 3


@dataclass(frozen=True)
class Node:
    """One block: its type and own value, and the block that it stands in."""

    type: str
    value: Any
    parent: str | None

    def says(self, other: "Node | None") -> bool:
        """Whether both have the same content, wherever they stand."""
        return other is not None and (self.type, self.value) == (other.type, other.value)


@dataclass
class Compared:
    """Ids, with a word on what happened where it is no change of the value; and sentences."""

    fits: list[str] = field(default_factory=list)
    there_only: list[str] = field(default_factory=list)
    collisions: list[str] = field(default_factory=list)


Nodes = dict[str, Node]


def compare_blocks(before: Any, now: Any, mine: Any) -> Compared:
    """What was done to the blocks of ``before`` there (``now``) and by the caller (``mine``)."""
    old, theirs, yours = _nodes(before), _nodes(now), _nodes(mine)
    there, own = _changes(old, theirs), _changes(old, yours)
    result = Compared()
    for key, what in own.items():
        sentence = _collision(key, old, theirs, yours) if _collide(there.get(key), what) else None
        sentence = (
            sentence or _lost_place(key, old, theirs, yours) or _filled(key, old, theirs, own)
        )
        if sentence:
            result.collisions.append(f"block {key} collides: {sentence}.")
        elif what != "added" and not _done(theirs.get(key), yours.get(key), there.get(key)):
            result.fits.append(key)
    if _has_new(own, mine, before):
        result.fits.append("your new ones")
    result.there_only = [_told(key, what) for key, what in there.items() if key not in own]
    return result


def _nodes(value: Any) -> Nodes:
    found: Nodes = {}
    _own(value, None, found)
    return found


def _own(value: Any, parent: str | None, found: Nodes) -> Any:
    """``value`` without the blocks in it that have ids; those go to ``found``, outer ones first."""
    if isinstance(value, dict):
        return {key: _own(item, parent, found) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    kept = []
    for item in value:
        if isinstance(item, dict) and isinstance(item.get("id"), str) and "value" in item:
            inside: Nodes = {}
            own = _own(item["value"], item["id"], inside)
            found[item["id"]] = Node(str(item.get("type", "item")), own, parent)
            found.update(inside)
        else:
            kept.append(_own(item, parent, found))
    return kept


def _changes(old: Nodes, new: Nodes) -> dict[str, str]:
    """``{id: added, removed, changed or moved}``."""
    changes = {}
    elsewhere = moved(list(old), list(new))
    for key in {**old, **new}:
        if key not in new or key not in old:
            changes[key] = "added" if key in new else "removed"
        elif not old[key].says(new[key]):
            changes[key] = "changed"
        elif key in elsewhere or old[key].parent != new[key].parent:
            changes[key] = "moved"
    return changes


def _collide(there: str | None, own: str) -> bool:
    if there is None or (there == own == "removed"):
        return False
    # A move leaves the value alone, and a removal does not care about the place.
    return "moved" not in (there, own) or there == own or (own, there) == ("moved", "removed")


def _done(theirs: Node | None, yours: Node | None, there: str | None) -> bool:
    """Whether the caller's change was made there already."""
    return there not in (None, "moved") and (theirs.says(yours) if theirs else yours is None)


def _collision(key: str, old: Nodes, theirs: Nodes, yours: Nodes) -> str | None:
    their, your, was = theirs.get(key), yours.get(key), old.get(key)
    if their is None:
        return f"theirs removed it, yours {quoted(your and your.value, '')[0]}"
    if your is None:
        return f"theirs {quoted(their.value, '')[0]}, yours removes it"
    if their.says(your):
        return "both moved it" if their.says(was) else None
    if their.type != your.type:
        one, other = quoted(their.value, your.value)
        return f"theirs {their.type} {one}, yours {your.type} {other}"
    return "; ".join(_parts(was and was.value, their.value, your.value))


def _parts(was: Any, theirs: Any, yours: Any) -> Iterator[str]:
    """The values that differ: of a block with named parts each part's own."""
    if not (isinstance(theirs, dict) and isinstance(yours, dict)):
        one, other = quoted(theirs, yours)
        yield f"theirs {one}, yours {other}"
        return
    known = was if isinstance(was, dict) else {}
    names = [name for name in {**theirs, **yours} if theirs.get(name) != yours.get(name)]
    for name in names[:KEYS]:
        one, other = quoted(theirs.get(name), yours.get(name))
        if name in known and yours.get(name) == known[name]:
            yield f"{name} theirs {one}, not changed by you"
        elif name in known and theirs.get(name) == known[name]:
            yield f"{name} yours {other}, unchanged there"
        else:
            yield f"{name} theirs {one}, yours {other}"
    if len(names) > KEYS:
        yield f"and {len(names) - KEYS} more parts"


def _lost_place(key: str, old: Nodes, theirs: Nodes, yours: Nodes) -> str | None:
    """Why something new or moved has nowhere to stand."""
    parent = yours[key].parent if key in yours else None
    gone = parent in old and parent not in theirs
    return f"{parent}, which you put it in, was removed there" if gone else None


def _filled(key: str, old: Nodes, theirs: Nodes, own: dict[str, str]) -> str | None:
    """What was added there inside a block that the caller removes or writes anew."""
    if own[key] not in ("removed", "changed") or key not in theirs:
        return None
    new = [child for child, node in theirs.items() if node.parent == key and child not in old]
    return f"{', '.join(new[:KEYS])} added in it there" if new else None


def _has_new(own: dict[str, str], mine: Any, before: Any) -> bool:
    # New blocks of a whole StreamField come without an id.
    bare = [item for item in mine or [] if isinstance(item, dict) and not item.get("id")]
    return "added" in own.values() or any(item not in (before or []) for item in bare)


def _told(key: str, what: str) -> str:
    return key if what == "changed" else f"{key} ({what})"
