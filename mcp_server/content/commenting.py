"""Comments on fields and blocks, the same ones that Wagtail's editor shows."""

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from pydantic import BaseModel
from wagtail.admin.views.pages.edit import EditView
from wagtail.models import COMMENTS_RELATION_NAME, Comment, CommentReply, Page

from mcp_server.actor import Actor
from mcp_server.errors import Conflict, Invalid, Refused
from mcp_server.plaintext import clean_text
from mcp_server.results import Change

from .clock import shown
from .comment_places import comment_place
from .drafts import newest_draft
from .finding import MAX_ID, editable_page, readable_draft, visible_page
from .people import display_name, lock_note, own_editor_warnings, refuse_while_others_work

SHOWN = 50
TWIN = "This is here already, word for word; not added again."


class Reply(BaseModel):
    """A reply to a comment."""

    by: str
    at: str
    text: str


class CommentItem(Change):
    """An open comment; ``orphaned`` when what it was about is gone from the newest draft."""

    id: int
    page_id: int
    contentpath: str
    by: str
    at: str
    text: str
    replies: list[Reply] | None = None
    resolved: bool | None = None
    orphaned: bool | None = None
    warnings: list[str] | None = None


class Comments(BaseModel):
    """The open comments of a page, oldest first."""

    items: list[CommentItem]
    total: int
    resolved: int


def page_comments(actor: Actor, page_id: int) -> Comments:
    """The page's comments that nobody has resolved yet."""
    page = readable_draft(actor, page_id)
    everything = getattr(page, COMMENTS_RELATION_NAME).get_live_queryset()
    open_ones = everything.filter(resolved_at=None).select_related("user").order_by("pk")
    draft = newest_draft(page)
    comments = list(open_ones[:SHOWN])
    replies = _replies(comments)
    items = [_item(comment, draft, replies=replies[comment.pk]) for comment in comments]
    total = open_ones.count()
    return Comments(items=items, total=total, resolved=everything.count() - total)


@transaction.atomic
def add_comment(actor: Actor, page_id: int, text: str, contentpath: str) -> CommentItem:
    """A comment on a field or block of the newest draft, told to the page's subscribers."""
    page = _commentable(actor, page_id)
    draft = newest_draft(page)
    path, position = comment_place(actor, draft, contentpath)
    given = _text(text)
    same = {"user": actor.user, "text": given, "contentpath": path, "resolved_at": None}
    if twin := Comment.objects.filter(page=page, **same).first():
        # The answer to the first call was lost, and it came again.
        return _item(twin, draft, [TWIN]).about(None)
    comment = Comment.objects.create(
        page=page,
        user=actor.user,
        text=given,
        contentpath=path,
        position=position,
        revision_created=page.latest_revision,
    )
    comment.log_create(page_revision=page.latest_revision, user=actor.user)
    _notify(actor, page, new_comments=[comment])
    return _item(comment, draft).about(page, comment=comment.pk)


@transaction.atomic
def resolve_comment(actor: Actor, comment_id: int, reply: str, keep_open: bool) -> CommentItem:
    """Answer a comment, close it, or both."""
    comment = _open_comment(actor, comment_id)
    page = _commentable(actor, comment.page_id)
    changes: dict[str, Any] = {}
    text = clean_text(reply).strip()
    last = CommentReply.objects.filter(comment=comment).order_by("pk").last()
    if last is not None and keep_open and (last.user_id, last.text) == (actor.user.pk, text):
        return _item(comment, newest_draft(page), [TWIN]).about(None)
    if text:
        added = CommentReply.objects.create(comment=comment, user=actor.user, text=text)
        added.log_create(page_revision=page.latest_revision, user=actor.user)
        changes["new_replies"] = [(comment, [added])]
    elif keep_open:
        raise Invalid([("reply", "required with keep_open")])
    if not keep_open:
        # An open editor that still holds the comment would save it anew.
        refuse_while_others_work(actor, page)
        comment.resolved_at, comment.resolved_by = timezone.now(), actor.user
        comment.save()
        comment.log_resolve(page_revision=page.latest_revision, user=actor.user)
        changes["resolved_comments"] = [comment]
    _notify(actor, page, **changes)
    warnings = own_editor_warnings(actor, page)
    return _item(comment, newest_draft(page), warnings).about(page)


def _commentable(actor: Actor, page_id: int) -> Page:
    """A page on which Wagtail would let this user comment.

    Somebody else's open editor is no hindrance: saving there keeps what was added meanwhile.
    """
    if not getattr(settings, "WAGTAILADMIN_COMMENTS_ENABLED", True):
        raise Refused("Comments are switched off on this site.")
    page = editable_page(actor, page_id, lock=True)
    lock = page.get_lock()
    if lock is not None and lock.for_user(actor.user):
        raise Conflict(
            f"Page {page_id} is locked by {lock_note(page)}, so that this user cannot comment "
            "on it; nothing was changed."
        )
    return page


def _open_comment(actor: Actor, comment_id: int) -> Comment:
    open_ones = Comment.objects.filter(resolved_at=None)
    comment = open_ones.filter(pk=comment_id).first() if comment_id <= MAX_ID else None
    try:
        if comment is not None:
            visible_page(actor, comment.page_id)
            return comment
    except Refused:
        # Told like one that is missing.
        pass
    raise Refused(f"No open comment {comment_id} here. Call list_comments to see them.")


def _text(text: str) -> str:
    cleaned = clean_text(text).strip()
    if not cleaned:
        raise Invalid([("text", "required")])
    return cleaned


def _notify(actor: Actor, page: Page, **changes: Any) -> None:
    """Mail whom Wagtail's editor would mail; the rules of who that is live in its view."""
    request: Any = HttpRequest()
    request.user = actor.user
    kinds = ("new_comments", "deleted_comments", "resolved_comments", "new_replies")
    view = EditView(page=page, request=request)
    sent = {kind: changes.get(kind, []) for kind in kinds}
    # A mail server that is away must not take the comment away.
    transaction.on_commit(lambda: view.send_commenting_notifications(sent), robust=True)


def _replies(comments: list[Comment]) -> defaultdict[int, list[CommentReply]]:
    """The replies of each comment, oldest first."""
    found: defaultdict[int, list[CommentReply]] = defaultdict(list)
    replies = CommentReply.objects.filter(comment__in=comments).select_related("user")
    for reply in replies.order_by("pk"):
        found[reply.comment_id].append(reply)
    return found


def _item(
    comment: Comment,
    draft: Page,
    warnings: list[str] | None = None,
    replies: list[CommentReply] | None = None,
) -> CommentItem:
    if replies is None:
        replies = _replies([comment])[comment.pk]
    return CommentItem(
        id=comment.pk,
        page_id=comment.page_id,
        contentpath=comment.contentpath,
        by=display_name(comment.user),
        at=shown(comment.created_at),
        text=comment.text,
        replies=[
            Reply(by=display_name(reply.user), at=shown(reply.created_at), text=reply.text)
            for reply in replies
        ]
        or None,
        resolved=comment.resolved_at is not None or None,
        orphaned=not comment.has_valid_contentpath(draft) or None,
        warnings=warnings or None,
    )
