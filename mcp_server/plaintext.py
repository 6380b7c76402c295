"""Text that comes in from a model, without the characters that nobody can see."""

import json
import re

# Zero-width and bidirectional controls, and the tag block: text that a reviewer cannot see but
# a model reads. Lone surrogates and NUL cannot be stored at all. Joiners (U+200C, U+200D) stay,
# because Persian words and emoji need them.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u061c\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def clean_text(text: str) -> str:
    """``text`` without invisible and direction-changing control characters."""
    return _INVISIBLE.sub("", text)


def has_invisible(text: str) -> bool:
    """Whether ``clean_text`` would remove something."""
    return _INVISIBLE.search(text) is not None


def as_data(text: str) -> str:
    """``text`` on one line between double quotes, escaped: it cannot pass for what stands around
    it, so a prompt can hand on what somebody typed or wrote without handing on orders."""
    return json.dumps(clean_text(text).strip(), ensure_ascii=False)


def typed(**values: str) -> str:
    """What a person typed into a prompt's arguments: a line each, as data, empty ones left out."""
    return "\n".join(f"{name}: {as_data(value)}" for name, value in values.items() if value.strip())
