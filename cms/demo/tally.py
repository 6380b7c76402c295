"""Counts what a load has made, so that the second one can say that it made nothing."""

from collections import Counter


class Tally:
    def __init__(self) -> None:
        self.made: Counter[str] = Counter()

    def add(self, what: str, count: int = 1) -> None:
        if count:
            self.made[what] += count

    def __str__(self) -> str:
        if not self.made:
            return "Nothing to do: the demo site is complete."
        return "Made " + ", ".join(f"{count} {what}" for what, count in self.made.items()) + "."
