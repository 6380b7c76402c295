"""What prompts make of the texts that a person types into their arguments."""

from wagtail.coreutils import get_content_languages
from wagtail.models import Locale, Page

from mcp_server.actor import Actor
from mcp_server.errors import Refused
from mcp_server.plaintext import as_data

from .finding import visible_page
from .shapes import shown_title, type_name


def chosen_page(actor: Actor, page_id: str) -> Page:
    """The page that an argument names by its id; refuses what is no id, and what is not seen."""
    text = page_id.strip()
    if not text.isdecimal():
        raise Refused(
            "page_id: give the page's number. Type a part of its title to have it completed."
        )
    # Longer numbers are no ids; Python would spend time on reading them.
    return visible_page(actor, int(text[:20]))


def chosen_locale(code: str) -> str:
    """The locale that an argument names; refuses one that the site does not have."""
    codes = {item.lower(): item for item in Locale.objects.values_list("language_code", flat=True)}
    found: str | None = codes.get(code.strip().lower())
    if found is None:
        raise Refused(f"locale: not one of this site's (allowed: {', '.join(sorted(codes))}).")
    return found


def page_line(page: Page) -> str:
    """A page in a prompt's text: its id for the tools, its title as data for the reader."""
    return f"page {page.pk}, {as_data(shown_title(page))} ({type_name(page)})"


def locale_line(code: str) -> str:
    """A locale in a prompt's text, with the language's name."""
    return f"{code} ({get_content_languages().get(code, code)})"
