"""The fieldsets of the token form that the plugin brings; a site may put its own tools in them."""

from django.utils.translation import gettext_lazy as _

from . import needs
from .registry import ToolGroup

ACCOUNT = ToolGroup("account", _("Account"), order=10)
SEARCH = ToolGroup("search", _("Search"), order=20)
TREE = ToolGroup("tree", _("Page tree"), order=30, needs=needs.pages)
PAGES = ToolGroup("pages", _("Pages"), order=40, needs=needs.pages)
REVIEW = ToolGroup("review", _("Review"), order=50, needs=needs.pages)
PUBLISHING = ToolGroup("publishing", _("Publishing"), order=60, needs=needs.publishing)
CHANGES = ToolGroup("changes", _("Changes"), order=110, needs=needs.changes)
IMAGES = ToolGroup("images", _("Images"), order=90, needs=needs.images)
DOCUMENTS = ToolGroup("documents", _("Documents"), order=100, needs=needs.documents)
SNIPPETS = ToolGroup("snippets", _("Snippets"), order=102, needs=needs.snippets)
REDIRECTS = ToolGroup(
    "redirects",
    _("Redirects"),
    order=104,
    needs=needs.redirects,
    installed=needs.redirects_installed,
)
TRANSLATIONS = ToolGroup(
    "translations",
    _("Translations"),
    order=106,
    needs=needs.translations,
    installed=needs.several_languages,
)
