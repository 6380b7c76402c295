"""What a write hands back: a small model for the client, and the object for the history."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Model
from pydantic import BaseModel, PrivateAttr

# What the protocol lets one answer carry.
MAX_SUGGESTIONS = 100


class Change(BaseModel):
    """Base of the results of writing tools.

    ``of_instance`` remembers which Wagtail object the write touched, so that the call can be
    logged in that object's history. The object itself never reaches the client.
    """

    _instance: Model | None = PrivateAttr(default=None)
    _others: list[Model] = PrivateAttr(default_factory=list)
    _undo: dict[str, Any] = PrivateAttr(default_factory=dict)

    def about(self, instance: Model | None, **undo: Any) -> Self:
        """Name the object that this write touched; None when it left everything as it was.

        ``undo`` is JSON data that undoing the change will need, such as where a page was.
        """
        self._instance = instance
        self._undo = {**self._undo, **undo}
        return self

    def and_about(self, others: Sequence[Model]) -> Self:
        """Name what else this write touched; each has the call in its history."""
        self._others = list(others)
        return self

    @property
    def others(self) -> list[Model]:
        return self._others

    @property
    def undo(self) -> dict[str, Any]:
        return self._undo

    @property
    def instance(self) -> Model | None:
        return self._instance


@dataclass(frozen=True)
class Picture:
    """An image that the model looks at, beside the data of a result."""

    content: bytes
    mime_type: str


class Pictured(BaseModel):
    """Base of results that show a picture. It travels as image content, never inside the data."""

    _picture: Picture | None = PrivateAttr(default=None)

    def showing(self, picture: Picture | None) -> Self:
        """Show ``picture`` with this result."""
        self._picture = picture
        return self

    @property
    def picture(self) -> Picture | None:
        return self._picture


@dataclass(frozen=True)
class Suggestions:
    """Values that complete an argument: the first hundred of ``total``, the likeliest first."""

    values: tuple[str, ...] = ()
    total: int = 0

    @classmethod
    def of(cls, found: Any) -> Self:
        """Those of a list, or of a queryset of single values, which is counted, not loaded."""
        total = len(found) if isinstance(found, Sequence) else found.count()
        return cls(tuple(str(value) for value in found[:MAX_SUGGESTIONS]), total)


def compact(value: Any) -> Any:
    """JSON-ready data of a tool's result; None and empty ``warnings`` are left out."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True, by_alias=True)
    return value
