"""The words of the measured site: the same on every run, and long enough to be a site's."""

import random
from typing import Any
from uuid import UUID

# In every post, and in two of them: what broad and narrow searches look for.
BROAD, NARROW = "orchard", "quillwort"
LAST_WORDS = "The path ends at the boathouse."
LONG_BLOCKS = 80

# Split below: a list of so many short strings would take a page.
_WORDS = """
    alder bench bridge bulb canal cedar clay cold compost curator damp dew early evening fern
    field frost gate glass gravel grove hedge hill juniper keeper label lane larch late leaf
    light lily map meadow mild moss narrow oak old open palm path pear pond quiet rain reed
    ridge river root rose sedge seed shade slow soil spring stone summer tender terrace tool
    tour tree valley wall warm water wide willow wind winter wood yew young
"""
WORDS = _WORDS.split()

Block = dict[str, Any]


class Writer:
    """Sentences and blocks that follow from a number."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def sentence(self, words: int = 12) -> str:
        return f"{' '.join(self._random.choices(WORDS, k=words)).capitalize()}."

    def text(self, sentences: int) -> str:
        return " ".join(self.sentence() for _ in range(sentences))

    def paragraph(self) -> Block:
        linked = f'<a href="https://example.org/{self._random.choice(WORDS)}/">read on</a>'
        return self._block(
            "paragraph", f"<p>{self.text(3)} <b>{self.sentence(4)}</b> {self.text(1)} {linked}</p>"
        )

    def heading(self) -> Block:
        return self._block("heading", {"text": self.sentence(4)[:-1], "level": "h2"})

    def quote(self) -> Block:
        return self._block("quote", {"text": self.text(1), "attribution": "The keeper"})

    def columns(self) -> Block:
        value = {"left": [self.heading(), self.paragraph()], "right": [self.quote()]}
        return self._block("two_columns", value)

    def post(self) -> list[Block]:
        """The body of an ordinary post."""
        return [self.paragraph(), self.heading(), self.paragraph(), self.quote(), self.paragraph()]

    def long(self) -> list[Block]:
        """The body of the long page."""
        makers = (self.heading, self.paragraph, self.paragraph, self.quote, self.columns)
        blocks = [makers[number % len(makers)]() for number in range(LONG_BLOCKS - 1)]
        return [*blocks, self._block("paragraph", f"<p>{LAST_WORDS}</p>")]

    def _block(self, kind: str, value: Any) -> Block:
        identity = str(UUID(int=self._random.getrandbits(128), version=4))
        # A value of a stream within a stream keeps the same form.
        return {"type": kind, "value": value, "id": identity}
