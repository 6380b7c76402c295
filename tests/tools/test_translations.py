"""Copies for translation: where they go, who may make them, and what their source did since."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from wagtail.actions.convert_alias import ConvertAliasPageAction
from wagtail.models import GroupPagePermission, Locale, Page, PageLogEntry

from mcp_server import needs
from mcp_server.actor import Actor
from mcp_server.content import writing
from mcp_server.content.clock import shown
from mcp_server.errors import Refused
from mcp_server.tools.pages import get_page_content, search_pages
from mcp_server.tools.translations import copy_for_translation, get_translation_status
from mcp_server.tools.tree import get_page_tree
from tests.calling import answered
from tests.world import World


@pytest.fixture
def german(world: World, settings: Any) -> World:
    """The world with a second locale, in which nothing is yet."""
    settings.WAGTAIL_I18N_ENABLED = True
    Locale.objects.create(language_code="de")
    return world


@pytest.fixture
def begun(german: World) -> World:
    """Home and Blog are copied into German; moderators may translate, and work there."""
    admin = german.actor("admin")
    home = copy_for_translation(admin, german.home.pk, "de")
    copy_for_translation(admin, german.blog.pk, "de")
    moderators = Group.objects.get(name="Moderators")
    _translators("Moderators")
    for granted in GroupPagePermission.objects.filter(group=moderators):
        GroupPagePermission.objects.create(
            group=moderators, page_id=home.id, permission=granted.permission
        )
    return german


def _translators(group: str) -> None:
    Group.objects.get(name=group).permissions.add(
        Permission.objects.get(codename="submit_translation")
    )


def _of(page: Page, code: str = "de") -> Page:
    found: Page = page.get_translation(Locale.objects.get(language_code=code)).specific
    return found


def _edit(world: World, page: Page, *, publish: bool = False, **values: Any) -> None:
    draft = Page.objects.get(pk=page.pk).get_latest_revision_as_object()
    for name, value in values.items():
        setattr(draft, name, value)
    revision = draft.save_revision(user=world.admin)
    if publish:
        revision.publish(user=world.admin)


def _german(actor: Actor, page: Page) -> Any:
    """What the status says of the page's German translation."""
    items = get_translation_status(actor, page.pk).translations
    return next(item for item in items if item.locale == "de")


def test_a_copy_is_a_draft_below_the_translated_parent(begun: World, client: Client) -> None:
    made = copy_for_translation(begun.actor("moderator"), begun.first.pk, "DE")
    copy = Page.objects.get(pk=made.id)
    assert (made.status, made.locale, made.title) == ("draft", "de", "First")
    assert copy.get_parent().pk == _of(begun.blog).pk
    assert (copy.live, copy.alias_of_id) == (False, None)
    assert copy.get_latest_revision().user == begun.moderator
    assert client.get("/home-de/blog/first/").status_code == 404


def test_a_subtree_is_copied_with_its_user(begun: World) -> None:
    made = copy_for_translation(
        begun.actor("moderator"), begun.events.pk, "de", include_subtree=True
    )
    tour = _of(begun.tour)
    assert tour.get_parent().pk == made.id
    assert not Page.objects.filter(locale__language_code="de").live().exists()
    assert tour.get_latest_revision().user == begun.moderator


def test_the_parent_comes_first(begun: World) -> None:
    with pytest.raises(
        Refused, match=rf'Call copy_for_translation\({begun.events.pk}, "de"\) first'
    ):
        copy_for_translation(begun.actor("moderator"), begun.tour.pk, "de")


def test_a_page_is_translated_once(begun: World) -> None:
    with pytest.raises(Refused, match=f"translated already: edit page {_of(begun.blog).pk}"):
        copy_for_translation(begun.actor("moderator"), begun.blog.pk, "de")
    _translators("Editors")
    with pytest.raises(Refused, match="which this user may not see"):
        copy_for_translation(begun.actor("editor"), begun.blog.pk, "de")


def test_what_is_translated_below_is_not_copied_again(begun: World) -> None:
    tour = begun.tour
    tour.move(begun.about, pos="last-child")
    copy_for_translation(begun.actor("admin"), begun.about.pk, "de")
    copy_for_translation(begun.actor("admin"), tour.pk, "de")
    Page.objects.get(pk=tour.pk).move(Page.objects.get(pk=begun.events.pk), pos="last-child")
    with pytest.raises(Refused, match=f"Page {tour.pk} below is translated already"):
        copy_for_translation(begun.actor("admin"), begun.events.pk, "de", include_subtree=True)


def test_locales_are_named(begun: World) -> None:
    for code in ("fr", "en-gb", ""):
        with pytest.raises(Refused, match=r"into this locale \(allowed: de\)"):
            copy_for_translation(begun.actor("moderator"), begun.first.pk, code)


def test_the_published_version_is_copied_and_a_newer_draft_named(begun: World) -> None:
    _edit(begun, begun.first, title="A draft")
    made = copy_for_translation(begun.actor("moderator"), begun.first.pk, "de")
    assert made.title == "First"
    assert made.warnings == [
        f"Copied is the published version of page {begun.first.pk}, not its newer draft."
    ]


def test_permission_is_wagtail_s(begun: World) -> None:
    with pytest.raises(Refused, match="may not submit translations"):
        copy_for_translation(begun.actor("editor"), begun.first.pk, "de")
    _translators("Editors")
    _translators("Outsiders")
    with pytest.raises(Refused, match="No page"):
        copy_for_translation(begun.actor("outsider"), begun.first.pk, "de")
    with pytest.raises(Refused, match="may not edit page"):
        copy_for_translation(begun.actor("editor"), begun.home.pk, "de")


def test_nobody_copies_to_where_they_see_nothing(begun: World) -> None:
    _translators("Editors")
    before = Page.objects.count()
    with pytest.raises(Refused, match="where this user sees nothing"):
        copy_for_translation(begun.actor("editor"), begun.first.pk, "de")
    limited = begun.actor("admin", root_page=Page.objects.get(pk=begun.home.pk))
    with pytest.raises(Refused, match="where this user sees nothing"):
        copy_for_translation(limited, begun.first.pk, "de")
    assert Page.objects.count() == before


def test_an_alias_of_a_published_page_needs_the_right_to_publish(begun: World) -> None:
    drafting = begun.actor("moderator", allowed_tools=["copy_for_translation"])
    with pytest.raises(Refused, match="seen by visitors at once"):
        copy_for_translation(drafting, begun.first.pk, "de", alias=True)
    with pytest.raises(Refused, match="seen by visitors at once"):
        copy_for_translation(drafting, begun.events.pk, "de", alias=True, include_subtree=True)
    assert copy_for_translation(drafting, begun.second.pk, "de", alias=True).status == "draft"
    publishing = ["copy_for_translation", "publish_page"]
    made = copy_for_translation(
        begun.actor("moderator", allowed_tools=publishing), begun.first.pk, "de", alias=True
    )
    assert (made.status, Page.objects.get(pk=made.id).alias_of_id) == ("live", begun.first.pk)


def test_an_alias_needs_the_permission_to_publish_there(begun: World) -> None:
    GroupPagePermission.objects.filter(
        page_id=_of(begun.home).pk, permission__codename="publish_page"
    ).delete()
    for page in (begun.first, begun.second):
        with pytest.raises(Refused, match="may not publish there"):
            copy_for_translation(begun.actor("moderator"), page.pk, "de", alias=True)
    assert copy_for_translation(begun.actor("moderator"), begun.second.pk, "de").id


def test_an_alias_is_named_when_a_translation_is_wanted(begun: World) -> None:
    made = copy_for_translation(begun.actor("admin"), begun.first.pk, "de", alias=True)
    with pytest.raises(Refused, match=rf"has an alias there: page {made.id}\."):
        copy_for_translation(begun.actor("admin"), begun.first.pk, "de")


def test_a_site_with_one_language_says_so(world: World) -> None:
    admin = world.actor("admin")
    for refused in (
        lambda: get_translation_status(admin, world.first.pk),
        lambda: copy_for_translation(admin, world.first.pk, "de"),
    ):
        with pytest.raises(Refused, match="This site has one language"):
            refused()
    assert needs.translations(world.admin, "read") == needs.ONE_LANGUAGE


def test_the_form_knows_who_could_never_use_them(begun: World) -> None:
    assert needs.translations(begun.editor, "draft") == needs.NO_TRANSLATING
    assert needs.translations(begun.editor, "read") is None
    assert needs.translations(begun.actor("moderator").user, "draft") is None


def test_the_status_names_every_locale(begun: World) -> None:
    made = copy_for_translation(begun.actor("admin"), begun.first.pk, "de")
    Locale.objects.create(language_code="fr")
    status = get_translation_status(begun.actor("moderator"), made.id)
    assert (status.locale, status.source_id) == ("de", begun.first.pk)
    german, english, french = status.translations
    assert (german.locale, german.page_id, german.status) == ("de", made.id, "draft")
    assert (english.page_id, english.status, english.source_changes) == (
        begun.first.pk, "live", None,
    )  # fmt: skip
    assert (english.title, english.path) == ("First", "/blog/first/")
    assert (french.locale, french.status, french.page_id) == ("fr", "not translated", None)


def test_what_the_source_did_since_is_told_by_field_and_block(begun: World) -> None:
    admin = begun.actor("admin")
    copy_for_translation(admin, begun.first.pk, "de")
    assert _german(admin, begun.first).source_changes == []
    block = begun.first.body[0].id
    _edit(
        begun, begun.first, publish=True, title="First of all",
        body=[{"type": "paragraph", "value": "<p>A longer paragraph.</p>", "id": block}],
    )  # fmt: skip
    item = _german(admin, begun.first)
    assert item.source_changes == [
        "title: First{+ of all+}",
        f"body.{block}: A{{+ longer+}} paragraph.",
    ]
    assert f"from revision {begun.first.live_revision_id}" in item.copied


def test_a_draft_of_the_source_is_no_change_until_it_is_published(begun: World) -> None:
    admin = begun.actor("admin")
    # The draft was there before the copy, and was not what Wagtail copied.
    _edit(begun, begun.first, intro="Not yet")
    copy_for_translation(admin, begun.first.pk, "de")
    item = _german(admin, begun.first)
    assert item.source_changes == []
    assert f"from revision {begun.first.live_revision_id}" in item.copied
    Page.objects.get(pk=begun.first.pk).get_latest_revision().publish(user=begun.admin)
    assert _german(admin, begun.first).source_changes == ["intro: added “Not yet”"]


def test_both_dates_tell_whether_somebody_worked_on_it_since(begun: World) -> None:
    admin = begun.actor("admin")
    copy_for_translation(admin, begun.first.pk, "de")
    _edit(begun, begun.first, publish=True, intro="New")
    published = Page.objects.get(pk=begun.first.pk).last_published_at
    _edit(begun, begun.first, intro="Newer")
    _edit(begun, _of(begun.first), intro="Neu")
    status = get_translation_status(admin, begun.first.pk)
    assert status.source_saved == shown(published)
    assert _german(admin, begun.first).last_saved == shown(
        _of(begun.first).latest_revision_created_at
    )
    assert f"page {begun.first.pk}" in str(status.basis)


def test_changes_of_a_source_that_was_never_published(begun: World) -> None:
    admin = begun.actor("admin")
    copy_for_translation(admin, begun.second.pk, "de")
    _edit(begun, begun.second, intro="New")
    assert _german(admin, begun.second).source_changes == ["intro: added “New”"]


def test_an_alias_follows_until_it_is_converted(begun: World) -> None:
    admin = begun.actor("admin")
    alias = copy_for_translation(admin, begun.first.pk, "de", alias=True)
    _edit(begun, begun.first, publish=True, intro="Before")
    item = _german(admin, begun.first)
    assert (item.alias_of, item.source_changes) == (begun.first.pk, None)
    ConvertAliasPageAction(Page.objects.get(pk=alias.id).specific, user=begun.admin).execute()
    assert _german(admin, begun.first).source_changes == []
    _edit(begun, begun.first, publish=True, intro="After")
    assert _german(admin, begun.first).source_changes == ["intro: [-Before-]{+After+}"]


def test_a_source_without_a_revision_from_then_is_no_guess(begun: World) -> None:
    admin = begun.actor("admin")
    copy_for_translation(admin, begun.first.pk, "de")
    _edit(begun, begun.first, publish=True, intro="New")
    Page.objects.get(pk=begun.first.pk).revisions.order_by("pk").first().delete()
    item = _german(admin, begun.first)
    assert (item.source_changes, item.copied) == (None, None)
    assert "what changed is unknown" in item.note
    assert get_translation_status(admin, begun.first.pk).basis is None


def test_without_a_log_the_first_revision_tells_the_time(begun: World) -> None:
    admin = begun.actor("admin")
    made = copy_for_translation(admin, begun.first.pk, "de")
    PageLogEntry.objects.filter(page_id=made.id).delete()
    _edit(begun, begun.first, publish=True, intro="New")
    assert _german(admin, begun.first).source_changes == ["intro: added “New”"]


def test_what_may_not_be_seen_is_not_told(begun: World) -> None:
    made = copy_for_translation(begun.actor("admin"), begun.first.pk, "de")
    status = get_translation_status(begun.actor("editor"), begun.first.pk)
    assert status.translations[0].model_dump(exclude_none=True) == {
        "locale": "de",
        "status": "hidden",
    }
    limited = begun.actor("admin", root_page=Page.objects.get(pk=_of(begun.home).pk))
    status = get_translation_status(limited, made.id)
    assert status.source_id is None
    assert [(item.status, item.source_changes) for item in status.translations] == [
        ("draft", None),
        ("hidden", None),
    ]
    with pytest.raises(Refused, match="No page"):
        get_translation_status(begun.actor("outsider"), begun.first.pk)


def test_revisions_that_may_not_be_read_are_not_compared(begun: World) -> None:
    _edit(begun, begun.home, publish=True, title="Secret")
    editors = Group.objects.get(name="Editors")
    permission = Permission.objects.get(
        codename="change_page", content_type__app_label="wagtailcore"
    )
    GroupPagePermission.objects.create(
        group=editors, page_id=_of(begun.home).pk, permission=permission
    )
    item = _german(begun.actor("editor"), begun.home)
    assert item.source_changes is None
    assert "may not read the revisions" in item.note


def test_many_changes_fit_into_a_reply(begun: World) -> None:
    admin = begun.actor("admin")
    copy_for_translation(admin, begun.first.pk, "de")
    body = [{"type": "paragraph", "value": f"<p>{'word ' * 60}{n}</p>"} for n in range(40)]
    _edit(begun, begun.first, publish=True, body=body)
    item = _german(admin, begun.first)
    assert len(get_translation_status(admin, begun.first.pk).model_dump_json()) < 5_000
    assert "more, in body" in item.not_shown


def test_a_copy_is_taken_back(begun: World) -> None:
    actor = begun.actor("admin")
    made = answered(actor, "copy_for_translation", page_id=begun.first.pk, locale="de")
    change = answered(actor, "list_my_changes")["items"][0]
    assert change["page_id"] == made["id"]
    assert answered(actor, "undo_change", change_id=change["id"])["left"] == []
    assert not Page.objects.filter(pk=made["id"]).exists()
    assert _german(actor, begun.first).status == "not translated"


def test_the_copy_is_logged_with_its_user(begun: World) -> None:
    actor = begun.actor("moderator")
    made = answered(actor, "copy_for_translation", page_id=begun.first.pk, locale="de")
    entries = PageLogEntry.objects.filter(page_id=made["id"])
    assert {(entry.action, entry.user) for entry in entries} >= {
        ("wagtail.copy_for_translation", begun.moderator),
        ("mcp_server.call", begun.moderator),
    }


def test_pages_name_their_locale_where_there_are_several(begun: World, settings: Any) -> None:
    admin = begun.actor("admin")
    found = search_pages(admin, under_id=begun.home.pk)
    assert {item.locale for item in found.items} == {"en-gb"}
    assert get_page_content(admin, _of(begun.blog).pk).locale == "de"
    settings.WAGTAIL_I18N_ENABLED = False
    assert {item.locale for item in search_pages(admin).items} == {None}
    assert get_page_content(admin, begun.blog.pk).locale is None


def test_locales_cost_a_list_no_query_per_page(
    begun: World, django_assert_max_num_queries: Any
) -> None:
    admin = begun.actor("admin")
    get_page_tree(admin)
    with django_assert_max_num_queries(20) as captured:
        get_page_tree(admin, depth=5)
    few = len(captured)
    for number in range(8):
        writing.copy_page(admin, begun.first.pk, None, f"Copy {number}", False)
    with django_assert_max_num_queries(few):
        get_page_tree(admin, depth=5)
