"""The newest draft of a page, as an object that holds what its revision says."""

from wagtail.models import COMMENTS_RELATION_NAME, Page, Revision

# What `with_content_json` takes from the page whatever the revision says, and the live revision,
# which only the page knows: each would be looked up to see whether it is still there.
_OF_THE_PAGE = frozenset(
    {
        "alias_of",
        "content_type",
        "latest_revision",
        "live_revision",
        "locale",
        "locked_by",
        "owner",
    }
)


def newest_draft(page: Page) -> Page:
    """As ``page.get_latest_revision_as_object()``, with seven look-ups less.

    ``page`` is up to date. Its live content where nothing differs from that. The live revision is
    the page's own; Wagtail takes the one that was live when the draft was saved.
    """
    revision = page.get_latest_revision() if page.has_unpublished_changes else None
    return page.specific if revision is None else draft_of(page, revision)


def draft_of(page: Page, revision: Revision) -> Page:
    """``page`` as this revision of it has it."""
    content = {key: value for key, value in revision.content.items() if key not in _OF_THE_PAGE}
    if COMMENTS_RELATION_NAME in content:
        # Where they stood; everything else of them is the page's, too.
        content[COMMENTS_RELATION_NAME] = [
            {name: comment.get(name) for name in ("pk", "position")}
            for comment in content[COMMENTS_RELATION_NAME]
        ]
    draft: Page = page.specific.with_content_json(content)
    draft.live_revision_id = page.live_revision_id
    return draft
