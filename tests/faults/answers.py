"""Answers during a fault: whether they are sentences, and how long they took."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import httpx

from tests.live.asking import call
from tests.live.site import LiveSite

Call = tuple[str, dict[str, Any]]
# What an exception's own text would show: code, files, SQL, classes.
RAW = re.compile(
    r"Traceback|File \"|/[a-z]+/[a-z]+/|psycopg|sqlite|SELECT |Error\b|Errno", re.IGNORECASE
)


@dataclass(frozen=True)
class Answer:
    """What a client reads; ``text`` is "" when the call worked, None when nothing came."""

    text: str | None
    seconds: float

    @property
    def worked(self) -> bool:
        return self.text == ""

    @property
    def is_sentence(self) -> bool:
        """A refusal in words that were meant for a client, with nothing of an exception."""
        return bool(self.text) and str(self.text).endswith(".") and not RAW.search(str(self.text))


def asked(site: LiveSite, who: str, made: Call) -> Answer:
    """The answer to one call, however it went."""
    tool, arguments = made
    started = perf_counter()
    try:
        answer = call(site, who, tool, **arguments)
    except (httpx.TransportError, ValueError, KeyError):
        return Answer(None, perf_counter() - started)
    seconds = perf_counter() - started
    if "message" in answer:
        return Answer(str(answer["message"]), seconds)
    text = answer["content"][0]["text"] if answer.get("isError") else ""
    return Answer(text, seconds)


def all_asked(site: LiveSite, who: str, calls: Iterable[Call], clients: int) -> list[Answer]:
    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(lambda one: asked(site, who, one), calls))


def longest(answers: Iterable[Answer]) -> float:
    return max((answer.seconds for answer in answers), default=0.0)


def others(answers: Iterable[Answer], wanted: Callable[[Answer], bool]) -> str:
    """What else was answered, for whoever has to find out why."""
    counted = Counter(str(answer.text) for answer in answers if not wanted(answer))
    return "; ".join(f"{number} x {text!r}" for text, number in counted.most_common(5))
