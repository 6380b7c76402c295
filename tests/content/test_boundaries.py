"""What a user may not see stays unseen, and what stands in a page survives an edit beside it."""

from datetime import timedelta
from typing import Any

import pytest
from django import forms
from django.utils import timezone
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.rich_text import get_rich_text_editor_widget
from wagtail.models import GroupPagePermission, Page, PageViewRestriction, ReferenceIndex

from mcp_server.content.fields import form_class
from mcp_server.errors import Conflict, Invalid, Refused
from mcp_server.models import MCPToken
from mcp_server.tools import pages, publishing, search, tree
from tests.kitchen.models import Course, DishPage, KitchenPage
from tests.world import World


@pytest.fixture
def dish(world: World) -> DishPage:
    """A draft below Home, with a value in the field that only superusers see."""
    kitchen = world.home.add_child(instance=KitchenPage(title="Kitchen", slug="kitchen"))
    page: DishPage = kitchen.add_child(
        instance=DishPage(title="Dish", slug="dish", live=False, secret="TOPSECRET")
    )
    page.save_revision(user=world.admin)
    return page


def test_a_field_with_a_permission_is_neither_read_nor_told(world: World, dish: DishPage) -> None:
    moderator = world.actor("moderator")
    read = pages.get_page_content(moderator, dish.pk)
    assert "secret" not in read.fields
    assert pages.get_page_content(world.actor("admin"), dish.pk).fields["secret"] == "TOPSECRET"
    assert "secret" not in pages.describe_page_type(moderator, "kitchen.DishPage").fields
    dish.secret = "NEWSECRET"
    dish.save_revision(user=world.admin)
    with pytest.raises(Conflict) as caught:
        pages.update_page(moderator, dish.pk, read.revision_id, {"secret": "x", "summary": "y"})
    assert "NEWSECRET" not in str(caught.value)


def test_search_finds_no_token_of_others_and_nothing_by_hidden_columns(world: World) -> None:
    token = MCPToken.objects.create(user=world.admin, name="Zebra laptop")
    editor = world.actor("editor")
    assert not search.search_any(editor, "Zebra").items
    for actor in (editor, world.actor("admin")):
        assert not search.search_any(actor, token.key_hash[:12]).items


@pytest.mark.parametrize("query", ['"', 'a"b', "'", "x*", "(", "\x00", "AND OR", "-"])
def test_odd_queries_find_something_or_nothing(world: World, query: str) -> None:
    editor = world.actor("editor")
    search.search_any(editor, query)
    pages.search_pages(editor, query)


def test_what_refers_here_is_named_to_those_who_may_see_it(world: World) -> None:
    Course.objects.create(name="Confidential")
    target = world.second
    world.tour.body = [
        {"type": "paragraph", "value": f'<p><a linktype="page" id="{target.pk}">x</a></p>'}
    ]
    world.tour.save()
    world.about.body = world.tour.body
    world.about.save()
    assert ReferenceIndex.get_references_to(target).count() == 2
    impact = publishing.get_page_impact(world.actor("editor"), world.blog.pk)
    assert [reference.title for reference in impact.referred_to_by] == ["Tour"]
    assert impact.more_references == 1


def test_aliases_elsewhere_are_counted_not_named(world: World) -> None:
    alias = world.first.create_alias(parent=world.about)
    impact = publishing.get_page_impact(world.actor("editor"), world.first.pk)
    assert (impact.aliases, impact.hidden) == (None, 1)
    with pytest.raises(Refused, match="alias of another page"):
        pages.update_page(world.actor("outsider"), alias.pk, 0, {"intro": "x"})


def test_a_private_page_on_the_way_is_named_but_not_read(world: World) -> None:
    PageViewRestriction.objects.create(page=world.home, restriction_type=PageViewRestriction.LOGIN)
    outsider = world.actor("outsider")
    with pytest.raises(Refused, match="is private"):
        pages.get_page_content(outsider, world.home.pk, "live")
    found = pages.search_pages(outsider, under_id=world.about.pk).items
    assert {item.restricted for item in found} == {"logged-in users"}


def test_a_copy_takes_along_no_draft_that_may_not_be_read(world: World) -> None:
    GroupPagePermission.objects.filter(permission__codename="change_page").delete()
    GroupPagePermission.objects.filter(page=world.blog).update(page=world.home)
    adder = world.actor("editor")
    Page.objects.filter(pk=world.blog.pk).update(owner=world.editor)
    with pytest.raises(Refused, match="subpages whose drafts"):
        tree.copy_page(adder, world.blog.pk, recursive=True)


def test_a_copy_shows_the_draft(world: World) -> None:
    editor = world.actor("editor")
    revision = pages.get_page_content(editor, world.first.pk).revision_id
    pages.update_page(editor, world.first.pk, revision, {"intro": "EDITED"})
    copy = tree.copy_page(editor, world.first.pk, title="Copy")
    read = pages.get_page_content(editor, copy.id)
    assert (read.fields["intro"], read.title) == ("EDITED", "Copy")


def test_the_live_version_names_its_own_revision(world: World) -> None:
    editor = world.actor("editor")
    live = world.first.live_revision_id
    world.first.title = "Unread draft"
    world.first.save_revision(user=world.admin)
    read = pages.get_page_content(editor, world.first.pk, "live")
    assert (read.revision_id, read.title) == (live, "First")
    with pytest.raises(Conflict):
        publishing.publish_page(world.actor("moderator"), world.first.pk, read.revision_id)


def test_the_projects_own_form_is_left_alone() -> None:
    class OwnForm(WagtailAdminPageForm):
        blurb = forms.CharField(required=False, widget=get_rich_text_editor_widget())

    before = OwnForm.declared_fields["blurb"].widget
    DishPage.base_form_class = OwnForm
    form_class.cache_clear()
    try:
        form_class(DishPage)
        assert OwnForm.declared_fields["blurb"].widget is before
    finally:
        del DishPage.base_form_class
        form_class.cache_clear()


def test_a_clean_method_that_reads_other_fields_works(world: World, dish: DishPage) -> None:
    class OwnForm(WagtailAdminPageForm):
        def clean(self) -> Any:
            data = super().clean()
            if data["servings"] > 9 and not data["summary"]:
                self.add_error("summary", "Big dishes need a summary.")
            return data

    original = DishPage.get_edit_handler
    DishPage.base_form_class = OwnForm
    original.cache_clear()
    form_class.cache_clear()
    try:
        admin = world.actor("admin")
        revision = dish.latest_revision_id
        with pytest.raises(Invalid, match="summary: Big dishes need a summary"):
            pages.update_page(admin, dish.pk, revision, {"servings": 12})
        answer = pages.update_page(admin, dish.pk, revision, {"servings": 5})
        assert answer.revision_id != revision
    finally:
        del DishPage.base_form_class
        original.cache_clear()
        form_class.cache_clear()


def test_children_that_are_empty_stay_empty(world: World, dish: DishPage) -> None:
    step: dict[str, Any] = {
        "title": "a",
        "minutes": None,
        "level": None,
        "tools": [],
        "content": [],
    }
    dish.body = [{"type": "step", "value": step, "id": "s1"}]
    revision = dish.save_revision(user=world.admin)
    pages.edit_page_blocks(
        world.actor("admin"), dish.pk, revision.pk,
        [{"op": "set", "id": "s1", "path": "title", "value": "b"},
         {"op": "set", "id": "s1", "path": "level", "value": "easy"}],
    )  # fmt: skip
    draft = DishPage.objects.get(pk=dish.pk).get_latest_revision_as_object()
    value = draft.body.get_prep_value()[0]["value"]
    assert value == {**step, "title": "b", "level": "easy"}


def test_blocks_without_ids_can_be_written_back(world: World, dish: DishPage) -> None:
    revision = dish.latest_revision
    revision.content = {**revision.content, "body": '[{"type": "plain", "value": "old"}]'}
    revision.save()
    admin = world.actor("admin")
    first, second = (pages.get_page_content(admin, dish.pk) for _ in range(2))
    assert first.fields["body"] == second.fields["body"]
    body = [*first.fields["body"], {"type": "plain", "value": "new"}]
    pages.update_page(admin, dish.pk, first.revision_id, {"body": body})
    assert len(pages.get_page_content(admin, dish.pk).fields["body"]) == 2


def test_publishing_asks_what_the_admin_asks(world: World, dish: DishPage) -> None:
    dish.sources.create(title="")
    revision = dish.save_revision(user=world.admin, clean=False)
    with pytest.raises(Invalid, match=r"Nothing was published.*\n.*sources\[0\].title: required"):
        publishing.publish_page(world.actor("admin"), dish.pk, revision.pk)
    world.second.expire_at = timezone.now() - timedelta(days=3)
    revision = world.second.save_revision(user=world.admin, clean=False)
    with pytest.raises(Invalid, match="expire_at: "):
        publishing.publish_page(world.actor("moderator"), world.second.pk, revision.pk)


def test_nothing_is_noted_where_nothing_changed(world: World) -> None:
    editor = world.actor("editor")
    read = pages.get_page_content(editor, world.first.pk)
    answer = pages.update_page(editor, world.first.pk, read.revision_id, read.fields)
    assert answer.instance is None


@pytest.mark.parametrize(
    "fields",
    [
        {"body": [{"type": ["a"], "value": 1}]},
        {"body": [{"type": "plain", "value": "x", "id": ["a"]}]},
        {"body": [{"type": "prices", "value": {"columns": [{"type": ["x"]}]}}]},
        {"body": [{"type": "prices", "value": {"columns": [{"type": "text"}], "rows": 5}}]},
        {"body": [{"type": "day", "value": 5}]},
        {"body": [{"type": "table", "value": {"data": [["a"]], "mergeCells": 5}}]},
        {"body": [{"type": "table", "value": {"data": [[{"a": 1}]]}}]},
        {"photo": float("inf")},
        {"served_on": 5},
        {"sources": [{"id": [1], "title": "x"}]},
        {"sources": [5]},
        {"tags": [1]},
        {"courses": [[1]]},
    ],
)
def test_malformed_values_are_refused(world: World, dish: DishPage, fields: Any) -> None:
    with pytest.raises(Invalid):
        pages.update_page(world.actor("admin"), dish.pk, dish.latest_revision_id, fields)


@pytest.mark.parametrize("address", ["http://[", "https://evil.example/blog/first/"])
def test_odd_addresses_are_answered(world: World, address: str) -> None:
    with pytest.raises(Refused, match="Call search_pages"):
        tree.find_page(world.actor("admin"), address)
