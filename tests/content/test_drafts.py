"""A draft that is read with fewer look-ups is the one that Wagtail gives."""

import pytest
from wagtail.models import Comment, Page

from home.models import FlexPage
from mcp_server.content.drafts import draft_of, newest_draft
from tests.world import World

pytestmark = pytest.mark.django_db


def held(page: Page) -> dict[str, object]:
    """What a revision of this page would hold; the live revision is the page's own in ours."""
    content: dict[str, object] = page.serializable_data()
    return {name: value for name, value in content.items() if name != "live_revision"}


def test_the_newest_draft(world: World) -> None:
    page = world.first
    page.owner, page.title = world.editor, "Changed"
    page.body = [("paragraph", "<p>New words.</p>")]
    page.tags.add("fresh")
    page.save_revision(user=world.editor)
    stored = Page.objects.get(pk=page.pk).specific
    ours, wagtails = newest_draft(stored), stored.get_latest_revision_as_object()
    assert ours.title == "Changed"
    assert held(ours) == held(wagtails)
    assert ours.live_revision_id == stored.live_revision_id


def test_comments_stand_where_the_revision_has_them(world: World) -> None:
    page = world.first
    comment = Comment.objects.create(
        page=page, user=world.editor, text="Why?", contentpath="intro", position="3"
    )
    revision = page.save_revision(user=world.editor)
    Comment.objects.filter(pk=comment.pk).update(position="9")
    stored = Page.objects.get(pk=page.pk).specific
    for draft in (draft_of(stored, revision), revision.as_object()):
        (found,) = draft.wagtail_admin_comments.all()
        assert (found.position, found.user, found.text) == ("3", world.editor, "Why?")


def test_every_revision(world: World) -> None:
    for page in Page.objects.filter(depth__gt=1).specific():
        page.save_revision()
        for revision in page.revisions.all():
            assert held(draft_of(page, revision)) == held(revision.as_object())


def test_a_page_without_a_draft_is_its_own(world: World) -> None:
    about = Page.objects.get(pk=world.about.pk)
    assert not about.has_unpublished_changes
    assert isinstance(newest_draft(about), FlexPage)
