"""What hangs on a page and is lost with it: comments come back, the rest is named."""

from typing import Any

from django.db.models import Model
from modelcluster.models import model_from_serializable_data
from wagtail.models import (
    COMMENTS_RELATION_NAME,
    Comment,
    CommentReply,
    Page,
    Revision,
    WorkflowState,
    get_default_page_content_type,
)
from wagtail.models import PageViewRestriction as Restriction


def lost_with(pages: Any) -> list[str]:
    """What undoing the deletion of these pages cannot bring back, in words."""
    keys = {"object_id__in": [str(pk) for pk in pages.values_list("pk", flat=True)]}
    reviews = WorkflowState.objects.active().filter(
        base_content_type=get_default_page_content_type(), **keys
    )
    found = [
        f"the review in progress of page {state.object_id} ({state.workflow.name})"
        for state in reviews.select_related("workflow").order_by("pk")
    ]
    planned = Revision.page_revisions.filter(**keys).exclude(approved_go_live_at=None)
    ids = planned.order_by("pk").values_list("object_id", flat=True)
    found += [f"the schedule of page {page_id}" for page_id in ids]
    private = Restriction.objects.filter(page__in=pages).order_by("pk")
    ids = private.values_list("page_id", flat=True)
    return [*found, *(f"the privacy setting of page {page_id}" for page_id in ids)]


def without_comments(draft: dict[str, Any]) -> dict[str, Any]:
    """A draft without comments: those in it may be out of date, and Wagtail cannot save them."""
    return {key: value for key, value in draft.items() if key != COMMENTS_RELATION_NAME}


def restore_comments(page: Page, content: dict[str, Any]) -> None:
    """The comments of a deleted page and their replies again, with ids and dates."""
    for row in content.get(COMMENTS_RELATION_NAME, []):
        # Nothing comes back for an author who is gone, as Wagtail would have it.
        alone = {**row, "page": page.pk, "replies": []}
        comment = Comment.from_serializable_data(alone, check_fks=True)
        if comment is None:
            continue
        _insert(comment)
        for answer in row.get("replies", []):
            reply = model_from_serializable_data(CommentReply, answer, check_fks=True)
            if reply is not None:
                _insert(reply)


def _insert(said: Comment | CommentReply) -> None:
    model: Any = type(said)
    dates = {name: getattr(said, name) for name in ("created_at", "updated_at")}
    # Their own save() takes what has an id for what has a row; dates are set by saving.
    Model.save_base(said, raw=True, force_insert=True)
    model.objects.filter(pk=said.pk).update(**dates)
