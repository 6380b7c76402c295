"""`python -m tests.live.story`: writes docs/story.md, an editor and an assistant on one page."""

import os
import tempfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .asking import call, say
from .editor import OpenEditor
from .names import picked, settled, short

if TYPE_CHECKING:
    from .site import LiveSite

STORY = Path(__file__).resolve().parent.parent.parent / "docs" / "story.md"
WHO = {"editor": "Assistant of the editor", "moderator": "Assistant of the moderator"}
INTRO = """# Two at work on one page

What a server answers when an assistant and people work on the same page, word for word. The
script is `tests/live/story.py`; `tests/live/test_story.py` runs it over HTTP against a real server
and compares. The people log in to Wagtail's admin, open the page in its editor, and send its form.
Long answers are cut to what matters; ids are counted from 1 as they appear, times are left out.
"""
BODY = "## Beans\n\nSow them in May.\n\nWater them daily."
# Not today's, which would be another one tomorrow.
DATE = "2031-05-02"


class Story:
    """Makes the calls and writes down what was asked and answered."""

    def __init__(self, site: "LiveSite") -> None:
        self.site = site
        self.parts = [INTRO]

    def tell(self, title: str, text: str) -> None:
        self.parts.append(f"## {title}\n\n{text}\n")

    def ask(self, who: str, tool: str, shown: str, /, **arguments: Any) -> dict[str, Any]:
        """A call that has to work; ``shown`` names the fields of the answer to write down."""
        answer = call(self.site, who, tool, **arguments)
        assert not answer.get("isError"), (tool, answer)
        content: dict[str, Any] = answer["structuredContent"]
        self._note(who, tool, arguments, picked(content, shown.split()))
        return content

    def refused(self, who: str, tool: str, /, **arguments: Any) -> None:
        answer = call(self.site, who, tool, **arguments)
        assert answer.get("isError"), (tool, answer)
        self._note(who, tool, arguments, ["refused:", *answer["content"][0]["text"].splitlines()])

    def _note(self, who: str, tool: str, arguments: dict[str, Any], answer: Iterable[str]) -> None:
        lines = "\n".join(f"   {line}" for line in answer)
        self.parts.append(f"{WHO[who]}:\n\n```text\n{tool} {short(arguments)}\n→\n{lines}\n```\n")

    def person(self, *did: str) -> None:
        """Write down what somebody did in Wagtail's admin."""
        lines = "\n".join(did)
        self.parts.append(f"The moderator, in Wagtail's editor:\n\n```text\n{lines}\n```\n")

    def text(self) -> str:
        return settled("\n".join(self.parts))


def tell(site: "LiveSite") -> str:
    """The whole story, with ids, times and addresses that are the same in every run."""
    story = Story(site)
    page = _drafting(story)
    _somebody_saves(story, page)
    _somebody_has_it_open(story, page)
    _looking_over(story, page)
    _review(story, page)
    _taking_back(story, page)
    return story.text()


def _drafting(story: Story) -> int:
    blog = call(story.site, "editor", "find_page", url="/blog/")["structuredContent"]["id"]
    arguments = {"parent_id": blog, "title": "Beans on the balcony", "body": BODY, "date": DATE}
    shown = "id title status revision_id replayed"
    story.tell("A draft", "The editor asks for a new post.")
    made = story.ask("editor", "create_blog_post", shown, **arguments)
    story.tell(
        "The connection breaks",
        "The answer was lost on the way, and the client sends the call again. There is still one "
        "page.",
    )
    again = story.ask("editor", "create_blog_post", shown, **arguments)
    assert again["id"] == made["id"]
    return int(made["id"])


def _read(story: Story, page: int) -> dict[str, Any]:
    return story.ask("editor", "get_page_content", "title revision_id fields", page_id=page)


def _somebody_saves(story: Story, page: int) -> None:
    story.tell("Somebody else saves", "The assistant reads the post.")
    read = _read(story, page)
    base, body = read["revision_id"], read["fields"]["body"]
    story.parts.append(
        "Before it writes, the moderator opens the post in Wagtail's editor, changes the title and "
        "the introduction, and saves.\n"
    )
    _person_saves(story, page, title="Balcony beans", intro="For every balcony.")
    story.parts.append(
        "The assistant writes on top of what it read. Nothing is overwritten; the answer says what "
        "the moderator changed, what collides, and that the new date still fits.\n"
    )
    fields = {"title": "Beans for beginners", "date": "2031-05-03"}
    story.refused("editor", "update_page", page_id=page, base_revision_id=base, fields=fields)
    story.parts.append(
        "It reads again, leaves the moderator's title alone, and changes one paragraph and nothing "
        "else.\n"
    )
    base = _read(story, page)["revision_id"]
    block = {"type": "paragraph", "value": "Sow in May.\n\nWater every morning."}
    change = {"op": "replace", "id": body[-1]["id"], "block": block}
    story.ask(
        "editor", "edit_page_blocks", "status revision_id",
        page_id=page, base_revision_id=base, operations=[change],
    )  # fmt: skip


def _person_saves(story: Story, page: int, **fields: str) -> None:
    """The moderator in Wagtail's admin: the form of the editor, with these fields changed."""
    with closing(story.site.admin("moderator")) as browser, OpenEditor(browser, page) as editor:
        before = {name: editor.fields[name] for name in fields}
        editor.fields |= fields
        editor.save_draft()
    newest = call(story.site, "moderator", "list_revisions", page_id=page, limit=1)
    item = newest["structuredContent"]["items"][0]
    assert (item["by"], item.get("through")) == ("Moderator", None)
    changes = (f"{name}: {before[name] or '(empty)'} → {new}" for name, new in fields.items())
    story.person(
        f"opens page {page}", *changes, "Save draft", f"→ revision {item['id']} by {item['by']}"
    )


def _somebody_has_it_open(story: Story, page: int) -> None:
    read = call(story.site, "editor", "get_page_content", page_id=page)["structuredContent"]
    arguments = {
        "page_id": page,
        "base_revision_id": read["revision_id"],
        "fields": {"intro": "For every sunny balcony."},
    }
    story.tell(
        "Somebody has the page open",
        "The moderator opens the page in the Wagtail editor. The assistant waits, although nothing "
        "was saved yet.",
    )
    with closing(story.site.admin("moderator")) as browser, OpenEditor(browser, page):
        story.refused("editor", "update_page", **arguments)
    story.parts.append("The moderator leaves the editor.\n")
    story.ask("editor", "update_page", "status revision_id", **arguments)


def _looking_over(story: Story, page: int) -> None:
    found = call(story.site, "editor", "list_revisions", page_id=page)["structuredContent"]
    ids = sorted(item["id"] for item in found["items"])
    story.tell("Looking it over", "What became of the first draft, and how the page looks now.")
    story.ask("editor", "compare_revisions", "changes", page_id=page, a=ids[0], b=ids[-1])
    story.ask("editor", "preview_page", "revision_id url text", page_id=page)


def _review(story: Story, page: int) -> None:
    story.tell("Review", "The editor may not publish; the post goes to the moderators.")
    sent = story.ask(
        "editor", "submit_for_review", "status review revision_id", page_id=page, comment="Ready."
    )
    story.parts.append("The moderator has read it and approves that very revision.\n")
    story.ask(
        "moderator", "approve_review", "status revision_id",
        page_id=page, revision_id=sent["revision_id"],
    )  # fmt: skip


def _taking_back(story: Story, page: int) -> None:
    read = call(story.site, "editor", "get_page_content", page_id=page)["structuredContent"]
    story.tell("Taking a change back", "One more draft, which the editor does not like.")
    story.ask(
        "editor", "update_page", "title status revision_id", page_id=page,
        base_revision_id=read["revision_id"], fields={"title": "BEANS!"},
    )  # fmt: skip
    changes = story.ask("editor", "list_my_changes", "items", limit=2)
    story.ask("editor", "undo_change", "undone left", change_id=changes["items"][0]["id"])
    story.parts.append("Visitors saw nothing of it, and the draft is as it was.\n")
    story.ask("editor", "find_page", "title status", url="/blog/beans-on-the-balcony/")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")
    import django

    django.setup()
    # It needs Django, which says on what database the site is to run.
    from .site import live_site

    with (
        tempfile.TemporaryDirectory(prefix="editorial-story-") as name,
        live_site(Path(name)) as it,
    ):
        STORY.write_text(tell(it))
    say(f"Wrote {STORY}.")


if __name__ == "__main__":
    main()
