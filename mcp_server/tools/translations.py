"""Pages in the site's languages."""

from typing import Annotated

from pydantic import Field

from mcp_server.api import TRANSLATIONS, Actor, PageId, PageSummary, tool, visible_page
from mcp_server.content import translating
from mcp_server.content.translations import TranslationStatus, translation_status


@tool(TRANSLATIONS, kind="read")
def get_translation_status(actor: Actor, page_id: PageId) -> TranslationStatus:
    """A page's translations, and what changed in the source since they were made."""
    return translation_status(actor, visible_page(actor, page_id))


@tool(TRANSLATIONS, kind="draft", once=True)
def copy_for_translation(
    actor: Actor,
    page_id: PageId,
    locale: Annotated[str, Field(min_length=1, max_length=100)],
    alias: bool = False,
    include_subtree: bool = False,
) -> PageSummary:
    """Copy a page into a locale, as a draft or alias."""
    return translating.copy_for_translation(actor, page_id, locale, alias, include_subtree)
