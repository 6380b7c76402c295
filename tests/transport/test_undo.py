"""What this token changed can be taken back, unless somebody built upon it."""

import base64
from typing import Any

import pytest
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Comment, Locale, Page, Revision

from blog.models import BlogPage
from mcp_server.actor import Actor
from mcp_server.models import MCPCall
from mcp_server.records import CallRecord
from mcp_server.registry import registry
from mcp_server.transport.arguments import Arguments
from mcp_server.transport.call import call
from tests.calling import answered
from tests.world import World, png

# What Wagtail writes into a page or revision by saving it; the rest has to be equal. The place in
# the tree is one of these: revisions hold where a page stood, and nothing reads it from there.
VOLATILE = {
    "path",
    "depth",
    "numchild",
    "url_path",
    "latest_revision",
    "latest_revision_created_at",
    "live_revision",
    "first_published_at",
    "last_published_at",
    "has_unpublished_changes",
    "comments",
}


def _undo(actor: Actor, number: int, *, with_later: bool = False) -> Any:
    return answered(actor, "undo_change", change_id=number, with_later=with_later)


def _newest(actor: Actor) -> Any:
    return answered(actor, "list_my_changes", limit=1)["items"][0]


def _post(world: World, actor: Actor, title: str = "Post") -> Any:
    return answered(actor, "create_blog_post", parent_id=world.blog.pk, title=title, body="Text.")


def _state() -> list[Any]:
    """The tree and every newest draft, without what changes by being saved."""
    state = []
    for page in Page.objects.order_by("path").specific():
        draft = page.get_latest_revision()
        content = {k: v for k, v in (draft.content if draft else {}).items() if k not in VOLATILE}
        state.append((page.pk, page.url_path, page.live, page.title, content))
    return state


def test_changes_are_listed_newest_first_with_their_revisions(world: World) -> None:
    actor = world.actor("editor")
    page = _post(world, actor)
    answered(
        actor, "update_page", page_id=page["id"], base_revision_id=page["revision_id"],
        fields={"intro": "x"},
    )  # fmt: skip
    update, create = answered(actor, "list_my_changes")["items"]
    assert (update["tool"], create["tool"]) == ("update_page", "create_blog_post")
    assert update["page_id"] == page["id"]
    assert update["before"] == create["after"] == page["revision_id"]
    assert answered(world.actor("editor"), "list_my_changes")["items"] == []
    later = timezone.now().isoformat()
    assert answered(actor, "list_my_changes", since=later)["items"] == []


def test_a_created_draft_goes_unless_somebody_touched_it(world: World) -> None:
    actor = world.actor("editor")
    page = _post(world, actor)
    _undo(actor, _newest(actor)["id"])
    assert not Page.objects.filter(pk=page["id"]).exists()
    page = _post(world, actor, "Other")
    BlogPage.objects.get(pk=page["id"]).save_revision(user=world.moderator)
    left = _undo(actor, _newest(actor)["id"])["left"]
    assert "Moderator saved revision" in left[0]["why"]
    assert Page.objects.filter(pk=page["id"]).exists()


def test_an_edit_returns_to_the_revision_before_it(world: World) -> None:
    actor = world.actor("editor")
    revision = world.first.latest_revision_id
    before = world.first.latest_revision.content["intro"]
    answered(
        actor, "update_page", page_id=world.first.pk, base_revision_id=revision,
        fields={"intro": "Changed"},
    )  # fmt: skip
    done = _undo(actor, _newest(actor)["id"])
    page = Page.objects.get(pk=world.first.pk)
    # Named with the revision to build upon, which is a new one.
    assert done["now"] == [
        {
            "page_id": page.pk,
            "type": "blog.BlogPage",
            "title": page.draft_title,
            "revision_id": page.latest_revision_id,
        }
    ]
    assert page.live
    assert page.latest_revision.content["intro"] == before
    assert page.latest_revision_id > revision
    answer = answered(actor, "list_my_changes", limit=50)["items"]
    assert [item.get("undone") for item in answer if item["tool"] == "update_page"] == [True]


def test_a_move_goes_back_to_its_place(world: World) -> None:
    actor = world.actor("admin")
    before = _state()
    confirm = answered(actor, "get_page_impact", page_id=world.about.pk)["confirm"]
    world.team.get_latest_revision().publish(user=world.admin)
    before = _state()
    confirm = answered(actor, "get_page_impact", page_id=world.team.pk)["confirm"]
    answered(actor, "move_page", page_id=world.team.pk, parent_id=world.home.pk, confirm=confirm)
    _undo(actor, _newest(actor)["id"])
    assert _state() == before


def test_a_deleted_section_returns_as_drafts_with_its_ids(world: World) -> None:
    actor = world.actor("admin")
    before = [item for item in _state() if item[0] in (world.about.pk, world.team.pk)]
    confirm = answered(actor, "get_page_impact", page_id=world.about.pk)["confirm"]
    answered(actor, "delete_page", page_id=world.about.pk, confirm=confirm)
    assert not Page.objects.filter(pk=world.about.pk).exists()
    _undo(actor, _newest(actor)["id"])
    after = [item for item in _state() if item[0] in (world.about.pk, world.team.pk)]
    assert [item[:2] for item in after] == [item[:2] for item in before]
    assert [item[2] for item in after] == [False, False]
    assert [item[4]["body"] for item in after] == [item[4]["body"] for item in before]
    assert Page.find_problems() == ([], [], [], [], [])


def test_an_upload_goes_unless_something_uses_it(world: World) -> None:
    actor = world.actor("moderator")
    data = base64.b64encode(png(30, 30)).decode()
    image = answered(actor, "upload_image", title="Leaf", data=data)
    number = _newest(actor)["id"]
    world.first.hero_image = get_image_model().objects.get(pk=image["id"])
    world.first.save()
    assert "refers to it" in _undo(actor, number)["left"][0]["why"]
    world.first.hero_image = None
    world.first.save()
    _undo(actor, number)
    assert not get_image_model().objects.filter(pk=image["id"]).exists()


def test_publishing_is_not_undone_here(world: World) -> None:
    actor = world.actor("moderator")
    answered(
        actor, "publish_page", page_id=world.second.pk,
        revision_id=world.second.latest_revision_id,
    )  # fmt: skip
    left = _undo(actor, _newest(actor)["id"])["left"]
    assert "cannot be undone here" in left[0]["why"]
    assert Page.objects.get(pk=world.second.pk).live


def test_somebody_elses_change_is_no_change_of_mine(world: World) -> None:
    _post(world, world.actor("moderator"))
    number = MCPCall.objects.latest("pk").pk
    spec = registry.get("undo_change")
    assert spec is not None
    answer = call(world.actor("admin"), spec, Arguments(spec), {"change_id": number}, {})
    assert answer.is_error
    assert MCPCall.objects.get(pk=number).undone_at is None


def _everything() -> dict[str, Any]:
    """What a session may leave behind: the tree, every draft, and what lies beside the pages."""
    scheduled = Revision.objects.exclude(approved_go_live_at=None).count()
    return {
        "pages": _state(),
        "images": sorted(get_image_model().objects.values_list("pk", flat=True)),
        "documents": sorted(get_document_model().objects.values_list("pk", flat=True)),
        "comments": sorted(Comment.objects.values_list("pk", flat=True)),
        "scheduled": scheduled,
        "problems": Page.find_problems(),
    }


class Session:
    """Calls of one token, counted; every page is written on top of its newest revision."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def do(self, name: str, **given: Any) -> Any:
        return answered(self.actor, name, **given)

    def update(self, page_id: int, **fields: Any) -> None:
        base = Page.objects.get(pk=page_id).latest_revision_id
        self.do("update_page", page_id=page_id, base_revision_id=base, fields=fields)

    def blocks(self, page_id: int, *operations: dict[str, Any]) -> Any:
        base = Page.objects.get(pk=page_id).latest_revision_id
        given = {"base_revision_id": base, "operations": list(operations)}
        return self.do("edit_page_blocks", page_id=page_id, **given)

    def first_block(self, page_id: int) -> str:
        fields = self.do("get_page_content", page_id=page_id)["fields"]
        return str(fields["body"][0]["id"])

    def confirmed(self, name: str, page_id: int, **given: Any) -> Any:
        confirm = self.do("get_page_impact", page_id=page_id)["confirm"]
        return self.do(name, page_id=page_id, confirm=confirm, **given)


def _new_pages(session: Session, world: World) -> tuple[int, int]:
    """Eight calls: new pages of every kind, and edits of them."""
    post = _post(world, session.actor)["id"]
    session.update(post, intro="one")
    new = {"op": "insert", "after": session.first_block(post),
           "block": {"type": "paragraph", "value": "More."}}  # fmt: skip
    added = session.blocks(post, new)["new_ids"][0]
    session.blocks(post, {"op": "move", "id": added, "after": None})
    session.blocks(post, {"op": "remove", "id": added})
    flex = session.do("create_flex_page", parent_id=world.home.pk, title="Flex", body="Text.")
    session.do(
        "create_event", parent_id=world.events.pk, title="Walk", start="2036-05-01T10:00:00Z"
    )
    session.do(
        "create_page", type="home.FlexPage", parent_id=world.about.pk, title="Another",
        fields={"body": "Text."},
    )  # fmt: skip
    return post, flex["id"]


def _old_pages(session: Session, world: World) -> None:
    """Ten calls: edits of what was there, on live pages and on drafts."""
    first, second = world.first.pk, world.second.pk
    reverted = world.first.latest_revision_id
    session.update(first, intro="one")
    session.update(first, title="Another title", tags=["moss"])
    block = session.first_block(first)
    session.blocks(first, {"op": "set", "id": block, "path": "", "value": "Other text."})
    session.do("revert_page", page_id=first, revision_id=reverted)
    session.do("add_comment", page_id=first, text="Is this right?", contentpath="intro")
    session.update(first, intro="two")
    session.update(second, slug="renamed")
    session.do("add_comment", page_id=second, text="And this?", contentpath="body")
    session.do(
        "schedule_page", page_id=second, go_live_at="2036-05-01T10:00:00Z",
        revision_id=Page.objects.get(pk=second).latest_revision_id,
    )  # fmt: skip
    session.update(world.tour.pk, location="Kew")


def _tree(session: Session, world: World, post: int, flex: int) -> None:
    """Twelve calls: copies, moves, uploads and deletions."""
    copy = session.do("copy_page", page_id=world.first.pk)["id"]
    session.update(copy, intro="copied")
    session.do("copy_page", page_id=world.about.pk, title="A section", recursive=True)
    session.confirmed("move_page", flex, parent_id=world.about.pk)
    session.confirmed("move_page", world.team.pk, parent_id=world.home.pk)
    data = base64.b64encode(png(30, 30)).decode()
    image = session.do("upload_image", title="Leaf", data=data)["id"]
    text = base64.b64encode(b"Beans").decode()
    session.do("upload_document", title="List", data=text, filename="list.txt")
    session.update(post, hero_image=image)
    session.update(flex, title="Moved")
    session.confirmed("delete_page", flex)
    session.update(world.team.pk, title="Our team")
    session.confirmed("delete_page", world.team.pk)


def test_a_session_of_thirty_mixed_calls_is_undone_as_one_run(world: World) -> None:
    before, session = _everything(), Session(world.actor("admin"))
    _old_pages(session, world)
    _tree(session, world, *_new_pages(session, world))
    calls = MCPCall.objects.filter(token=session.actor.token).order_by("pk")
    tools = {call.tool for call in calls}
    assert (calls.count(), len(tools)) == (30, 14)
    assert _everything() != before
    answer = _undo(session.actor, calls[0].pk, with_later=True)
    assert (len(answer["undone"]), answer["left"]) == (30, [])
    assert _everything() == before


def test_what_cannot_be_undone_is_left_and_named(world: World) -> None:
    session = Session(world.actor("admin"))
    first, second = world.first.pk, world.second.pk
    session.update(second, intro="one")
    revision = Page.objects.get(pk=second).latest_revision_id
    session.do("publish_page", page_id=second, revision_id=revision)
    session.update(second, intro="two")
    session.confirmed("unpublish_page", first)
    comment = session.do("add_comment", page_id=first, text="Why?", contentpath="intro")["id"]
    session.do("resolve_comment", comment_id=comment, reply="Because.")
    session.do("submit_for_review", page_id=first)
    start = MCPCall.objects.filter(token=session.actor.token).earliest("pk").pk
    left = _undo(session.actor, start, with_later=True)["left"]
    whys = [item["why"].removeprefix(f"Page {first} ") for item in left]
    assert [why.split(" cannot")[0] for why in whys[:2]] == ["submit_for_review", "resolve_comment"]
    assert "was answered or closed" in whys[2]
    assert [why.split(" cannot")[0] for why in whys[3:]] == ["unpublish_page", "publish_page"]
    page = Page.objects.get(pk=second)
    assert page.live
    assert page.get_latest_revision_as_object().intro == world.second.intro


def test_a_copied_section_goes_unless_something_below_was_touched(world: World) -> None:
    actor = world.actor("admin")
    for touched in (True, False):
        title = f"Copy {touched}"
        given = {"page_id": world.about.pk, "recursive": True, "title": title}
        copy = Page.objects.get(pk=answered(actor, "copy_page", **given)["id"])
        number = _newest(actor)["id"]
        if touched:
            copy.get_children().get().specific.save_revision(user=world.moderator)
            assert "came or changed since" in _undo(actor, number)["left"][0]["why"]
        else:
            assert _undo(actor, number)["left"] == []
        assert Page.objects.filter(pk=copy.pk).exists() == touched


def test_cancelling_a_schedule_needs_the_tool_that_made_it(world: World) -> None:
    tools = ["schedule_page", "undo_change", "list_my_changes"]
    actor = world.actor("moderator", allowed_tools=tools)
    revision = world.second.latest_revision_id
    given = {"page_id": world.second.pk, "revision_id": revision}
    answered(actor, "schedule_page", **given, go_live_at="2036-05-01T10:00:00Z")
    actor.token.allowed_tools = tools[1:]  # type: ignore[union-attr]
    actor.token.save()  # type: ignore[union-attr]
    number = _newest(actor)["id"]
    assert "needs the tool schedule_page" in _undo(actor, number)["left"][0]["why"]
    assert Page.objects.get(pk=world.second.pk).approved_schedule


def test_a_cancelled_schedule_is_not_said_to_be_restored(world: World) -> None:
    actor = world.actor("moderator")
    given = {"page_id": world.second.pk, "go_live_at": "2036-05-01T10:00:00Z"}
    planned = answered(actor, "schedule_page", **given, revision_id=world.second.latest_revision_id)
    given = {"page_id": world.second.pk, "go_live_at": None}
    answered(actor, "schedule_page", **given, revision_id=planned["revision_id"])
    assert "stays unscheduled" in _undo(actor, _newest(actor)["id"])["left"][0]["why"]


def test_undoing_a_reversion_keeps_what_was_saved_just_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, page, look = world.actor("editor"), world.first, CallRecord.look
    older = page.latest_revision_id
    page.save_revision(user=world.editor)

    def saved_after(record: CallRecord) -> None:
        look(record)
        if record.spec.name == "revert_page":
            draft = BlogPage.objects.get(pk=page.pk).get_latest_revision_as_object()
            draft.intro = "In between"
            draft.save_revision(user=world.editor)

    monkeypatch.setattr(CallRecord, "look", saved_after)
    answered(actor, "revert_page", page_id=page.pk, revision_id=older)
    assert _undo(actor, _newest(actor)["id"])["left"] == []
    assert BlogPage.objects.get(pk=page.pk).get_latest_revision_as_object().intro == "In between"


def test_a_section_copied_for_translation_goes(world: World, settings: Any) -> None:
    settings.WAGTAIL_I18N_ENABLED = True
    Locale.objects.create(language_code="de")
    actor = world.actor("admin")
    given = {"page_id": world.home.pk, "locale": "de", "include_subtree": True}
    copy = answered(actor, "copy_for_translation", **given)["id"]
    assert _undo(actor, _newest(actor)["id"])["left"] == []
    assert not Page.objects.filter(pk=copy).exists()
