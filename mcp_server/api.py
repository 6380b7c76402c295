"""The public face: everything a site's ``mcp_tools`` module needs.

Import from here only; the rest of the package may change between releases.
"""

from . import needs
from .actor import Actor
from .conf import mcp_settings
from .content.clock import comparable, shown
from .content.finding import editable_page, visible_page, visible_pages
from .content.listing import for_listing, listed, listed_pages
from .content.media import absolute_url, rendition_filters
from .content.references import visible_documents, visible_images
from .content.searching import search_words
from .content.shapes import Listing, PageItem, PageSummary, admin_url
from .content.writing import create_page, update_page
from .errors import Conflict, Invalid, Refused, explain
from .groups import ACCOUNT, CHANGES, DOCUMENTS, IMAGES, PAGES, PUBLISHING, REVIEW, SEARCH, TREE
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
from .plaintext import clean_text
from .registry import ToolGroup, tool
from .results import Change, Picture, Pictured

__all__ = [
    "ACCOUNT",
    "CHANGES",
    "DOCUMENTS",
    "IMAGES",
    "PAGES",
    "PUBLISHING",
    "REVIEW",
    "SEARCH",
    "TREE",
    "Actor",
    "Body",
    "Change",
    "Confirm",
    "Conflict",
    "Cursor",
    "Fields",
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
    "Title",
    "ToolGroup",
    "absolute_url",
    "admin_url",
    "clean_text",
    "cleanup_on_error",
    "comparable",
    "create_page",
    "discard_on_error",
    "editable_page",
    "explain",
    "for_listing",
    "listed",
    "listed_pages",
    "mcp_settings",
    "needs",
    "prompt",
    "rendition_filters",
    "resource",
    "search_words",
    "shown",
    "tool",
    "update_page",
    "visible_documents",
    "visible_images",
    "visible_page",
    "visible_pages",
]
