"""The first sentences of the plugin's tools, for gettext, which does not read docstrings.

A test holds this list to the docstrings. It is read by nothing but ``makemessages``.
"""

# ruff: noqa: E501 - the sentences as they stand in the docstrings

from django.utils.translation import gettext_noop as _

SUMMARIES = (
    _(
        "Who you act as: user, groups, the sections where this user may add, edit or publish, what the token may do, and the site's current time and zone."
    ),
    _("The sites that this Wagtail serves, with their addresses and root pages."),
    _("Search pages, images, documents and snippets at once."),
    _("Copy a page as a draft, with its children when recursive."),
    _("Delete a page and everything below it."),
    _("The page at a URL or path such as /blog/my-post/, or with a slug; drafts are found too."),
    _("The pages below a page, in the site's order, with status and number of children."),
    _("Move a page and everything below it under another parent."),
    _("Create a draft of any page type."),
    _(
        "The fields of a page type with limits, choices, help texts and blocks, where such a page may be created, and an example for create_page."
    ),
    _("Change single blocks of a StreamField by id, nested ones too; all operations or none"),
    _(
        "Read a page: its fields (rich text as Markdown, StreamFields as blocks with ids), status, locks, who has it open, and the revision_id that every write needs."
    ),
    _("The page types of this site and where you may create each."),
    _("Find pages by words, type, place and status."),
    _("Save a new draft in which only the given fields change; visitors see nothing new."),
    _("Comment for the editors on a field or block (its first input) of the newest draft."),
    _("Approve a page in review; the last approval publishes it."),
    _("What changed between two revisions, or one and the live version: per field and block."),
    _("The open comments of Wagtail's editor, with replies."),
    _("Pages that wait for this user's review, and the user's own submissions."),
    _("Who saved a page when, through which tool, and which fields changed; newest first."),
    _(
        "A draft (default: the newest) as visitors would see it: an address for people that works without a login until it expires, and the text shown, to check your own work."
    ),
    _("Request changes to a page in review."),
    _("Close a comment, with a reply if given; keep_open only replies."),
    _("Bring an earlier revision back as a new draft."),
    _("Hand a draft to its reviewers, also again after they requested changes."),
    _(
        "What removing, unpublishing or moving a page would touch: pages below it, references to it, aliases, translations, schedules."
    ),
    _("Make a draft live."),
    _("Publish a draft later."),
    _("Take a page offline; its content stays as a draft."),
    _("One image with the addresses and sizes of renditions, made when they are missing."),
    _("Find images by words and filters, or those without alt text."),
    _(
        "Change an image's title, alt text, tags (replaced), collection or focal point (what crops keep in view)."
    ),
    _(
        "Add a picture (JPEG, PNG, GIF, WebP) from url or data; metadata is removed, a duplicate is reported."
    ),
    _("Find documents by words, collection and tag."),
    _("Add a document (PDF, office files, text) from url or data."),
    _("What this token changed, newest first, with the page and its revisions before and after."),
    _(
        "Take a change back: drafts and unused uploads go, edits return to the revision before, moved pages to their place, deleted ones as drafts."
    ),
)
