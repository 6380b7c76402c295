"""Looking around, moving, copying, deleting; and what reaches visitors."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.admin.models import EditingSession
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import (
    Comment,
    GroupPagePermission,
    Locale,
    Page,
    PageLogEntry,
    get_default_page_content_type,
)

from home.models import FlexPage
from mcp_server.content import finding
from mcp_server.errors import Conflict, Invalid, Refused
from mcp_server.tools import pages, publishing, review, tree
from tests.world import World


def _titles(node: Any) -> Any:
    return {child.title: _titles(child) for child in node.children or []}


def test_the_tree_starts_where_the_users_explorer_starts(world: World) -> None:
    found = tree.get_page_tree(world.actor("editor"))
    assert found.root.title == "Home"
    assert _titles(found.root) == {
        "Blog": {"First": {}, "Second": {}},
        "Events": {"Tour": {}},
    }
    assert tree.get_page_tree(world.actor("outsider")).root.title == "About"


def test_the_tree_says_how_many_children_lie_deeper(world: World) -> None:
    found = tree.get_page_tree(world.actor("editor"), depth=1)
    assert [
        (node.title, node.child_count, node.children) for node in found.root.children or []
    ] == [
        ("Blog", 2, None),
        ("Events", 1, None),
    ]


def test_a_section_hides_everything_else_in_the_same_words(world: World) -> None:
    outsider = world.actor("outsider")
    texts = set()
    for page_id in (world.first.pk, 987654, 2**62):
        with pytest.raises(Refused) as caught:
            pages.get_page_content(outsider, page_id)
        texts.add(str(caught.value).replace(str(page_id), "N"))
    assert len(texts) == 1
    assert pages.get_page_content(world.actor("admin"), world.first.pk).title == "First"


@pytest.mark.parametrize(
    "address",
    [
        "/blog/second/",
        "blog/second",
        "http://testserver/blog/second/",
        "https://testserver/blog/second?x=1#y",
        "second",
    ],
)
def test_find_page_takes_addresses_paths_and_slugs(world: World, address: str) -> None:
    assert tree.find_page(world.actor("editor"), address).id == world.second.pk


@pytest.mark.parametrize("address", ["/nope/", "nope", "http://testserver/about/", "/blog/"])
def test_find_page_tells_what_to_do_otherwise(world: World, address: str) -> None:
    actor = world.actor("outsider" if address != "http://testserver/about/" else "editor")
    with pytest.raises(Refused, match="Call search_pages"):
        tree.find_page(actor, address)


def test_statuses_are_told_in_words(world: World) -> None:
    actor = world.actor("moderator")
    assert pages.get_page_content(actor, world.first.pk).status == "live"
    assert pages.get_page_content(actor, world.second.pk).status == "draft"
    world.first.save_revision()
    assert pages.get_page_content(actor, world.first.pk).status == "live + draft"
    world.second.get_workflow().start(world.second, world.editor)
    content = pages.get_page_content(actor, world.second.pk)
    assert content.status == "in review"
    assert content.workflow == (
        "waiting for: Moderators approval; until decided only Moderators may edit"
    )


def test_live_is_not_answered_with_the_draft(world: World) -> None:
    with pytest.raises(Refused, match="has no live version"):
        pages.get_page_content(world.actor("editor"), world.second.pk, "live")


def test_an_editor_cannot_publish_and_a_moderator_can(world: World, client: Client) -> None:
    revision = pages.get_page_content(world.actor("editor"), world.second.pk).revision_id
    with pytest.raises(Refused, match="may not publish page"):
        publishing.publish_page(world.actor("editor"), world.second.pk, revision)
    assert client.get("/blog/second/").status_code == 404
    answer = publishing.publish_page(world.actor("moderator"), world.second.pk, revision)
    assert answer.status == "live"
    assert client.get("/blog/second/").status_code == 200


def test_only_the_revision_that_was_read_is_published(world: World) -> None:
    read = world.second.latest_revision_id
    world.second.save_revision(user=world.editor)
    with pytest.raises(Conflict, match="Editor saved revision"):
        publishing.publish_page(world.actor("moderator"), world.second.pk, read)
    assert not Page.objects.get(pk=world.second.pk).live


def test_publishing_again_what_is_live_leaves_no_second_trace(world: World) -> None:
    moderator = world.actor("moderator")
    revision = world.second.save_revision().pk
    publishing.publish_page(moderator, world.second.pk, revision)
    world.second.refresh_from_db()
    published = world.second.last_published_at
    again = publishing.publish_page(moderator, world.second.pk, revision)
    world.second.refresh_from_db()
    assert again.status == "live"
    assert again.warnings == [f"Revision {revision} is live already."]
    assert again.instance is None
    assert world.second.last_published_at == published
    assert PageLogEntry.objects.filter(page=world.second, action="wagtail.publish").count() == 1


def test_publishing_what_is_live_still_ends_its_review(world: World) -> None:
    moderator = world.actor("moderator")
    revision = world.second.save_revision().pk
    publishing.publish_page(moderator, world.second.pk, revision)
    page = Page.objects.get(pk=world.second.pk).specific
    page.get_workflow().start(page, world.editor)
    assert publishing.publish_page(moderator, page.pk, revision).status == "live"
    assert not Page.objects.get(pk=page.pk).workflow_in_progress


def test_an_unfinished_page_is_not_published(world: World) -> None:
    world.tour.body = [{"type": "quote", "value": {"text": "", "attribution": ""}}]
    revision = world.tour.save_revision(user=world.admin, clean=False)
    with pytest.raises(Invalid, match=r"body\[0\].quote.text: required"):
        publishing.publish_page(world.actor("moderator"), world.tour.pk, revision.pk)


def test_a_page_locked_by_somebody_else_is_left_alone(world: World) -> None:
    Page.objects.filter(pk=world.first.pk).update(
        locked=True, locked_by=world.admin, locked_at=timezone.now()
    )
    read = pages.get_page_content(world.actor("editor"), world.first.pk)
    assert read.locked_by == "Admin"
    with pytest.raises(Refused):
        pages.update_page(world.actor("editor"), world.first.pk, read.revision_id, {"intro": "x"})
    with pytest.raises(Conflict, match="locked by Admin"):
        publishing.publish_page(world.actor("moderator"), world.first.pk, read.revision_id)


def test_a_page_that_somebody_has_open_is_left_alone(world: World) -> None:
    session = EditingSession.objects.create(
        user=world.moderator,
        content_type=get_default_page_content_type(),
        object_id=world.first.pk,
        last_seen_at=timezone.now() - timedelta(minutes=2),
    )
    editor = world.actor("editor")
    read = pages.get_page_content(editor, world.first.pk)
    assert read.being_edited_by == "Moderator, active 2 minutes ago"
    with pytest.raises(Conflict, match=r"Moderator has page .* open in the editor"):
        pages.update_page(editor, world.first.pk, read.revision_id, {"intro": "x"})
    session.last_seen_at = timezone.now() - timedelta(minutes=30)
    session.save()
    answer = pages.update_page(editor, world.first.pk, read.revision_id, {"intro": "x"})
    assert answer.warnings is None


def test_the_one_who_was_active_last_is_named(world: World) -> None:
    for user, minutes in ((world.moderator, 3), (world.admin, 1), (world.outsider, 2)):
        EditingSession.objects.create(
            user=user,
            content_type=get_default_page_content_type(),
            object_id=world.first.pk,
            last_seen_at=timezone.now() - timedelta(minutes=minutes),
        )
    read = pages.get_page_content(world.actor("editor"), world.first.pk)
    assert read.being_edited_by == "Admin, active 1 minute ago"


def test_the_users_own_open_editor_is_a_warning(world: World) -> None:
    EditingSession.objects.create(
        user=world.editor,
        content_type=get_default_page_content_type(),
        object_id=world.first.pk,
        last_seen_at=timezone.now(),
    )
    editor = world.actor("editor")
    revision = world.first.latest_revision_id
    answer = pages.update_page(editor, world.first.pk, revision, {"intro": "x"})
    assert answer.warnings == [
        "This user has the page open in the editor: reload it there before saving."
    ]


def test_consequences_come_first(world: World) -> None:
    moderator = world.actor("moderator")
    world.first.related_links.create(title="About", page=world.about)
    world.first.save()
    impact = publishing.get_page_impact(moderator, world.about.pk)
    assert (impact.descendants, impact.descendants_live) == (1, 0)
    assert [reference.title for reference in impact.referred_to_by] == ["First"]
    with pytest.raises(Refused, match="confirm value does not fit"):
        publishing.unpublish_page(moderator, world.about.pk, "made up")
    world.team.save_revision()
    with pytest.raises(Refused, match="confirm value does not fit"):
        publishing.unpublish_page(moderator, world.about.pk, impact.confirm)
    fresh = publishing.get_page_impact(moderator, world.about.pk).confirm
    assert publishing.unpublish_page(moderator, world.about.pk, fresh).status == "draft"


def test_a_confirm_value_is_of_no_use_to_somebody_else(world: World) -> None:
    theirs = publishing.get_page_impact(world.actor("admin"), world.second.pk).confirm
    with pytest.raises(Refused, match="confirm value does not fit"):
        tree.delete_page(world.actor("moderator"), world.second.pk, theirs)


def test_moving_changes_the_address(world: World) -> None:
    moderator = world.actor("moderator")
    confirm = publishing.get_page_impact(moderator, world.team.pk).confirm
    answer = tree.move_page(moderator, world.team.pk, world.home.pk, confirm)
    assert answer.path == "/team/"
    with pytest.raises(Refused, match="cannot be moved below page"):
        tree.move_page(moderator, world.first.pk, world.events.pk, "x")
    with pytest.raises(Refused, match="moved into itself"):
        tree.move_page(moderator, world.about.pk, world.about.pk, "x")


def test_deleting_removes_the_page_and_what_lies_below(world: World) -> None:
    moderator = world.actor("admin")
    confirm = publishing.get_page_impact(moderator, world.about.pk).confirm
    answer = tree.delete_page(moderator, world.about.pk, confirm)
    assert (answer.deleted, answer.descendants) == (world.about.pk, 1)
    assert not Page.objects.filter(pk__in=[world.about.pk, world.team.pk]).exists()


def test_a_copy_is_a_draft_of_its_own(world: World) -> None:
    actor = world.actor("editor")
    answer = tree.copy_page(actor, world.first.pk, title="Copy")
    page = Page.objects.get(pk=answer.id)
    assert (answer.status, answer.title, page.owner) == ("draft", "Copy", actor.user)
    assert answer.revision_id
    assert page.slug != world.first.slug


def test_revisions_say_who_and_what(world: World) -> None:
    actor = world.actor("editor")
    read = pages.get_page_content(actor, world.first.pk)
    pages.update_page(actor, world.first.pk, read.revision_id, {"intro": "New", "title": "Newer"})
    newest, before = review.list_revisions(actor, world.first.pk).items
    assert newest.by == "Editor"
    assert newest.changed == ["title", "intro"]
    assert newest.state == "newest draft"
    assert before.state == "live"


def test_an_earlier_revision_comes_back_as_a_draft(world: World) -> None:
    actor = world.actor("editor")
    read = pages.get_page_content(actor, world.first.pk)
    pages.update_page(actor, world.first.pk, read.revision_id, {"intro": "New"})
    answer = review.revert_page(actor, world.first.pk, read.revision_id)
    assert answer.revision_id > read.revision_id
    assert answer.status == "live + draft"
    assert "intro" not in pages.get_page_content(actor, world.first.pk).fields
    with pytest.raises(Refused, match="is the newest already"):
        review.revert_page(actor, world.first.pk, answer.revision_id)
    with pytest.raises(Refused, match="has no revision"):
        review.revert_page(actor, world.first.pk, world.second.latest_revision_id)


def test_who_may_only_add_still_finds_and_edits_what_is_theirs(world: World) -> None:
    GroupPagePermission.objects.filter(permission__codename="change_page").delete()
    actor = world.actor("editor")
    assert tree.get_page_tree(actor).root.title == "Home"
    mine = pages.create_page(actor, "blog.BlogPage", world.blog.pk, "Mine", {"body": "x"})
    pages.update_page(actor, mine.id, mine.revision_id, {"intro": "still mine"})
    with pytest.raises(Refused, match="may not edit page"):
        pages.update_page(actor, world.first.pk, world.first.latest_revision_id, {"intro": "x"})
    assert pages.get_page_content(actor, world.first.pk, "live").title == "First"


def test_a_moved_live_page_keeps_its_old_address(world: World, client: Client) -> None:
    admin = world.actor("admin")
    world.team.get_latest_revision().publish(user=world.admin)
    confirm = publishing.get_page_impact(admin, world.team.pk).confirm
    answer = tree.move_page(admin, world.team.pk, world.home.pk, confirm)
    assert answer.warnings == ["The old address /about/team/ redirects here."]
    assert client.get("/about/team/").status_code == 301
    assert publishing.get_page_impact(admin, world.team.pk).redirects == 1


def test_impact_tells_what_is_scheduled(world: World) -> None:
    world.second.go_live_at = timezone.now() + timedelta(days=3)
    world.second.expire_at = timezone.now() + timedelta(days=9)
    world.second.save_revision(user=world.admin).publish(user=world.admin)
    impact = publishing.get_page_impact(world.actor("admin"), world.blog.pk)
    assert impact.scheduled is not None
    assert [text.split(" at ")[0] for text in impact.scheduled] == [
        f"{world.second.pk} goes live",
        f"{world.second.pk} expires",
    ]


def test_a_published_new_slug_keeps_its_old_address(
    world: World, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    moderator, page = world.actor("moderator"), world.first
    given = {"slug": "renamed"}
    saved = pages.update_page(moderator, page.pk, page.latest_revision_id, given)
    assert client.get("/blog/first/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        answer = publishing.publish_page(moderator, page.pk, saved.revision_id)
    assert answer.warnings == ["The old address /blog/first/ redirects here."]
    moved = client.get("/blog/first/")
    assert (moved.status_code, moved.headers["Location"]) == (301, "/blog/renamed/")


def test_where_nothing_redirects_it_is_said(world: World, settings: Any) -> None:
    settings.WAGTAILREDIRECTS_AUTO_CREATE = False
    moderator, page = world.actor("moderator"), world.first
    saved = pages.update_page(moderator, page.pk, page.latest_revision_id, {"slug": "renamed"})
    answer = publishing.publish_page(moderator, page.pk, saved.revision_id)
    assert answer.warnings == [
        "The old address /blog/first/ leads nowhere: this site makes no redirects."
    ]


def _redirect(world: World) -> None:
    Redirect.objects.create(old_path="/old", redirect_page=world.second)


def _translate(world: World) -> None:
    world.second.copy_for_translation(Locale.objects.create(language_code="de"), copy_parents=True)


def _alias(world: World) -> None:
    world.second.create_alias(update_slug="twin", user=world.admin)


def _refer(world: World) -> None:
    world.first.related_links.create(title="Next", page=world.second)
    world.first.save()


def _schedule(world: World) -> None:
    world.second.go_live_at = timezone.now() + timedelta(days=3)
    world.second.save_revision(user=world.admin).publish(user=world.admin)


def _edit(world: World) -> None:
    world.second.save_revision(user=world.admin)


def _review(world: World) -> None:
    world.second.get_workflow().start(world.second, world.editor)


def _comment(world: World) -> None:
    Comment.objects.create(page=world.second, user=world.admin, text="Why?", contentpath="intro")


CHANGES = [_redirect, _translate, _alias, _refer, _schedule, _edit, _review, _comment]


@pytest.mark.parametrize("change", CHANGES)
def test_a_confirm_value_ends_with_what_it_told(world: World, change: Any) -> None:
    admin = world.actor("admin")
    told = publishing.get_page_impact(admin, world.second.pk)
    assert publishing.get_page_impact(admin, world.second.pk) == told
    change(world)
    assert publishing.get_page_impact(admin, world.second.pk).confirm != told.confirm


def _open_below(world: World) -> None:
    EditingSession.objects.create(
        user=world.moderator,
        content_type=get_default_page_content_type(),
        object_id=world.team.pk,
        last_seen_at=timezone.now(),
    )


def _lock_below(world: World) -> None:
    Page.objects.filter(pk=world.team.pk).update(locked=True, locked_by=world.moderator)


def _lock_mine(world: World) -> None:
    Page.objects.filter(pk=world.team.pk).update(locked=True, locked_by=world.admin)


def _refused_both(world: World, told: str) -> None:
    admin = world.actor("admin")
    home = Page.objects.get(pk=world.home.pk)
    other = home.add_child(instance=FlexPage(title="Other", slug="other", owner=world.admin))
    confirm = publishing.get_page_impact(admin, world.about.pk).confirm
    with pytest.raises(Conflict, match=told):
        tree.delete_page(admin, world.about.pk, confirm)
    with pytest.raises(Conflict, match=told):
        tree.move_page(admin, world.about.pk, other.pk, confirm)


def test_a_section_in_which_a_page_is_open_is_neither_moved_nor_deleted(world: World) -> None:
    _open_below(world)
    _refused_both(world, rf"Moderator has page {world.team.pk} open")


def test_a_section_in_which_a_page_is_locked_is_neither_moved_nor_deleted(world: World) -> None:
    _lock_below(world)
    _refused_both(world, rf"Page {world.team.pk} is locked by Moderator")


def test_ones_own_lock_below_does_not_hinder(world: World) -> None:
    _lock_mine(world)
    admin = world.actor("admin")
    confirm = publishing.get_page_impact(admin, world.about.pk).confirm
    assert tree.delete_page(admin, world.about.pk, confirm).descendants == 1


def test_moving_back_by_hand_leaves_no_redirect_to_itself(world: World, client: Client) -> None:
    admin = world.actor("admin")
    world.team.get_latest_revision().publish(user=world.admin)
    for parent in (world.home, world.about):
        confirm = publishing.get_page_impact(admin, world.team.pk).confirm
        tree.move_page(admin, world.team.pk, parent.pk, confirm)
    assert list(Redirect.objects.values_list("old_path", flat=True)) == ["/team"]
    confirm = publishing.get_page_impact(admin, world.team.pk).confirm
    publishing.unpublish_page(admin, world.team.pk, confirm)
    assert client.get("/about/team/").status_code == 404


def test_a_confirm_value_ends_when_a_reference_is_published(world: World) -> None:
    _refer(world)
    admin = world.actor("admin")
    told = publishing.get_page_impact(admin, world.second.pk)
    Page.objects.filter(pk=world.first.pk).update(live=False)
    assert publishing.get_page_impact(admin, world.second.pk).confirm != told.confirm


def test_impact_counts_open_comments(world: World) -> None:
    admin = world.actor("admin")
    assert publishing.get_page_impact(admin, world.blog.pk).open_comments is None
    _comment(world)
    assert publishing.get_page_impact(admin, world.blog.pk).open_comments == 1


def test_a_draft_of_somebody_else_is_replaced_by_who_read_it(world: World) -> None:
    actor, page, older = world.actor("editor"), world.first, world.first.latest_revision_id
    newest = page.save_revision(user=world.moderator).pk
    with pytest.raises(Conflict, match=f"Moderator saved revision {newest} .*base_revision_id"):
        review.revert_page(actor, page.pk, older)
    with pytest.raises(Conflict, match="Nothing was brought back"):
        review.revert_page(actor, page.pk, older, base_revision_id=older)
    assert review.revert_page(actor, page.pk, older, base_revision_id=newest).revision_id > newest


def test_a_page_that_goes_while_its_tree_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = finding.tree_page

    def gone(actor: Any, page_id: int) -> Page:
        page = found(actor, page_id)
        Page.objects.get(pk=page_id).delete()
        return page

    monkeypatch.setattr(tree, "tree_page", gone)
    with pytest.raises(Refused, match="No page"):
        tree.get_page_tree(world.actor("editor"), world.second.pk)
