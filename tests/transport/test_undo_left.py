"""Undoing leaves alone what others built, brings back what hung on a page, and says so."""

import base64
from typing import Any

import pytest
from django.db.models import ProtectedError
from django.utils import timezone
from wagtail.actions.delete_page import DeletePageAction
from wagtail.admin.models import EditingSession
from wagtail.contrib.redirects.models import Redirect
from wagtail.images import get_image_model
from wagtail.models import Comment, CommentReply, Page, PageLogEntry, get_default_page_content_type

from mcp_server.models import MCPCall
from tests.world import World, png

from .test_undo import Session, _newest, _post, _undo


def _open(page: Page, user: Any) -> None:
    EditingSession.objects.create(
        user=user,
        content_type=get_default_page_content_type(),
        object_id=page.pk,
        last_seen_at=timezone.now(),
    )


def _why(session: Session) -> str:
    """Why the newest change stays."""
    return str(_undo(session.actor, _newest(session.actor)["id"])["left"][0]["why"])


def _link(world: World, page_id: int) -> None:
    """A draft of somebody else, of a live page, that links to the page."""
    text = f'<p><a linktype="page" id="{page_id}">See</a></p>'
    world.first.body = [{"type": "paragraph", "value": text}]
    world.first.save_revision(user=world.moderator)


def test_a_draft_that_others_commented_on_stays(world: World) -> None:
    session = Session(world.actor("admin"))
    post = Page.objects.get(pk=_post(world, session.actor)["id"])
    comment = Comment.objects.create(
        page=post, user=world.moderator, text="Nice", contentpath="title"
    )
    assert "Moderator commented on page" in _why(session)
    comment.delete()
    assert _undo(session.actor, _newest(session.actor)["id"])["left"] == []


def test_a_draft_that_another_draft_links_to_stays(world: World) -> None:
    session = Session(world.actor("admin"))
    post = _post(world, session.actor)["id"]
    _link(world, post)
    assert f"page {world.first.pk} refers to it" in _why(session)
    _link(world, world.second.pk)
    number = MCPCall.objects.get(tool="create_blog_post").pk
    assert _undo(session.actor, number)["left"] == []


def test_a_section_in_which_somebody_works_is_not_undone(world: World) -> None:
    session = Session(world.actor("admin"))
    session.do("copy_page", page_id=world.about.pk, title="A section", recursive=True)
    below = Page.objects.get(title="A section").get_children().get()
    _open(below, world.moderator)
    assert f"Moderator has page {below.pk} open" in _why(session)


def _upload(session: Session, title: str = "Leaf") -> Any:
    # Other bytes for another title: the same file is not uploaded twice.
    data = base64.b64encode(png(30, len(title))).decode()
    return session.do("upload_image", title=title, data=data)["id"]


def test_an_upload_that_another_token_changed_stays(world: World) -> None:
    session = Session(world.actor("admin"))
    # The second is another token of the same user.
    for name in ("moderator", "admin"):
        image = _upload(session, f"Leaf of {name}")
        number = _newest(session.actor)["id"]
        session.do("update_image", image_id=image, title="Mine")
        Session(world.actor(name)).do("update_image", image_id=image, alt=f"By {name}")
        left = _undo(session.actor, number)["left"]
        assert f"{name.title()} changed it since" in left[0]["why"]
        assert get_image_model().objects.filter(pk=image).exists()


def test_an_upload_that_only_its_token_changed_goes(world: World) -> None:
    session = Session(world.actor("admin"))
    image = _upload(session)
    number = _newest(session.actor)["id"]
    session.do("update_image", image_id=image, title="Mine")
    assert _undo(session.actor, number)["left"] == []


def test_an_upload_in_somebodys_draft_stays(world: World) -> None:
    session = Session(world.actor("admin"))
    image = _upload(session)
    world.first.hero_image_id = image
    world.first.save_revision(user=world.moderator)
    assert f"page {world.first.pk} refers to it" in _why(session)


def test_comments_and_redirects_return_with_a_deleted_page(world: World) -> None:
    session, page = Session(world.actor("admin")), world.first
    comment = Comment.objects.create(
        page=page, user=world.moderator, text="Nice", contentpath="title"
    )
    CommentReply.objects.create(comment=comment, user=world.editor, text="Thanks")
    # One that a draft of the page holds as well.
    Page.objects.get(pk=page.pk).specific.save_revision(user=world.admin)
    for path in ("/old", "/taken"):
        Redirect.objects.create(old_path=path, redirect_page=page)
    said = _said()
    session.confirmed("delete_page", page.pk)
    Redirect.objects.create(old_path="/taken", redirect_page=world.second)
    answer = _undo(session.actor, _newest(session.actor)["id"])
    assert answer["left"] == []
    assert answer["warnings"] == ["First is back without the redirect from /taken."]
    assert _said() == said
    assert Redirect.objects.get(old_path="/old").redirect_page_id == page.pk
    assert Redirect.objects.get(old_path="/taken").redirect_page_id == world.second.pk


def _said() -> list[Any]:
    comments = Comment.objects.values_list("created_at", "pk", "page", "user", "text")
    replies = CommentReply.objects.values_list("created_at", "pk", "comment", "user", "text")
    # JSON keeps no microseconds.
    return [(at.isoformat(timespec="milliseconds"), *rest) for at, *rest in [*comments, *replies]]


def test_a_review_that_does_not_return_is_named(world: World) -> None:
    session, page = Session(world.actor("admin")), world.second
    page.get_workflow().start(page, world.editor)
    session.confirmed("delete_page", page.pk)
    answer = _undo(session.actor, _newest(session.actor)["id"])
    assert answer["warnings"] == [
        f"Second is back without the review in progress of page {page.pk} (Moderation)."
    ]


def test_a_move_that_is_undone_leaves_no_redirects(world: World) -> None:
    session = Session(world.actor("admin"))
    world.team.get_latest_revision().publish(user=world.admin)
    Redirect.objects.create(old_path="/older", redirect_page=world.team)
    session.confirmed("move_page", world.team.pk, parent_id=world.home.pk)
    assert Redirect.objects.filter(old_path="/about/team").exists()
    _undo(session.actor, _newest(session.actor)["id"])
    assert list(Redirect.objects.values_list("old_path", flat=True)) == ["/older"]


def test_every_page_of_a_run_is_recognisable(world: World) -> None:
    session = Session(world.actor("admin"))
    pages = [world.first.pk, world.second.pk, world.tour.pk]
    session.update(pages[0], intro="one")
    start = _newest(session.actor)["id"]
    session.update(pages[0], intro="two")
    session.update(pages[1], intro="one")
    session.do("add_comment", page_id=pages[2], text="Why?", contentpath="title")
    assert _undo(session.actor, start, with_later=True)["left"] == []
    for page_id in pages:
        entries = PageLogEntry.objects.filter(page_id=page_id, action="mcp_server.call")
        assert "undo_change" in {entry.data["tool"] for entry in entries}
    for page_id in pages[:2]:
        page = Page.objects.get(pk=page_id)
        newest = session.do("list_revisions", page_id=page_id)["items"]
        made = 2 if page_id == pages[0] else 1
        assert [item["through"] for item in newest[:made]] == ["undo_change (admin's token)"] * made
        for item in newest[:made]:
            found = MCPCall.objects.for_revision(page.revisions.get(pk=item["id"]))
            assert found is not None
            assert found.tool == "undo_change"


def test_a_page_that_somebody_moved_on_stays(world: World) -> None:
    session = Session(world.actor("admin"))
    session.confirmed("move_page", world.team.pk, parent_id=world.home.pk)
    team = Page.objects.get(pk=world.team.pk)
    team.move(Page.objects.get(pk=world.blog.pk), pos="last-child")
    assert "was moved again since" in _why(session)
    assert Page.objects.get(pk=team.pk).get_parent().pk == world.blog.pk


def test_what_the_site_protects_does_not_stop_the_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(world.actor("admin"))
    session.update(world.first.pk, intro="one")
    start = _newest(session.actor)["id"]
    post = _post(world, session.actor)["id"]

    def protected(self: Any, *args: Any, **kwargs: Any) -> None:
        raise ProtectedError("in use", set())

    monkeypatch.setattr(DeletePageAction, "execute", protected)
    answer = _undo(session.actor, start, with_later=True)
    assert [left["why"] for left in answer["left"]] == [
        "Post stays: something of the site needs it."
    ]
    assert answer["undone"] == [start]
    assert Page.objects.filter(pk=post).exists()
