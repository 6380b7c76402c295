"""The first sentences of the plugin's tools, for gettext, which does not read docstrings.

A test holds this list to the docstrings. It is read by nothing but ``makemessages``.
"""

# ruff: noqa: E501 - the sentences as they stand in the docstrings

from django.utils.translation import gettext_noop as _

SUMMARIES = (
    _(
        "Who you act as: user, groups, where this user may add, edit or publish, what the token may do, and the site's time and zone."
    ),
    _("The sites that this Wagtail serves, with their addresses and root pages."),
    _("Search pages, images, documents and snippets."),
    _("Copy a page as a draft, with its children when recursive."),
    _("Delete a page and everything below it."),
    _("The page at a URL or path such as /blog/my-post/, or with a slug; drafts are found too."),
    _("The pages below a page, in order, with status and child count."),
    _("Move a page and everything below it under another parent."),
    _(
        "What an editor looks for before publishing: headings, alt texts, links, required fields, lengths, duplicates; each with its block and a suggestion."
    ),
    _("Create a draft of any page type."),
    _(
        "The fields of a page type with limits, choices, help texts and blocks, where such a page may be created, and an example for create_page."
    ),
    _("Change single blocks of a StreamField by id, nested ones too; all operations or none."),
    _(
        "Read a page: its fields (rich text as Markdown, StreamFields as blocks with ids), status, locks, who has it open, and the revision_id that every write needs."
    ),
    _("The page types (as blog.BlogPage) of this site and where you may create each."),
    _("Find pages by words, type, place and status."),
    _("Save a new draft in which only the given fields change; visitors see nothing new."),
    _("Comment for the editors on a field or block (its first input) of the newest draft."),
    _("Approve a page in review; the last approval publishes it."),
    _("What changed between two revisions, or one and the live version: per field and block."),
    _("The open comments of Wagtail's editor, with replies."),
    _("Pages that wait for this user's review, and the user's own submissions."),
    _("Who saved a page when, through which tool, and which fields changed; newest first."),
    _(
        "A draft (default: the newest) as visitors would see it: an address that works without a login for some hours, and its text, to check your own work."
    ),
    _("Request changes to a page in review."),
    _("Close a comment, with a reply if given; keep_open only replies."),
    _("Bring an earlier revision back as a draft; the live page stays."),
    _("Hand a draft to its reviewers, or back to them."),
    _(
        "What removing, unpublishing or moving a page would touch, and the confirm value that those tools need."
    ),
    _("Make a draft live."),
    _("Publish a draft later."),
    _("Take a page offline; its content stays as a draft."),
    _("One image with the addresses and sizes of renditions."),
    _("Find images by words and filters."),
    _("Change an image's title, alt text, tags, collection or focal point."),
    _("Add a picture (JPEG, PNG, GIF, WebP) from url or data."),
    _("Find documents by words, collection and tag."),
    _("Add a document from url or data (then with filename)."),
    _("Draft a snippet, with fields as in describe_page_type."),
    _("Read a snippet: its fields, its state and the revision_id that a write needs."),
    _("The snippets of a type, such as blog.Author; without a type, the types."),
    _("Change only the given fields of a snippet, as a draft where its type has drafts."),
    _("Lead a path that has no page to a page or url, at once."),
    _("Find redirects by path or target."),
    _("Copy a page into a locale, as a draft or alias."),
    _("A page's translations, and what changed in the source since they were made."),
    _("What this token changed, newest first, with the revisions before and after."),
    _("Take a change back: drafts and unused uploads go, edits return to the revision before."),
)
