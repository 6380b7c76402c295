"""Reads the demo's texts: Markdown files in `content/` with `key: value` lines on top."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

CONTENT = Path(__file__).parent / "content"


@dataclass(frozen=True)
class Text:
    """One page's words. `path` is its address below the front page, without slashes outside."""

    path: str
    kind: str
    meta: dict[str, str]
    body: str

    @cached_property
    def slug(self) -> str:
        return self.path.rpartition("/")[2]

    @cached_property
    def parent(self) -> str:
        return self.path.rpartition("/")[0]

    def __getitem__(self, key: str) -> str:
        return self.meta.get(key, "")

    def listed(self, key: str) -> list[str]:
        return [item.strip() for item in self[key].split(",") if item.strip()]


def read(path: str, kind: str, file: Path) -> Text:
    head, _separator, body = file.read_text(encoding="utf-8").partition("\n\n")
    lines = (line.partition(": ") for line in head.splitlines())
    return Text(path, kind, {key: value.strip() for key, _colon, value in lines}, body.strip())


def front_page() -> Text:
    return read("", "home", CONTENT / "home.md")


def sections() -> list[Text]:
    """The pages below the front page, parents before children, in menu order."""
    root = CONTENT / "pages"
    kinds = {"blog": "blog_index", "events": "event_index"}
    found = []
    for file in root.rglob("*.md"):
        path = file.relative_to(root).with_suffix("").as_posix()
        found.append(read(path, kinds.get(path, "flex"), file))
    return sorted(found, key=lambda text: (text.path.count("/"), int(text["order"]), text.path))


def posts() -> list[Text]:
    """The blog posts, the oldest first, as they would have been written."""
    found = [read(f"blog/{file.stem}", "post", file) for file in (CONTENT / "posts").glob("*.md")]
    return sorted(found, key=lambda text: (-int(text["days_ago"]), text.path))


def events() -> list[Text]:
    files = sorted((CONTENT / "events").glob("*.md"))
    return [read(f"events/{file.stem}", "event", file) for file in files]
