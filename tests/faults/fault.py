"""What a fault is: a name, an aim, and a function that returns figures."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .scene import Scene


class NotRun(Exception):  # noqa: N818 - a reason, not an error
    """Why a fault cannot be run on this machine or database."""


@dataclass(frozen=True)
class Outcome:
    """The figures of one run, one cell of the table, and whether the aim is met."""

    figures: str
    met: bool


@dataclass(frozen=True)
class Fault:
    """``name`` is what ``--only`` takes; ``title`` and ``aim`` are cells of the table."""

    name: str
    title: str
    aim: str
    run: "Callable[[Scene], Outcome]"
