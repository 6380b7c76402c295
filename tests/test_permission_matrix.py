"""Every tool × who calls it. A tool without a row fails the first test.

The pages named here lie in the editor's section (Blog, Events). The outsider works in About
only, so for them nothing of it exists. The moderator may do everything below Home, and publish.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils.timezone import now
from wagtail.models import Comment, GroupPagePermission, Locale

from blog.models import Author
from mcp_server.content.impact import confirm_value
from mcp_server.content.snippets_types import version_of
from mcp_server.errors import Refused
from mcp_server.registry import registry
from mcp_server.tokens import MCPAuthError, resolve_mcp_user
from tests.world import World, png

OK, MISSING, FORBIDDEN = "ok", "missing", "forbidden"
Arguments = Callable[[World, Any], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """One tool's call, and what becomes of it."""

    arguments: Arguments
    editor: str
    outsider: str
    moderator: str


def _none(world: World, actor: Any) -> dict[str, Any]:
    return {}


def _first(**more: Any) -> Arguments:
    return lambda world, actor: {"page_id": world.first.pk, **more}


def _confirmed(name: str, **more: str) -> Arguments:
    """Arguments for page ``name`` with a confirm value for this actor; ``more`` names pages."""

    def arguments(world: World, actor: Any) -> dict[str, Any]:
        page = getattr(world, name)
        ids = {key: getattr(world, value).pk for key, value in more.items()}
        return {"page_id": page.pk, "confirm": confirm_value(actor, page), **ids}

    return arguments


def _revision(name: str) -> Arguments:
    return lambda world, actor: {
        "page_id": getattr(world, name).pk,
        "revision_id": getattr(world, name).latest_revision_id,
    }


def _older_revision(world: World, actor: Any) -> dict[str, Any]:
    older = world.first.latest_revision_id
    newest = world.first.save_revision(user=world.admin).pk
    return {"page_id": world.first.pk, "revision_id": older, "base_revision_id": newest}


def _first_read(world: World, actor: Any) -> dict[str, Any]:
    return {"page_id": world.first.pk, "revision_id": world.first.latest_revision_id}


def _comment(world: World, actor: Any) -> dict[str, Any]:
    comment = Comment.objects.create(
        page=world.first, user=world.admin, text="Why?", contentpath="intro"
    )
    return {"comment_id": comment.pk}


def _in_review(world: World, actor: Any) -> dict[str, Any]:
    world.first.get_workflow().start(world.first, world.editor)
    return {"page_id": world.first.pk}


def _authors(**more: Any) -> Arguments:
    """Of authors, whom editors may look at and moderators add and change."""

    def arguments(world: World, actor: Any) -> dict[str, Any]:
        words = {"Editors": ["view"], "Moderators": ["add", "change"]}
        for group, actions in words.items():
            names = [f"{action}_author" for action in actions]
            Group.objects.get(name=group).permissions.add(
                *Permission.objects.filter(codename__in=names)
            )
        return {"type": "blog.Author", **more}

    return arguments


def _author(**more: Any) -> Arguments:
    def arguments(world: World, actor: Any) -> dict[str, Any]:
        author = Author.objects.create(name="Ada")
        base = {"base_revision_id": version_of(author)} if more else {}
        return _authors(snippet_id=author.pk, **base, **more)(world, actor)

    return arguments


def _redirecting(world: World, actor: Any) -> dict[str, Any]:
    """Only moderators may work with redirects."""
    for action in ("add", "change"):
        _allow("Moderators", f"{action}_redirect")
    return {}


def _translating(world: World, actor: Any) -> dict[str, Any]:
    """Everybody may translate, but the pages of the other language are the moderators' only."""
    german = Locale.objects.create(language_code="de")
    for page in (world.home, world.blog):
        page.copy_for_translation(german)
    home = world.home.get_translation(german)
    for group in ("Editors", "Outsiders", "Moderators"):
        _allow(group, "submit_translation")
    for granted in GroupPagePermission.objects.filter(group__name="Moderators"):
        GroupPagePermission.objects.create(
            group=granted.group, page=home, permission=granted.permission
        )
    return {"page_id": world.first.pk}


def _allow(group: str, codename: str) -> None:
    Group.objects.get(name=group).permissions.add(Permission.objects.get(codename=codename))


def _block(page: Any) -> str:
    return str(page.get_latest_revision_as_object().body[0].id)


MATRIX = {
    "get_user_info": Row(_none, OK, OK, OK),
    "list_sites": Row(_none, OK, OK, OK),
    "search_any": Row(lambda w, a: {"query": "First"}, OK, OK, OK),
    "get_page_tree": Row(lambda w, a: {"root_id": w.blog.pk}, OK, MISSING, OK),
    "find_page": Row(lambda w, a: {"url": "/blog/first/"}, OK, MISSING, OK),
    "copy_page": Row(_first(), OK, MISSING, OK),
    "move_page": Row(_confirmed("team", parent_id="home"), MISSING, FORBIDDEN, OK),
    "delete_page": Row(_confirmed("first"), FORBIDDEN, MISSING, OK),
    "get_page_content": Row(_first(), OK, MISSING, OK),
    "search_pages": Row(lambda w, a: {"under_id": w.blog.pk}, OK, MISSING, OK),
    "list_page_types": Row(_none, OK, OK, OK),
    "describe_page_type": Row(lambda w, a: {"type": "blog.BlogPage"}, OK, OK, OK),
    "create_page": Row(
        lambda w, a: {"type": "blog.BlogPage", "parent_id": w.blog.pk, "title": "New"},
        OK,
        MISSING,
        OK,
    ),
    "create_flex_page": Row(
        lambda w, a: {"parent_id": w.about.pk, "title": "New", "body": "x"}, MISSING, OK, OK
    ),
    "update_page": Row(
        lambda w, a: {
            "page_id": w.first.pk,
            "base_revision_id": w.first.latest_revision_id,
            "fields": {"intro": "New"},
        },
        OK,
        MISSING,
        OK,
    ),
    "edit_page_blocks": Row(
        lambda w, a: {
            "page_id": w.first.pk,
            "base_revision_id": w.first.latest_revision_id,
            "operations": [{"op": "move", "id": _block(w.first), "after": None}],
        },
        OK,
        MISSING,
        OK,
    ),
    "check_page": Row(_first(), OK, MISSING, OK),
    "list_revisions": Row(_first(), OK, MISSING, OK),
    "compare_revisions": Row(
        lambda w, a: {"page_id": w.first.pk, "a": w.first.latest_revision_id}, OK, MISSING, OK
    ),
    "preview_page": Row(_first(), OK, MISSING, OK),
    "list_comments": Row(_first(), OK, MISSING, OK),
    "add_comment": Row(_first(text="Hello", contentpath="intro"), OK, MISSING, OK),
    "resolve_comment": Row(_comment, OK, FORBIDDEN, OK),
    "submit_for_review": Row(_first_read, OK, MISSING, OK),
    "list_review_tasks": Row(_none, OK, OK, OK),
    "approve_review": Row(
        lambda w, a: {**_in_review(w, a), "revision_id": w.first.latest_revision_id},
        FORBIDDEN,
        MISSING,
        OK,
    ),
    "reject_review": Row(
        lambda w, a: {**_in_review(w, a), "comment": "Shorter"}, FORBIDDEN, MISSING, OK
    ),
    "revert_page": Row(_older_revision, OK, MISSING, OK),
    "get_page_impact": Row(_first(), OK, MISSING, OK),
    "publish_page": Row(_revision("first"), FORBIDDEN, MISSING, OK),
    "schedule_page": Row(
        lambda w, a: {**_revision("first")(w, a), "go_live_at": now() + timedelta(days=1)},
        FORBIDDEN,
        MISSING,
        OK,
    ),
    "unpublish_page": Row(_confirmed("first"), FORBIDDEN, MISSING, OK),
    "list_redirects": Row(_redirecting, FORBIDDEN, FORBIDDEN, OK),
    "create_redirect": Row(
        lambda w, a: {**_redirecting(w, a), "old_path": "/old", "page_id": w.first.pk},
        FORBIDDEN,
        FORBIDDEN,
        OK,
    ),
    "get_translation_status": Row(_translating, OK, MISSING, OK),
    "copy_for_translation": Row(
        lambda w, a: {**_translating(w, a), "locale": "de"}, FORBIDDEN, MISSING, OK
    ),
    "list_my_changes": Row(_none, OK, OK, OK),
    # A change of another token is no change of this one.
    "undo_change": Row(lambda w, a: {"change_id": 1}, FORBIDDEN, FORBIDDEN, FORBIDDEN),
    "list_blog_posts": Row(_none, OK, OK, OK),
    "create_blog_post": Row(
        lambda w, a: {"parent_id": w.blog.pk, "title": "New", "body": "x"}, OK, MISSING, OK
    ),
    "list_events": Row(_none, OK, OK, OK),
    "create_event": Row(
        lambda w, a: {"parent_id": w.events.pk, "title": "New", "start": "2030-01-01T10:00"},
        OK,
        MISSING,
        OK,
    ),
    "search_images": Row(_none, OK, OK, OK),
    "get_image": Row(lambda w, a: {"image_id": w.secret_image.pk}, MISSING, MISSING, OK),
    "upload_image": Row(
        lambda w, a: {
            "title": "New",
            "data": b64encode(png()).decode(),
            "collection": "Archive",
        },
        FORBIDDEN,
        FORBIDDEN,
        OK,
    ),
    "update_image": Row(
        lambda w, a: {"image_id": w.secret_image.pk, "title": "New"}, MISSING, MISSING, OK
    ),
    "search_documents": Row(_none, OK, OK, OK),
    # Nobody here may add documents; tests/media has those who may.
    "upload_document": Row(
        lambda w, a: {"title": "New", "data": "QQ==", "filename": "a.txt"},
        FORBIDDEN,
        FORBIDDEN,
        FORBIDDEN,
    ),
    "list_snippets": Row(_authors(), OK, MISSING, OK),
    "get_snippet": Row(_author(), OK, MISSING, OK),
    "create_snippet": Row(_authors(fields={"name": "New"}), FORBIDDEN, MISSING, OK),
    "update_snippet": Row(_author(fields={"name": "New"}), FORBIDDEN, MISSING, OK),
}
PEOPLE = ("editor", "outsider", "moderator")


def test_every_tool_has_a_row() -> None:
    assert set(MATRIX) == {spec.name for spec in registry}


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("name", sorted(MATRIX))
def test_matrix(world: World, settings: Any, name: str, person: str) -> None:
    row = MATRIX[name]
    actor = world.actor(person)
    settings.WAGTAIL_I18N_ENABLED = name in ("get_translation_status", "copy_for_translation")
    arguments = row.arguments(world, actor)
    spec = registry.get(name)
    assert spec is not None
    assert _outcome(lambda: spec.func(actor, **arguments)) == getattr(row, person)


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_a_revoked_token_opens_no_tool(world: World, name: str) -> None:
    token = world.actor("moderator", allowed_tools=[name]).token
    assert token is not None
    secret = token.token
    assert secret is not None
    assert resolve_mcp_user(secret)[1].can_use_tool(name)
    type(token).objects.filter(pk=token.pk).update(is_active=False)
    with pytest.raises(MCPAuthError, match="revoked"):
        resolve_mcp_user(secret)


def _outcome(call: Callable[[], Any]) -> str:
    try:
        call()
    except Refused as refusal:
        text = str(refusal)
        missing = ("No page", "No image", "No snippet")
        return MISSING if text.startswith(missing) else FORBIDDEN
    return OK
