"""The public face: everything a site's ``mcp_tools`` module needs.

Import from here only; the rest of the package may change between releases.
"""

from . import needs
from .actor import Actor
from .conf import mcp_settings
from .content.checking_base import Finding, Inspection, page_check
from .content.clock import comparable, shown
from .content.completing import locales, matching, page_ids, page_ids_of, page_types, tags_of
from .content.finding import editable_page, visible_page, visible_pages
from .content.listing import for_listing, listed, listed_pages
from .content.media import absolute_url, rendition_filters
from .content.picture_changes import edit_image
from .content.prompting import chosen_locale, chosen_page, locale_line, page_line
from .content.references import visible_documents, visible_images
from .content.searching import search_words
from .content.shapes import Listing, PageItem, PageSummary, admin_url
from .content.shortening import some_of
from .content.writing import create_page, update_page
from .errors import Conflict, Invalid, Refused, explain
from .groups import (
    ACCOUNT,
    CHANGES,
    DOCUMENTS,
    IMAGES,
    PAGES,
    PUBLISHING,
    REDIRECTS,
    REVIEW,
    SEARCH,
    SNIPPETS,
    TRANSLATIONS,
    TREE,
)
from .guides import prompt, resource
from .leftovers import cleanup_on_error, discard_on_error
from .parameters import (
    Body,
    Confirm,
    Cursor,
    Fields,
    Limit,
    PageId,
    ParentId,
    RevisionId,
    Slug,
    Title,
)
from .plaintext import as_data, clean_text, typed
from .records import CallRecord
from .registry import ToolGroup, tool
from .results import Change, Picture, Pictured, Suggestions

__all__ = [
    "ACCOUNT",
    "CHANGES",
    "DOCUMENTS",
    "IMAGES",
    "PAGES",
    "PUBLISHING",
    "REDIRECTS",
    "REVIEW",
    "SEARCH",
    "SNIPPETS",
    "TRANSLATIONS",
    "TREE",
    "Actor",
    "Body",
    "CallRecord",
    "Change",
    "Confirm",
    "Conflict",
    "Cursor",
    "Fields",
    "Finding",
    "Inspection",
    "Invalid",
    "Limit",
    "Listing",
    "PageId",
    "PageItem",
    "PageSummary",
    "ParentId",
    "Picture",
    "Pictured",
    "Refused",
    "RevisionId",
    "Slug",
    "Suggestions",
    "Title",
    "ToolGroup",
    "absolute_url",
    "admin_url",
    "as_data",
    "chosen_locale",
    "chosen_page",
    "clean_text",
    "cleanup_on_error",
    "comparable",
    "create_page",
    "discard_on_error",
    "edit_image",
    "editable_page",
    "explain",
    "for_listing",
    "listed",
    "listed_pages",
    "locale_line",
    "locales",
    "matching",
    "mcp_settings",
    "needs",
    "page_check",
    "page_ids",
    "page_ids_of",
    "page_line",
    "page_types",
    "prompt",
    "rendition_filters",
    "resource",
    "search_words",
    "shown",
    "some_of",
    "tags_of",
    "tool",
    "typed",
    "update_page",
    "visible_documents",
    "visible_images",
    "visible_page",
    "visible_pages",
]
