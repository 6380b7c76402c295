"""Comments: the same ones that people see in Wagtail's editor."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from wagtail.admin.models import EditingSession
from wagtail.models import (
    Comment,
    CommentReply,
    Page,
    PageLogEntry,
    PageSubscription,
    get_default_page_content_type,
)

from mcp_server.errors import Conflict, Invalid, Refused
from mcp_server.tools import comments, pages, publishing, workflow
from tests.world import World


def body(world: World) -> Any:
    return Page.objects.get(pk=world.second.pk).get_latest_revision_as_object().body


def add(world: World, text: str = "Is this right?", path: str = "intro") -> Any:
    return comments.add_comment(world.actor("editor"), world.second.pk, text, path)


def listed(world: World, who: str = "editor") -> Any:
    return comments.list_comments(world.actor(who), world.second.pk)


def in_the_editor(world: World) -> list[dict[str, Any]]:
    """The comments that Wagtail's editor hands to its script."""
    client = Client()
    client.force_login(world.moderator)
    html = client.get(f"/admin/pages/{world.second.pk}/edit/").content.decode()
    found = re.search(r'<script id="comments-data" type="application/json">(.*?)</script>', html)
    assert found is not None
    shown: list[dict[str, Any]] = json.loads(found[1])["comments"]
    return shown


def test_a_comment_shows_in_the_editor(world: World) -> None:
    answer = add(world)
    (shown,) = in_the_editor(world)
    assert (shown["pk"], shown["text"]) == (answer.id, "Is this right?")
    assert (shown["contentpath"], shown["position"]) == ("intro", "")
    comment = Comment.objects.get()
    assert comment.user.username == "editor"
    assert comment.revision_created_id == world.second.latest_revision_id
    assert PageLogEntry.objects.filter(action="wagtail.comments.create").count() == 1


def test_a_comment_makes_no_revision(world: World) -> None:
    add(world)
    assert Page.objects.get(pk=world.second.pk).latest_revision_id == (
        world.second.latest_revision_id
    )


def test_blocks_and_what_is_in_them_can_be_commented(world: World) -> None:
    outer, columns, inner = (str(uuid4()) for _ in range(3))
    nested = {"type": "quote", "value": {"text": "Inner"}, "id": inner}
    page = world.second.get_latest_revision_as_object()
    page.body = [
        {"type": "quote", "value": {"text": "Outer"}, "id": outer},
        {"type": "two_columns", "value": {"left": [nested], "right": []}, "id": columns},
    ]
    page.save_revision()
    # Where the editor has an input: it shows no comment on a block that is made of others.
    places = {
        f"body.{outer}.attribution": f"body.{outer}.attribution",
        f"body.{outer}": f"body.{outer}.text",
        f"body.{columns}.left.{inner}": f"body.{columns}.left.{inner}.text",
        f"body.{columns}": f"body.{columns}.left.{inner}.text",
        "body": f"body.{outer}.text",
    }
    assert {path: add(world, f"At {path}", path).contentpath for path in places} == places
    assert len(in_the_editor(world)) == len(places)


def test_a_comment_on_rich_text_marks_its_first_paragraph(world: World) -> None:
    html = '<p data-block-key="k3y">Leaf 🍃 <i>green</i>.</p><p data-block-key="x">More.</p>'
    page = world.second.get_latest_revision_as_object()
    page.body = [
        {"type": "paragraph", "value": html},
        {"type": "paragraph", "value": "<p>Bare.</p>"},
    ]
    page.save_revision()
    for block in body(world):
        add(world, path=f"body.{block.id}")
    marked, bare = Comment.objects.order_by("pk")
    # Of "Leaf 🍃 green.", counted as a browser counts.
    assert json.loads(marked.position) == [{"key": "k3y", "start": 0, "end": 14}]
    # The editor makes up keys where there are none; without a list it complains.
    assert bare.position == "[]"


@pytest.mark.parametrize(
    "path", ["nothing", "path", "body.nothing", "intro.text", "related_links", "", "go_live_at"]
)
def test_a_place_that_the_editor_does_not_have_is_refused(world: World, path: str) -> None:
    with pytest.raises(Invalid, match="contentpath: "):
        add(world, path=path)
    assert not Comment.objects.exists()


def test_an_empty_comment_is_refused_and_invisible_characters_go(world: World) -> None:
    with pytest.raises(Invalid, match="text: required"):
        add(world, " \u200b ")
    assert add(world, "Hi\u202e there").text == "Hi there"


def test_comments_survive_every_kind_of_write(world: World) -> None:
    block = body(world)[0].id
    kept, closed = add(world, path=f"body.{block}").id, add(world, path="title").id
    comments.resolve_comment(world.actor("editor"), closed)
    editor, moderator = world.actor("editor"), world.actor("moderator")
    read = pages.get_page_content(editor, world.second.pk)
    saved = pages.update_page(editor, read.id, read.revision_id, {"intro": "New"})
    moved = pages.edit_page_blocks(
        editor,
        read.id,
        saved.revision_id,
        [{"op": "insert", "after": None, "block": {"type": "paragraph", "value": "First"}}],
    )
    publishing.publish_page(moderator, read.id, moved.revision_id)
    assert [item.id for item in listed(world).items] == [kept]
    assert [shown["pk"] for shown in in_the_editor(world)] == [kept]


def test_a_comment_on_what_is_gone_is_called_orphaned(world: World) -> None:
    block = body(world)[0].id
    add(world, path=f"body.{block}")
    read = pages.get_page_content(world.actor("editor"), world.second.pk)
    pages.update_page(world.actor("editor"), read.id, read.revision_id, {"body": "Other"})
    (item,) = listed(world).items
    assert item.orphaned


def test_an_answer_from_the_editor_is_read(world: World) -> None:
    comment = Comment.objects.get(pk=add(world).id)
    CommentReply.objects.create(comment=comment, user=world.moderator, text="Yes, it is.")
    (item,) = listed(world).items
    assert item.replies is not None
    assert [(reply.by, reply.text) for reply in item.replies] == [("Moderator", "Yes, it is.")]


def test_resolving_closes_and_replies(world: World) -> None:
    theirs = Comment.objects.create(
        page=world.second, user=world.moderator, text="Shorter!", contentpath="intro"
    )
    answer = comments.resolve_comment(world.actor("editor"), theirs.pk, "Done")
    theirs.refresh_from_db()
    assert theirs.resolved_by is not None
    assert (theirs.resolved_by.username, answer.resolved) == ("editor", True)
    assert theirs.replies.get().text == "Done"
    assert (listed(world).items, listed(world).resolved) == ([], 1)
    assert in_the_editor(world) == []
    actions = set(PageLogEntry.objects.values_list("action", flat=True))
    assert {"wagtail.comments.resolve", "wagtail.comments.create_reply"} <= actions
    with pytest.raises(Refused, match="No open comment"):
        comments.resolve_comment(world.actor("editor"), theirs.pk)


def test_a_reply_can_leave_a_comment_open(world: World) -> None:
    comment = add(world).id
    answer = comments.resolve_comment(world.actor("moderator"), comment, "Which?", keep_open=True)
    assert answer.resolved is None
    (item,) = listed(world).items
    assert item.replies is not None
    with pytest.raises(Invalid, match="reply: required"):
        comments.resolve_comment(world.actor("editor"), comment, keep_open=True)


def test_comments_elsewhere_are_no_ones_business(world: World) -> None:
    comment = add(world).id
    outsider = world.actor("outsider")
    texts = set()
    for key in (comment, 987654, 2**70):
        with pytest.raises(Refused) as caught:
            comments.resolve_comment(outsider, key)
        texts.add(str(caught.value).replace(str(key), "N"))
    assert len(texts) == 1
    with pytest.raises(Refused, match="No page"):
        comments.list_comments(outsider, world.second.pk)
    with pytest.raises(Refused, match="No page"):
        comments.add_comment(outsider, world.second.pk, "Hello", "intro")


def test_who_may_not_edit_may_not_comment(world: World) -> None:
    with pytest.raises(Refused, match="may not edit"):
        comments.add_comment(world.actor("editor"), world.home.pk, "Hello", "title")
    read = world.second.latest_revision_id
    workflow.submit_for_review(world.actor("editor"), world.second.pk, revision_id=read)
    with pytest.raises(Conflict, match="locked by the workflow task Moderators approval"):
        add(world)
    comments.add_comment(world.actor("moderator"), world.second.pk, "Why?", "intro")


def test_an_open_editor_hinders_closing_only(world: World) -> None:
    EditingSession.objects.create(
        user=world.moderator,
        content_type=get_default_page_content_type(),
        object_id=world.second.pk,
        last_seen_at=timezone.now(),
    )
    comment = add(world).id
    comments.resolve_comment(world.actor("editor"), comment, "Well?", keep_open=True)
    with pytest.raises(Conflict, match="Moderator has page"):
        comments.resolve_comment(world.actor("editor"), comment)
    closed = comments.resolve_comment(world.actor("moderator"), comment)
    assert closed.warnings is not None
    assert "reload it there" in closed.warnings[0]


def test_comments_can_be_switched_off(world: World, settings: Any) -> None:
    settings.WAGTAILADMIN_COMMENTS_ENABLED = False
    with pytest.raises(Refused, match="switched off"):
        add(world)


def test_whom_wagtail_would_mail_gets_mail(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    PageSubscription.objects.create(page=world.second, user=world.admin, comment_notifications=True)
    with django_capture_on_commit_callbacks(execute=True):
        comment = add(world).id
    assert [message.to for message in mail.outbox] == [["admin@example.org"]]
    with django_capture_on_commit_callbacks(execute=True):
        comments.resolve_comment(world.actor("moderator"), comment, "Yes")
    assert ["editor@example.org"] in [message.to for message in mail.outbox[1:]]
