"""What a check gets and gives, and the checks that a site adds to the plugin's own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import BaseModel
from wagtail.models import Page

from mcp_server.actor import Actor

from .checking_parts import Content
from .checking_walk import content_of
from .fields import form_fields


class Finding(BaseModel):
    """Something to look at before publishing; ``where`` is a field or ``body.<block id>.<child>``.

    The text reaches the client as it is, so it names nothing that the actor may not see.
    """

    check: str
    where: str
    message: str
    suggestion: str


@dataclass(frozen=True)
class Inspection:
    """One version of a page, for one actor; checks share what it has read already."""

    actor: Actor
    page: Page
    version: str

    @cached_property
    def fields(self) -> dict[str, Any]:
        """The form fields that this actor sees, by name."""
        return dict(form_fields(type(self.page), self.actor.user))

    @cached_property
    def content(self) -> Content:
        """Headings, pictures, links and words of these fields."""
        return content_of(self.page, self.fields)

    @cached_property
    def slug_is_taken(self) -> bool:
        """Whether a sibling has this slug, be it one that the actor does not see."""
        parent = self.page.get_parent()
        return not Page._slug_is_available(self.page.slug, parent, self.page)


Check = Callable[[Inspection], Iterable[Finding]]
_added: list[Check] = []


def page_check(check: Check) -> Check:
    """Add a function to the checks of ``check_page``; it gets an Inspection and yields Findings."""
    _added.append(check)
    return check


def added_checks() -> tuple[Check, ...]:
    """The checks of the site's own apps, in the order in which they were declared."""
    return tuple(_added)


def shortened(text: str) -> str:
    """A text as it is quoted in a message."""
    return text if len(text) <= 60 else f"{text[:59]}…"
