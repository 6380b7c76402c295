"""Redirects are made by Wagtail's rules, lead somewhere, and can be taken back."""

from typing import Any
from urllib.parse import quote, unquote

import pytest
from django.apps import apps
from django.conf.urls.i18n import i18n_patterns
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.contrib.redirects.models import Redirect
from wagtail.log_actions import registry as log_registry
from wagtail.models import Locale, Page, Site

from mcp_server import needs
from mcp_server.actor import Actor
from mcp_server.content import redirects
from mcp_server.errors import Refused
from mcp_server.tools.redirects import create_redirect, list_redirects
from tests.calling import answered
from tests.world import World


@pytest.fixture
def main(world: World) -> Site:
    """The world's site under a name that a URLField takes."""
    Site.objects.update(hostname="main.example")
    return Site.objects.get()


@pytest.fixture
def other(world: World) -> Site:
    """A second site, whose front page is About."""
    return Site.objects.create(hostname="other.example", root_page=world.about)


def _may(group: str, *actions: str) -> None:
    for action in actions:
        Group.objects.get(name=group).permissions.add(
            Permission.objects.get(
                codename=f"{action}_redirect", content_type__app_label="wagtailredirects"
            )
        )


def test_visitors_are_sent_on(world: World, client: Client) -> None:
    made = create_redirect(world.actor("admin"), " old/place/ ", page_id=world.first.pk)
    assert made.model_dump(exclude_none=True) == {
        "id": made.id,
        "old_path": "/old/place",
        "to": "/blog/first/",
        "page_id": world.first.pk,
        "permanent": True,
    }
    answer = client.get("/old/place/?from=mail")
    assert (answer.status_code, answer["Location"]) == (301, "/blog/first/")
    create_redirect(world.actor("admin"), "/away", url="https://www.example.org/", permanent=False)
    answer = client.get("/away")
    assert (answer.status_code, answer["Location"]) == (302, "https://www.example.org/")


def test_the_user_stands_in_the_history(world: World) -> None:
    made = answered(
        world.actor("admin"), "create_redirect", old_path="/old", page_id=world.first.pk
    )
    redirect = Redirect.objects.get(pk=made["id"])
    entries = log_registry.get_logs_for_instance(redirect)
    assert {(entry.action, entry.user) for entry in entries} == {
        ("wagtail.create", world.admin),
        ("mcp_server.call", world.admin),
    }


def test_a_redirect_to_a_draft_says_so(world: World) -> None:
    made = create_redirect(world.actor("admin"), "/old", page_id=world.second.pk)
    assert made.warnings == [
        f"Page {world.second.pk} is not published: until it is, visitors who follow this find "
        "nothing."
    ]


def test_a_path_is_redirected_once(world: World, other: Site) -> None:
    admin = world.actor("admin")
    first = create_redirect(admin, "/old/?b=2&a=1", page_id=world.first.pk)
    with pytest.raises(
        Refused, match=rf"^/old\?a=1&b=2 redirects to /blog/first/ \(redirect {first.id}"
    ):
        create_redirect(admin, "old?a=1&b=2", url="https://www.example.org/")
    # One site may have its own, and Wagtail prefers it.
    own = create_redirect(admin, "/old?a=1&b=2", page_id=world.tour.pk, site_id=other.pk)
    with pytest.raises(Refused, match=rf"redirect {own.id}"):
        create_redirect(admin, "http://other.example/old?a=1&b=2", page_id=world.tour.pk)


@pytest.mark.parametrize("old", ["/blog/first", "/blog/first/?p=1", "blog/first", "/", "/blog/"])
def test_where_a_page_answers_nothing_redirects(world: World, old: str) -> None:
    with pytest.raises(Refused, match=r"visitors see page \d+, so a redirect would never work"):
        create_redirect(world.actor("admin"), old, url="https://www.example.org/")


def test_a_page_that_is_hidden_is_not_named(world: World) -> None:
    _may("Editors", "add")
    with pytest.raises(Refused, match="visitors see a page, so"):
        create_redirect(world.actor("editor"), "/about/", page_id=world.first.pk)


def test_a_draft_in_the_way_is_none(world: World) -> None:
    assert create_redirect(world.actor("admin"), "/blog/second/", page_id=world.first.pk).id


def test_of_two_sites_one_without_a_page_there_is_enough(world: World, other: Site) -> None:
    admin = world.actor("admin")
    with pytest.raises(Refused, match="visitors see"):
        create_redirect(
            admin,
            "/blog/",
            page_id=world.tour.pk,
            site_id=Site.objects.get(is_default_site=True).pk,
        )
    assert create_redirect(admin, "/blog/", page_id=world.tour.pk, site_id=other.pk).site_id
    assert create_redirect(admin, "/events/", page_id=world.tour.pk).site_id is None


@pytest.mark.parametrize(
    "url",
    ["http://main.example/old", "https://main.example/old/", "http://MAIN.example:80/old/?utm=1#x"],
)
def test_a_redirect_to_itself_is_refused(world: World, main: Site, url: str) -> None:
    with pytest.raises(Refused, match="back to where they started"):
        create_redirect(world.actor("admin"), "/old/", url=url)
    assert not Redirect.objects.exists()


def test_a_circle_of_redirects_is_refused(world: World, main: Site, other: Site) -> None:
    Redirect.add_redirect("/a", "http://other.example/b")
    Redirect.add_redirect("/b", "http://main.example/c/?x=1")
    with pytest.raises(Refused, match="back to where they started"):
        create_redirect(world.actor("admin"), "/c", url="http://main.example/a/")
    # The same path of another site is another place.
    own = Site.objects.get(is_default_site=True).pk
    made = create_redirect(world.actor("admin"), "/d", url="http://other.example/d", site_id=own)
    assert made.site_id


def test_a_draft_with_a_redirect_that_leads_back_is_a_circle(world: World) -> None:
    with pytest.raises(Refused, match="back to where they started"):
        create_redirect(world.actor("admin"), "/blog/second/", page_id=world.second.pk)


def test_a_chain_that_ends_at_a_page_is_none(world: World, main: Site) -> None:
    # Wagtail serves the page, so what is stored for its path never fires.
    Redirect.add_redirect("/blog", "http://main.example/old")
    assert create_redirect(world.actor("admin"), "/old", url="http://main.example/blog/").id


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example/",
        "/blog/",
        "ftp://example.org/x",
        "https://",
        "https://exa mple.org/",
        "https:\\\\example.org",
        "http://[::1",
        "https://example.org:999999/",
    ],
)
def test_only_web_addresses_are_targets(world: World, url: str) -> None:
    with pytest.raises(Refused):
        create_redirect(world.actor("admin"), "/old", url=url)
    assert not Redirect.objects.exists()


@pytest.mark.parametrize(
    ("old", "why"),
    [
        ("https://elsewhere.example/old", "not on this site"),
        ("javascript:alert(1)", "not on this site"),
        ("//elsewhere.example/old", "not on this site"),
        ("http://[::1", "not a path"),
        ("/old#part", "what follows #"),
        ("/" + "x" * 255, "old_path"),
    ],
)
def test_what_no_visitor_would_ask_for_is_refused(world: World, old: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        create_redirect(world.actor("admin"), old, page_id=world.first.pk)
    assert not Redirect.objects.exists()


def test_one_target_is_needed(world: World) -> None:
    admin = world.actor("admin")
    for target in ({}, {"page_id": world.first.pk, "url": "https://www.example.org/"}):
        with pytest.raises(Refused, match="page_id or url, one of them"):
            create_redirect(admin, "/old", **target)
    with pytest.raises(Refused, match="No page 999999 here"):
        create_redirect(admin, "/old", page_id=999_999)
    for site_id in (999_999, 2**80):
        with pytest.raises(Refused, match=f"No site {site_id} here"):
            create_redirect(admin, "/old", page_id=world.first.pk, site_id=site_id)


def test_permission_is_wagtail_s(world: World) -> None:
    with pytest.raises(Refused, match="may not see redirects"):
        list_redirects(world.actor("editor"))
    with pytest.raises(Refused, match="may not add redirects"):
        create_redirect(world.actor("editor"), "/old", page_id=world.first.pk)
    _may("Editors", "delete")
    assert list_redirects(world.actor("editor")).total == 0
    with pytest.raises(Refused, match="may not add redirects"):
        create_redirect(world.actor("editor"), "/old", page_id=world.first.pk)
    _may("Editors", "add")
    assert create_redirect(world.actor("editor"), "/old", page_id=world.first.pk).id
    with pytest.raises(Refused, match="No page"):
        create_redirect(world.actor("editor"), "/older", page_id=world.about.pk)


def test_a_hidden_target_is_not_told(world: World) -> None:
    _may("Editors", "change")
    Redirect.add_redirect("/x", world.team)
    Redirect.add_redirect("/y", world.first)
    hidden, seen = list_redirects(world.actor("editor")).items
    assert (hidden.to, hidden.page_id) == ("a page that this user may not see", None)
    assert (seen.to, seen.page_id) == ("/blog/first/", world.first.pk)
    # Nor letter by letter, by searching.
    assert list_redirects(world.actor("editor"), query="about").total == 0
    assert list_redirects(world.actor("admin"), query="about").total == 1
    _may("Editors", "add")
    with pytest.raises(Refused, match=r"^/x redirects to a page that this user may not see"):
        create_redirect(world.actor("editor"), "/x", page_id=world.first.pk)


def test_redirects_are_searched_and_paged(world: World, other: Site) -> None:
    admin = world.actor("admin")
    for number in range(3):
        Redirect.add_redirect(f"/old/{number}", "https://www.example.org/shop")
    Redirect.add_redirect("/former", world.first, site=other, automatically_created=True)
    page = list_redirects(admin, limit=2)
    assert ([item.old_path for item in page.items], page.total) == (["/former", "/old/0"], 4)
    assert (page.items[0].automatic, page.items[0].site_id) == (True, other.pk)
    rest = list_redirects(admin, cursor=page.next_cursor)
    assert [item.old_path for item in rest.items] == ["/old/1", "/old/2"]
    assert list_redirects(admin, query="SHOP").total == 3
    assert list_redirects(admin, query="blog/fir").total == 1


def test_a_token_for_one_section_stays_there(world: World) -> None:
    Redirect.add_redirect("/x", world.first)
    Redirect.add_redirect("/blog/y", world.tour)
    Redirect.add_redirect("/z", "https://www.example.org/")
    actor = world.actor("admin", root_page=Page.objects.get(pk=world.blog.pk))
    assert [item.old_path for item in list_redirects(actor).items] == ["/x"]
    assert create_redirect(actor, "/blog/a", page_id=world.first.pk).id
    with pytest.raises(Refused, match="No page"):
        create_redirect(actor, "/b", page_id=world.tour.pk)
    with pytest.raises(Refused, match="limited to page"):
        create_redirect(actor, "/b", url="https://www.example.org/")
    with pytest.raises(Refused, match=r"^/blog/y redirects already"):
        create_redirect(actor, "/blog/y", page_id=world.first.pk)
    for outside in ("/a", "/blogs", "/events/old?x=/blog/"):
        with pytest.raises(Refused, match="give an old_path below /blog/"):
            create_redirect(actor, outside, page_id=world.first.pk)


def test_front_end_caches_forget_the_old_address(
    world: World, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    purged: list[Any] = []
    monkeypatch.setattr(redirects, "purge_urls_from_cache", purged.append)
    admin = world.actor("admin")
    with django_capture_on_commit_callbacks(execute=True):
        answered(admin, "create_redirect", old_path="/old", page_id=world.first.pk)
        assert purged == []
    with django_capture_on_commit_callbacks(execute=True):
        _undo(admin)
    assert purged == [{"http://testserver/old"}] * 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_two_calls_at_once_take_turns(world: World) -> None:
    # No constraint of the database keeps two redirects of all sites apart.
    with CaptureQueriesContext(connection) as queries:
        create_redirect(world.actor("admin"), "/old", page_id=world.first.pk)
    locks = [query["sql"] for query in queries if "FOR NO KEY UPDATE" in query["sql"]]
    assert any("wagtailcore_site" in sql for sql in locks)


urlpatterns = [*i18n_patterns(path("", include(wagtail_urls)), prefix_default_language=False)]


def test_a_page_in_another_language_is_in_the_way_too(world: World, settings: Any) -> None:
    settings.WAGTAIL_I18N_ENABLED = True
    settings.ROOT_URLCONF = __name__
    german = Locale.objects.create(language_code="de")
    world.home.copy_for_translation(german)
    world.blog.copy_for_translation(german).get_latest_revision().publish()
    world.home.get_translation(german).get_latest_revision().publish()
    admin = world.actor("admin")
    for taken in ("/de/blog/", "/blog/", "/de"):
        with pytest.raises(Refused, match="visitors see page"):
            create_redirect(admin, taken, page_id=world.tour.pk)
    assert create_redirect(admin, "/de/events/", page_id=world.tour.pk).id


def _undo(actor: Actor) -> Any:
    change = answered(actor, "list_my_changes")["items"][0]
    return answered(actor, "undo_change", change_id=change["id"])


def test_a_redirect_is_taken_back(world: World) -> None:
    admin = world.actor("admin")
    answered(admin, "create_redirect", old_path="/old", page_id=world.first.pk)
    answer = _undo(admin)
    assert (len(answer["undone"]), answer["left"]) == (1, [])
    assert not Redirect.objects.exists()


def test_what_a_person_changed_stays(world: World) -> None:
    admin = world.actor("admin")
    answered(admin, "create_redirect", old_path="/old", page_id=world.first.pk)
    Redirect.objects.update(is_permanent=False)
    assert "changed after it was made" in _undo(admin)["left"][0]["why"]
    assert Redirect.objects.exists()


def test_taking_back_needs_the_permission_to_delete(world: World) -> None:
    _may("Moderators", "add")
    actor = world.actor("moderator")
    answered(actor, "create_redirect", old_path="/old", page_id=world.first.pk)
    assert "may not delete" in _undo(actor)["left"][0]["why"]
    actor = _anew(actor, allowed_tools=["list_my_changes", "undo_change"])
    _may("Moderators", "delete")
    assert "needs create_redirect" in _undo(actor)["left"][0]["why"]
    assert Redirect.objects.exists()


def _anew(actor: Actor, **token: Any) -> Actor:
    """The same token with other limits, and its user as a later call finds them."""
    assert actor.token is not None
    type(actor.token).objects.filter(pk=actor.token.pk).update(**token)
    found = type(actor.token).objects.select_related("user").get(pk=actor.token.pk)
    return Actor(found.user, found)


def test_a_site_without_redirects_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = apps.is_installed
    monkeypatch.setattr(
        apps, "is_installed", lambda name: name != "wagtail.contrib.redirects" and installed(name)
    )
    with pytest.raises(Refused, match="This site has no redirects"):
        list_redirects(world.actor("admin"))
    with pytest.raises(Refused, match="This site has no redirects"):
        create_redirect(world.actor("admin"), "/old", page_id=world.first.pk)
    assert needs.redirects(world.admin, "read") == needs.NO_REDIRECTS


def test_the_form_knows_who_could_never_use_them(world: World) -> None:
    _may("Moderators", "change")
    moderator = world.actor("moderator").user
    assert needs.redirects(moderator, "read") is None
    assert needs.redirects(moderator, "live") == needs.NO_ADDING_REDIRECTS
    assert needs.redirects(world.editor, "read") == needs.NO_REDIRECT_RIGHTS
    assert needs.redirects(world.admin, "live") is None


def test_a_token_for_one_section_takes_over_no_other_site(world: World, other: Site) -> None:
    actor = world.actor("admin", root_page=Page.objects.get(pk=world.blog.pk))
    own = Site.objects.get(is_default_site=True).pk
    for site in (None, other.pk):
        with pytest.raises(Refused, match=f"pass site_id {own}"):
            create_redirect(actor, "/blog/a", page_id=world.first.pk, site_id=site)
    assert create_redirect(actor, "/blog/a", page_id=world.first.pk, site_id=own).id


@pytest.mark.parametrize(
    "old",
    [
        "/admin/",
        "/admin/x",
        "/mcp/",
        "/mcp",
        "/static/a.css",
        "/media/x.png",
        "/search",
        "/search/",
    ],
)
def test_paths_of_the_site_itself_are_refused(world: World, old: str) -> None:
    with pytest.raises(Refused, match="another part of the site answers"):
        create_redirect(world.actor("admin"), old, page_id=world.first.pk)


@pytest.mark.parametrize("old", ["/t/../x", "/t/%2e%2e/x", "/./x", "http://testserver//x"])
def test_paths_that_browsers_change_are_refused(world: World, old: str) -> None:
    with pytest.raises(Refused, match="browsers never send"):
        create_redirect(world.actor("admin"), old, page_id=world.first.pk)


@pytest.mark.parametrize(
    "old", ["/an old/ä", "/an%20old/%C3%A4", "/an%20old/ä?q=x y", "/100%/a;b", "/a.html"]
)
def test_every_spelling_of_a_path_is_found(world: World, client: Client, old: str) -> None:
    create_redirect(world.actor("admin"), old, page_id=world.first.pk)
    path, _, query = old.partition("?")
    answer = client.get(f"{quote(unquote(path))}?{quote(query, safe='=')}")
    assert (answer.status_code, answer["Location"]) == (301, "/blog/first/")


def test_a_call_that_is_sent_again_is_answered(world: World) -> None:
    admin = world.actor("admin")
    first, again = (
        answered(admin, "create_redirect", old_path="/old", page_id=world.first.pk)
        for _ in range(2)
    )
    assert again == {**first, "replayed": True}
