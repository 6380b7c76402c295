"""Snippets of any type: drafts, conflicts, locks, permissions, and what is never published."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from wagtail.admin.models import EditingSession
from wagtail.log_actions import registry as log_registry
from wagtail.models import Collection, Workflow, WorkflowContentType
from wagtail.permission_policies.collections import CollectionPermissionPolicy
from wagtail.permissions import policy_registry

from blog.models import Author
from mcp_server import needs
from mcp_server.content.snippets_types import version_of
from mcp_server.errors import Conflict, Invalid, Refused
from mcp_server.models import MCPCall, MCPToken
from mcp_server.tools.pages import describe_page_type
from mcp_server.tools.search import search_any
from mcp_server.tools.snippets import create_snippet, get_snippet, list_snippets, update_snippet
from tests.calling import answered
from tests.kitchen.models import Chef, Course, Menu, MenuPrice, Season, Supplier
from tests.world import World

# What a token for drafting grants: everything but the Publishing group.
DRAFTING = ["create_snippet", "update_snippet", "undo_change", "list_my_changes", "get_snippet"]
Cook = Callable[..., Any]


@pytest.fixture
def cook(world: World) -> Cook:
    """An actor in the editors' group, which gets these permissions, such as ``change_chef``."""

    def make(*codenames: str, **token: Any) -> Any:
        group = Group.objects.get(name="Editors")
        found = Permission.objects.filter(codename__in=codenames)
        assert found.count() == len(codenames)
        group.permissions.add(*found)
        return world.actor("editor", **token)

    return make


def _chef(world: World, name: str = "Ada", *, live: bool = True) -> Any:
    chef = Chef.objects.create(name=name, live=live, bio="<p>Cooks.</p>")
    revision = chef.save_revision(user=world.admin)
    if live:
        revision.publish(user=world.admin)
    return Chef.objects.get(pk=chef.pk)


def _undo(actor: Any) -> Any:
    return answered(
        actor, "undo_change", change_id=answered(actor, "list_my_changes")["items"][0]["id"]
    )


def _items(actor: Any, *given: Any, **more: Any) -> list[Any]:
    return list(list_snippets(actor, *given, **more).items)


# Reading


def test_the_types_say_what_the_user_may_do(world: World, cook: Cook) -> None:
    _chef(world)
    actor = cook("view_chef", "add_supplier", "change_supplier")
    chef, supplier = _items(actor)
    assert (chef.type, chef.count, chef.may, chef.drafts) == ("kitchen.Chef", 1, [], True)
    assert (supplier.type, supplier.may) == ("kitchen.Supplier", ["add", "change"])
    assert not supplier.drafts
    assert list_snippets(world.actor("outsider")).items == []


def test_a_list_names_title_and_status(world: World, cook: Cook) -> None:
    _chef(world, "Ada")
    _chef(world, "Ben", live=False)
    changed = _chef(world, "Cid")
    changed.save_revision(user=world.admin)
    chefs = _items(cook("change_chef"), "kitchen.Chef")
    found = [(item.title, item.status) for item in chefs]
    assert found == [("Ada", "live"), ("Ben", "draft"), ("Cid", "live + draft")]
    assert chefs[0].edit_url.endswith(f"/kitchen/chef/edit/{Chef.objects.get(name='Ada').pk}/")
    assert list_snippets(cook(), "kitchen.chef", query="be").total == 1
    page = list_snippets(cook(), "kitchen.Chef", limit=2)
    assert _items(cook(), "kitchen.Chef", cursor=page.next_cursor)[0].title == "Cid"


def test_the_status_of_a_long_list_costs_no_more_queries(
    world: World, cook: Cook, django_assert_num_queries: Any
) -> None:
    actor = cook("change_chef")
    for number in range(3):
        _chef(world, f"Chef {number}", live=False)
    with django_assert_num_queries(9, exact=False):
        list_snippets(actor, "kitchen.Chef")


def test_reading_gives_the_newest_draft_as_it_can_be_written_back(world: World, cook: Cook) -> None:
    chef = _chef(world)
    actor = cook("change_chef")
    chef.bio = "<p>Bakes <b>bread</b>.</p>"
    chef.save_revision(user=world.admin)
    read = get_snippet(actor, "kitchen.Chef", chef.pk)
    assert read.fields == {"name": "Ada", "bio": "Bakes **bread**."}
    assert (read.status, read.unpublished_changes) == ("live + draft", True)
    assert read.revision_id == Chef.objects.get(pk=chef.pk).latest_revision_id
    same = update_snippet(actor, "kitchen.Chef", chef.pk, read.revision_id or 0, read.fields)
    assert same.warnings == ["Nothing differs from what is there; not saved."]
    assert same.instance is None


def test_who_may_only_look_does_not_read_drafts(world: World, cook: Cook) -> None:
    chef, draft = _chef(world), _chef(world, "Ben", live=False)
    chef.name = "Secretly Eve"
    chef.save_revision(user=world.admin)
    actor = cook("view_chef")
    assert get_snippet(actor, "kitchen.Chef", chef.pk).fields["name"] == "Ada"
    with pytest.raises(Refused, match="may not read the draft"):
        get_snippet(actor, "kitchen.Chef", draft.pk)


@pytest.mark.parametrize("given", [0, -1, 10**30, "x", "1\x00", "", "999999"])
def test_a_key_that_is_none_names_nothing(world: World, cook: Cook, given: Any) -> None:
    actor = cook("change_chef", "change_supplier")
    for label in ("kitchen.Chef", "kitchen.Supplier"):
        with pytest.raises(Refused, match=f"No snippet {label}"):
            get_snippet(actor, label, given)


def test_a_forbidden_type_looks_like_a_missing_one(world: World, cook: Cook) -> None:
    actor = cook("change_chef")
    chef = _chef(world)
    for label in ("blog.Author", "blog.Nothing", "auth.User", "mcp_server.MCPToken"):
        with pytest.raises(Refused) as refusal:
            get_snippet(actor, label, chef.pk)
        assert str(refusal.value) == f"No snippet type '{label}' here (allowed: kitchen.Chef)."


def test_a_type_is_described_with_an_example_that_works(world: World) -> None:
    actor = world.actor("admin")
    for label in ("kitchen.Chef", "kitchen.Menu", "kitchen.Supplier", "blog.Author"):
        described = describe_page_type(actor, label)
        assert described.create_below is None
        made = create_snippet(actor, **described.example)
        assert made.type == label
    assert "name" in describe_page_type(actor, "blog.Author").fields
    with pytest.raises(Refused, match="No page type"):
        describe_page_type(world.actor("outsider"), "blog.Author")


# Tokens, and what a site hides


def test_tokens_are_no_snippets_for_a_model(world: World) -> None:
    actor = world.actor("admin")
    token = MCPToken.objects.create(user=world.admin, name="Findable")
    assert not [item for item in list_snippets(actor).items if "MCPToken" in item.type]
    with pytest.raises(Refused, match="No snippet type"):
        get_snippet(actor, "mcp_server.MCPToken", token.pk)
    with pytest.raises(Refused, match="No snippet type"):
        update_snippet(actor, "mcp_server.mcptoken", token.pk, "0", {"name": "x"})
    assert search_any(actor, "Findable").items == []
    with pytest.raises(Refused, match="No page type"):
        describe_page_type(actor, "mcp_server.MCPToken")


def test_a_site_hides_a_type(world: World, settings: Any) -> None:
    settings.MCP_SERVER = {**settings.MCP_SERVER, "HIDDEN_SNIPPETS": ["Kitchen.chef"]}
    actor, chef = world.actor("admin"), _chef(world)
    assert "kitchen.Chef" not in {item.type for item in list_snippets(actor).items}
    with pytest.raises(Refused, match="No snippet type"):
        get_snippet(actor, "kitchen.Chef", chef.pk)
    with pytest.raises(Refused, match="No snippet type"):
        create_snippet(actor, "kitchen.Chef", {"name": "x"})
    assert search_any(actor, "Ada").items == []


def test_the_token_form_knows_who_could_never_use_them(world: World, cook: Cook) -> None:
    assert needs.snippets(world.editor, "read") == needs.NO_SNIPPETS
    assert needs.snippets(cook("view_chef").user, "read") is None
    assert needs.snippets(cook().user, "draft") == needs.NO_SNIPPET_WRITING
    assert needs.snippets(cook("change_chef").user, "draft") is None


def test_what_search_finds_can_be_read(world: World, cook: Cook) -> None:
    _chef(world, "Findable")
    actor = cook("change_chef")
    hit = search_any(actor, "findable").items[0]
    assert get_snippet(actor, hit.type, hit.id).title == "Findable"


def test_a_field_that_the_user_may_not_see_is_not_searched(world: World, cook: Cook) -> None:
    supplier = Supplier.objects.create(name="Mill", secret="hush")
    assert list_snippets(world.actor("admin"), "kitchen.Supplier", "hush").total == 1
    actor = cook("change_supplier")
    assert list_snippets(actor, "kitchen.Supplier", "hush").total == 0
    read = get_snippet(actor, "kitchen.Supplier", str(supplier.pk))
    assert read.fields == {"name": "Mill"}
    with pytest.raises(Invalid, match="secret"):
        update_snippet(actor, "kitchen.Supplier", read.id, read.version or "", {"secret": "x"})


# Writing where there are drafts


def test_creating_makes_a_draft_and_a_log_entry(world: World, cook: Cook) -> None:
    actor = cook("add_chef", "change_chef", allowed_tools=DRAFTING)
    made = create_snippet(actor, "kitchen.Chef", {"name": "Ada", "bio": "Cooks **well**."})
    chef = Chef.objects.get(pk=made.id)
    assert (made.status, chef.live, made.revision_id) == ("draft", False, chef.latest_revision_id)
    assert "Cooks <b>well</b>." in chef.bio
    assert chef.get_latest_revision().user == actor.user
    entries = log_registry.get_logs_for_instance(chef)
    assert [(entry.action, entry.user) for entry in entries] == [("wagtail.create", actor.user)]


def test_an_edit_of_a_live_one_changes_only_the_draft(world: World, cook: Cook) -> None:
    chef = _chef(world)
    actor = cook("change_chef", allowed_tools=DRAFTING)
    saved = update_snippet(actor, "kitchen.Chef", chef.pk, chef.latest_revision_id, {"name": "Ben"})
    chef.refresh_from_db()
    assert (chef.name, chef.live, chef.has_unpublished_changes) == ("Ada", True, True)
    assert (saved.title, saved.status) == ("Ben", "live + draft")
    assert saved.revision_id == chef.latest_revision_id
    assert chef.get_latest_revision_as_object().bio == "<p>Cooks.</p>"
    actions = {entry.action for entry in log_registry.get_logs_for_instance(chef)}
    assert "wagtail.edit" in actions


def test_no_draft_tool_publishes_even_for_those_who_may(world: World) -> None:
    actor, chef = world.actor("admin"), _chef(world)
    update_snippet(actor, "kitchen.Chef", chef.pk, chef.latest_revision_id, {"name": "Ben"})
    made = create_snippet(actor, "kitchen.Chef", {"name": "Cid"})
    assert set(Chef.objects.filter(live=True).values_list("name", flat=True)) == {"Ada"}
    with pytest.raises(Invalid, match="live"):
        update_snippet(actor, "kitchen.Chef", made.id, made.revision_id or 0, {"live": True})


def test_a_stale_write_names_who_changed_what(world: World, cook: Cook) -> None:
    chef = _chef(world)
    read = chef.latest_revision_id
    chef.name = "Eve"
    chef.save_revision(user=world.admin)
    with pytest.raises(Conflict) as conflict:
        update_snippet(cook("change_chef"), "kitchen.Chef", chef.pk, read, {"name": "Ben"})
    text = str(conflict.value)
    assert "Admin" in text
    assert "name collides: theirs “Eve”, yours “Ben”." in text
    assert f"Call get_snippet for kitchen.Chef {chef.pk}" in text
    assert Chef.objects.get(pk=chef.pk).revisions.count() == 2


def test_a_revision_of_another_object_is_no_base(world: World, cook: Cook) -> None:
    chef, other = _chef(world), _chef(world, "Ben")
    for base in (other.latest_revision_id, 0, "abc", "²"):
        with pytest.raises(Refused, match="has no revision"):
            update_snippet(cook("change_chef"), "kitchen.Chef", chef.pk, base, {"name": "x"})


def test_a_lock_and_an_open_editor_keep_it_out(world: World, cook: Cook) -> None:
    chef, actor = _chef(world), cook("change_chef")
    EditingSession.objects.create(
        user=world.admin,
        content_type=ContentType.objects.get_for_model(Chef),
        object_id=str(chef.pk),
        last_seen_at=timezone.now(),
    )
    assert "Admin, active" in (get_snippet(actor, "kitchen.Chef", chef.pk).being_edited_by or "")
    arguments = ("kitchen.Chef", chef.pk, chef.latest_revision_id, {"name": "x"})
    with pytest.raises(Conflict, match=f"Admin has kitchen.Chef {chef.pk} open"):
        update_snippet(actor, *arguments)
    EditingSession.objects.update(last_seen_at=timezone.now() - timedelta(days=1))
    Chef.objects.update(locked=True, locked_by=world.admin, locked_at=timezone.now())
    assert get_snippet(actor, "kitchen.Chef", chef.pk).locked_by == "Admin"
    with pytest.raises(Conflict, match=f"kitchen.Chef {chef.pk} is locked by Admin"):
        update_snippet(actor, *arguments)


def test_in_review_only_reviewers_write(world: World, cook: Cook) -> None:
    workflow = Workflow.objects.get(name="Moderation")
    WorkflowContentType.objects.create(
        workflow=workflow, content_type=ContentType.objects.get_for_model(Chef)
    )
    chef = _chef(world, live=False)
    workflow.start(chef, world.admin)
    actor = cook("change_chef")
    read = get_snippet(actor, "kitchen.Chef", chef.pk)
    assert read.status == "in review"
    assert "waiting for: Moderators approval" in (read.workflow or "")
    with pytest.raises(Conflict, match="is locked by the workflow task Moderators approval"):
        update_snippet(actor, "kitchen.Chef", chef.pk, read.revision_id or 0, {"name": "x"})
    assert _items(actor, "kitchen.Chef")[0].status == "in review"


def test_a_chooser_takes_only_what_is_there(world: World, cook: Cook) -> None:
    chef = _chef(world)
    with pytest.raises(Invalid, match="mentor: no chef 999 here"):
        update_snippet(
            cook("change_chef"), "kitchen.Chef", chef.pk, chef.latest_revision_id, {"mentor": 999}
        )


def test_unknown_and_wrong_fields_are_named(world: World, cook: Cook) -> None:
    actor = cook("add_chef")
    with pytest.raises(Invalid, match=r"nickname: no such field here \(allowed: name, bio, mentor"):
        create_snippet(actor, "kitchen.Chef", {"name": "A", "nickname": "x"})
    assert not Chef.objects.exists()
    # A draft may lack what it needs later, as in Wagtail's own editor.
    unfinished = create_snippet(actor, "kitchen.Chef", {"bio": "x"})
    assert unfinished.warnings == ["Needed before publishing: name"]


def test_adding_and_changing_are_two_permissions(world: World, cook: Cook) -> None:
    chef = _chef(world)
    with pytest.raises(Refused, match="may not add"):
        create_snippet(cook("change_chef"), "kitchen.Chef", {"name": "x"})
    Group.objects.get(name="Editors").permissions.remove(
        Permission.objects.get(codename="change_chef")
    )
    with pytest.raises(Refused, match="may not change"):
        update_snippet(
            cook("add_chef"), "kitchen.Chef", chef.pk, chef.latest_revision_id, {"name": "x"}
        )


# StreamFields, inline panels, collections


@pytest.fixture
def menu(world: World) -> Any:
    menu = Menu(title="Lunch")
    menu.body = [("text", "<p>First</p>"), ("text", "<p>Second</p>")]
    menu.prices = [MenuPrice(label="Small", euros=4), MenuPrice(label="Big", euros=7)]
    menu.save()
    menu.save_revision(user=world.admin).publish(user=world.admin)
    return Menu.objects.get(pk=menu.pk)


def test_untouched_blocks_and_rows_keep_their_ids(world: World, menu: Menu) -> None:
    actor = world.actor("admin")
    read = get_snippet(actor, "kitchen.Menu", menu.pk)
    blocks, rows = read.fields["body"], read.fields["prices"]
    assert [block["value"] for block in blocks] == ["First", "Second"]
    assert [row["label"] for row in rows] == ["Small", "Big"]
    blocks[1]["value"] = "Changed"
    rows[0]["euros"] = "5.00"
    given = {"body": blocks, "prices": rows[:1]}
    saved = update_snippet(actor, "kitchen.Menu", menu.pk, read.revision_id or 0, given)
    assert saved.status == "live + draft"
    after = get_snippet(actor, "kitchen.Menu", menu.pk).fields
    assert [block["id"] for block in after["body"]] == [block["id"] for block in blocks]
    assert [row["euros"] for row in after["prices"]] == ["5.00"]
    assert after["prices"][0]["id"] == rows[0]["id"]
    # Visitors see what they saw before.
    assert Menu.objects.get(pk=menu.pk).prices.count() == 2


def test_collections_limit_what_is_seen_and_where_it_goes(
    world: World, menu: Menu, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = CollectionPermissionPolicy(Menu)
    monkeypatch.setitem(policy_registry.fallback_policies, Menu, policy)
    assert policy_registry.get_by_type(Menu) is policy
    group: Any = Group.objects.get(name="Editors")
    for action in ("add", "change"):
        group.collection_permissions.create(
            collection=world.pictures, permission=Permission.objects.get(codename=f"{action}_menu")
        )
    actor = world.actor("editor")
    with pytest.raises(Refused, match=r"No snippet kitchen\.Menu"):
        get_snippet(actor, "kitchen.Menu", menu.pk)
    with pytest.raises(Refused, match=r"may not add kitchen\.Menu in collection"):
        create_snippet(actor, "kitchen.Menu", {"title": "x", "collection": world.archive.pk})
    own = create_snippet(actor, "kitchen.Menu", {"title": "x", "collection": world.pictures.pk})
    with pytest.raises(Refused, match=r"may not change kitchen\.Menu in collection"):
        update_snippet(
            actor, "kitchen.Menu", own.id, own.revision_id or 0, {"collection": world.archive.pk}
        )
    assert Menu.objects.get(pk=own.id).collection == Collection.objects.get(pk=world.pictures.pk)


# Writing where there are no drafts


def test_without_drafts_a_write_needs_a_token_that_may_publish(world: World, cook: Cook) -> None:
    supplier = Supplier.objects.create(name="Mill")
    rights = ("add_supplier", "change_supplier")
    drafting = cook(*rights, allowed_tools=DRAFTING)
    version = get_snippet(drafting, "kitchen.Supplier", str(supplier.pk)).version or ""
    with pytest.raises(Refused, match=r"visitors see a change at once.*publish_page"):
        create_snippet(drafting, "kitchen.Supplier", {"name": "New"})
    with pytest.raises(Refused, match="has no drafts"):
        update_snippet(drafting, "kitchen.Supplier", str(supplier.pk), version, {"note": "x"})
    assert Supplier.objects.get().note == ""
    publishing = cook(allowed_tools=[*DRAFTING, "publish_page"])
    saved = update_snippet(publishing, "kitchen.Supplier", str(supplier.pk), version, {"note": "x"})
    assert saved.warnings == ["Visible to visitors at once: kitchen.Supplier has no drafts."]
    assert Supplier.objects.get().note == "x"
    season = Season.objects.create(name="Spring")
    revised = cook("change_season", allowed_tools=DRAFTING)
    with pytest.raises(Refused, match="has no drafts"):
        update_snippet(revised, "kitchen.Season", season.pk, 0, {"name": "Autumn"})


def test_a_token_that_is_limited_to_a_page_writes_no_snippet(world: World, cook: Cook) -> None:
    actor = cook("add_chef", root_page=world.blog.page_ptr)
    with pytest.raises(Refused, match="limited to page"):
        create_snippet(actor, "kitchen.Chef", {"name": "x"})


def test_the_version_changes_with_the_content_and_with_nothing_else(world: World) -> None:
    supplier = Supplier.objects.create(name="Mill")
    course = Course.objects.create(name="Starter")
    actor = world.actor("admin")

    def version() -> str | None:
        return get_snippet(actor, "kitchen.Supplier", str(supplier.pk)).version

    first = version()
    assert first == version()
    supplier.courses.add(course)
    second = version()
    Supplier.objects.update(secret="x")
    assert len({first, second, version()}) == 3


def test_no_silent_overwrite_without_revisions(world: World) -> None:
    actor = world.actor("admin")
    made = create_snippet(actor, "kitchen.Supplier", {"name": "Mill"})
    assert made.version
    assert made.version == get_snippet(actor, "kitchen.Supplier", made.id).version
    theirs = update_snippet(actor, "kitchen.Supplier", made.id, made.version, {"note": "theirs"})
    with pytest.raises(Conflict, match=r"not the version of .* that is there now \(Admin, "):
        update_snippet(actor, "kitchen.Supplier", made.id, made.version, {"note": "mine"})
    assert Supplier.objects.get().note == "theirs"
    update_snippet(actor, "kitchen.Supplier", made.id, theirs.version or "", {"note": "mine"})
    assert Supplier.objects.get().note == "mine"


def test_what_goes_live_at_once_has_to_be_whole(world: World) -> None:
    actor = world.actor("admin")
    Supplier.objects.create(name="Mill")
    with pytest.raises(Invalid, match="name: required"):
        create_snippet(actor, "kitchen.Supplier", {"note": "x"})
    with pytest.raises(Invalid, match="already exists"):
        create_snippet(actor, "kitchen.Supplier", {"name": "Mill"})
    empty = Supplier.objects.create(name="")
    with pytest.raises(Invalid, match="name: required"):
        update_snippet(
            actor, "kitchen.Supplier", str(empty.pk), str(version_of(empty)), {"note": "x"}
        )


# History and undoing


def test_a_write_leaves_its_row_and_its_entry(world: World, cook: Cook) -> None:
    chef = _chef(world)
    actor = cook("change_chef", allowed_tools=DRAFTING)
    before = chef.latest_revision_id
    saved = answered(
        actor, "update_snippet", type="kitchen.Chef", snippet_id=chef.pk,
        base_revision_id=str(before), fields={"name": "Ben"},
    )  # fmt: skip
    change = answered(actor, "list_my_changes")["items"][0]
    assert (change["type"], change["object_id"]) == ("kitchen.Chef", str(chef.pk))
    assert (change["before"], change["after"]) == (before, saved["revision_id"])
    entries = log_registry.get_logs_for_instance(chef).filter(action="mcp_server.call")
    assert [entry.data["tool"] for entry in entries] == ["update_snippet"]
    assert entries[0].revision_id == saved["revision_id"]


def test_an_edit_goes_back_to_the_revision_before(world: World, cook: Cook) -> None:
    actor = cook("change_chef", allowed_tools=DRAFTING)
    for chef in (_chef(world), _chef(world, live=False)):
        newest = chef.latest_revision_id
        for name in ("Ben", "Cid"):
            newest = answered(
                actor, "update_snippet", type="kitchen.Chef", snippet_id=chef.pk,
                base_revision_id=newest, fields={"name": name},
            )["revision_id"]  # fmt: skip
        second, first = answered(actor, "list_my_changes")["items"][:2]
        for change, name in ((second, "Ben"), (first, "Ada")):
            assert not answered(actor, "undo_change", change_id=change["id"])["left"]
            read = get_snippet(actor, "kitchen.Chef", chef.pk)
            assert read.fields["name"] == name
        fresh = Chef.objects.get(pk=chef.pk)
        assert (fresh.name, fresh.live) == ("Ada", chef.live)


def test_the_first_edit_of_something_without_revisions_goes_back_too(world: World) -> None:
    author = Author.objects.create(name="Ada")
    actor = world.actor("admin")
    read = get_snippet(actor, "blog.Author", author.pk)
    assert read.revision_id is None
    answered(
        actor, "update_snippet", type="blog.Author", snippet_id=str(author.pk),
        base_revision_id=read.version, fields={"name": "Ben"},
    )  # fmt: skip
    assert not _undo(actor)["left"]
    assert get_snippet(actor, "blog.Author", author.pk).fields["name"] == "Ada"


def test_what_somebody_built_upon_stays(world: World, cook: Cook) -> None:
    actor = cook("add_chef", "change_chef", "delete_chef", allowed_tools=DRAFTING)
    made = answered(actor, "create_snippet", type="kitchen.Chef", fields={"name": "Ada"})
    chef = Chef.objects.get(pk=made["id"])
    pupil = Chef.objects.create(name="Ben", mentor=chef)
    assert "something refers to it" in _undo(actor)["left"][0]["why"]
    pupil.delete()
    newer = chef.save_revision(user=world.admin)
    assert "Admin saved it after" in _undo(actor)["left"][0]["why"]
    newer.delete()
    Chef.objects.filter(pk=chef.pk).update(live=True, latest_revision=made["revision_id"])
    assert "it is published" in _undo(actor)["left"][0]["why"]
    Chef.objects.filter(pk=chef.pk).update(live=False)
    assert not _undo(actor)["left"]
    assert not Chef.objects.exists()


def test_undoing_needs_the_permissions_too(world: World, cook: Cook) -> None:
    actor = cook("add_chef", allowed_tools=DRAFTING)
    answered(actor, "create_snippet", type="kitchen.Chef", fields={"name": "Ada"})
    assert "may not delete" in _undo(actor)["left"][0]["why"]
    assert Chef.objects.exists()


def test_without_revisions_only_what_was_made_can_be_taken_back(world: World) -> None:
    actor = world.actor("admin")
    made = answered(actor, "create_snippet", type="kitchen.Supplier", fields={"name": "Mill"})
    Supplier.objects.update(note="by a person")
    assert "saved it after" in _undo(actor)["left"][0]["why"]
    Supplier.objects.update(note="")
    version = get_snippet(actor, "kitchen.Supplier", made["id"]).version
    answered(
        actor, "update_snippet", type="kitchen.Supplier", snippet_id=made["id"],
        base_revision_id=version, fields={"note": "x"},
    )  # fmt: skip
    assert "keeps no revision from before" in _undo(actor)["left"][0]["why"]
    other = answered(actor, "create_snippet", type="kitchen.Supplier", fields={"name": "Farm"})
    assert not _undo(actor)["left"]
    assert not Supplier.objects.filter(pk=other["id"]).exists()


def test_undoing_what_is_live_at_once_restores_it(world: World) -> None:
    actor = world.actor("admin")
    made = answered(actor, "create_snippet", type="kitchen.Season", fields={"name": "Spring"})
    answered(
        actor, "update_snippet", type="kitchen.Season", snippet_id=made["id"],
        base_revision_id=made["revision_id"], fields={"name": "Autumn"},
    )  # fmt: skip
    assert Season.objects.get().name == "Autumn"
    assert not _undo(actor)["left"]
    assert Season.objects.get().name == "Spring"


def test_a_create_that_is_sent_again_makes_nothing_twice(world: World, cook: Cook) -> None:
    actor = cook("add_chef")
    given = {"type": "kitchen.Chef", "fields": {"name": "Ada"}, "idempotency_key": "once"}
    first = answered(actor, "create_snippet", **given)
    assert answered(actor, "create_snippet", **given) == {**first, "replayed": True}
    assert Chef.objects.count() == 1
    assert MCPCall.objects.filter(tool="create_snippet").count() >= 1
