"""What a row of the table is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.scene import Scene
    from tests.live.site import LiveSite


@dataclass(frozen=True)
class Figure:
    """What a measurement on a running server gave; ``met`` without regard to seconds."""

    text: str
    met: bool


Measure = Callable[["Scene", "LiveSite"], Figure]


@dataclass(frozen=True)
class Threat:
    """``tests`` are node ids without parameters; all of their cases count."""

    attack: str
    defence: str
    expected: str
    tests: tuple[str, ...]
    measure: Measure | None = None
