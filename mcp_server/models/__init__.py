"""What the plugin stores: tokens, a record of every change made through them, the style guide."""

from .calls import MCPCall, MCPCallQuerySet, MCPReads, undoable_since
from .finding import MCPTokenQuerySet
from .guidance import StyleGuide
from .receipts import MCPReceipt
from .tokens import MCPToken

__all__ = [
    "MCPCall",
    "MCPCallQuerySet",
    "MCPReads",
    "MCPReceipt",
    "MCPToken",
    "MCPTokenQuerySet",
    "StyleGuide",
    "undoable_since",
]
