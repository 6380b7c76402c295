"""schedule_page: Wagtail's own schedule, in the site's zone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from wagtail.admin.models import EditingSession
from wagtail.models import Page, PageLogEntry, Revision, get_default_page_content_type

from mcp_server.errors import Conflict, Invalid, Refused
from mcp_server.tools import pages, publishing, scheduling
from tests.world import World

BEGIN = datetime(2036, 1, 10, 9, 30)  # noqa: DTZ001 - what a client sends without a zone
END = datetime(2036, 2, 10, 18, 0)  # noqa: DTZ001


def schedule(world: World, who: str = "moderator", **given: Any) -> Any:
    arguments = {
        "page_id": world.second.pk,
        "revision_id": world.second.latest_revision_id,
        "go_live_at": BEGIN,
        **given,
    }
    return scheduling.schedule_page(world.actor(who), **arguments)


def test_a_time_without_a_zone_is_the_sites(world: World, client: Client) -> None:
    answer = schedule(world, expire_at=END)
    assert (answer.go_live_at, answer.expire_at) == (
        "2036-01-10T09:30+01:00",
        "2036-02-10T18:00+01:00",
    )
    assert (answer.time_zone, answer.status) == ("Europe/Berlin", "scheduled")
    revision = Revision.objects.get(pk=answer.revision_id)
    assert revision.approved_go_live_at == datetime(2036, 1, 10, 8, 30, tzinfo=UTC)
    assert revision.user is not None
    assert revision.user.get_username() == "moderator"
    assert client.get("/blog/second/").status_code == 404
    assert PageLogEntry.objects.filter(action="wagtail.publish.schedule").count() == 1


def test_a_time_with_a_zone_is_shown_in_the_sites(world: World) -> None:
    answer = schedule(world, go_live_at=datetime(2036, 7, 1, 10, 0, tzinfo=UTC))
    assert answer.go_live_at == "2036-07-01T12:00+02:00"


def test_wagtail_publishes_it_when_the_time_has_come(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = world.second.get_latest_revision_as_object()
    page.intro = "Right on time"
    schedule(world, revision_id=page.save_revision().pk)
    later = timezone.make_aware(BEGIN) + timedelta(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    call_command("publish_scheduled")
    assert "Right on time" in client.get("/blog/second/").content.decode()


def test_it_expires_when_the_time_has_come(world: World) -> None:
    schedule(world, expire_at=END)
    page = Page.objects.get(pk=world.second.pk)
    assert page.expire_at is not None
    assert timezone.localtime(page.expire_at).replace(tzinfo=None) == END
    past = timezone.now() - timedelta(minutes=1)
    Page.objects.filter(pk=page.pk).update(live=True, expire_at=past)
    call_command("publish_scheduled")
    page.refresh_from_db()
    assert (page.live, page.expired) == (False, True)


def test_a_live_page_stays_as_it_is_until_then(world: World, client: Client) -> None:
    world.first.intro = "Not before time"
    revision = world.first.save_revision(user=world.editor).pk
    answer = schedule(world, page_id=world.first.pk, revision_id=revision)
    assert answer.status == "live + draft"
    assert "Not before time" not in client.get("/blog/first/").content.decode()


def test_only_the_revision_that_was_read_is_scheduled(world: World) -> None:
    read = world.second.latest_revision_id
    world.second.save_revision(user=world.editor)
    with pytest.raises(Conflict, match="Nothing was scheduled: Editor saved revision"):
        schedule(world, revision_id=read)
    assert not Revision.objects.exclude(approved_go_live_at=None).exists()


def test_who_may_not_publish_may_not_schedule(world: World) -> None:
    with pytest.raises(Refused, match="may not publish page"):
        schedule(world, "editor")
    with pytest.raises(Refused, match="No page"):
        schedule(world, "outsider")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"go_live_at": datetime(2020, 1, 1, tzinfo=UTC)}, "go_live_at: in the past; it is 20"),
        ({"expire_at": datetime(2020, 1, 1, tzinfo=UTC)}, "expire_at: in the past"),
        ({"expire_at": BEGIN}, "expire_at: not after go_live_at, 2036-01-10T09:30"),
        # Clocks go forward at 02:00 on this day.
        ({"go_live_at": datetime(2036, 3, 30, 2, 30)}, "go_live_at: "),  # noqa: DTZ001
    ],
)
def test_times_that_cannot_be_are_refused(
    world: World, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(Invalid, match=message):
        schedule(world, **given)
    assert Page.objects.get(pk=world.second.pk).latest_revision_id == (
        world.second.latest_revision_id
    )


def test_an_unfinished_page_is_not_scheduled(world: World) -> None:
    world.tour.body = [{"type": "quote", "value": {"text": "", "attribution": ""}}]
    revision = world.tour.save_revision(user=world.admin, clean=False)
    with pytest.raises(Invalid, match=r"body\[0\].quote.text: required"):
        schedule(world, page_id=world.tour.pk, revision_id=revision.pk)


def test_a_page_that_is_locked_or_open_elsewhere_is_left_alone(world: World) -> None:
    session = EditingSession.objects.create(
        user=world.admin,
        content_type=get_default_page_content_type(),
        object_id=world.second.pk,
        last_seen_at=timezone.now(),
    )
    with pytest.raises(Conflict, match="Admin has page"):
        schedule(world)
    session.delete()
    Page.objects.filter(pk=world.second.pk).update(locked=True, locked_by=world.admin)
    with pytest.raises(Conflict, match="locked by Admin"):
        schedule(world)


def test_a_second_schedule_needs_the_first_to_be_cancelled(world: World) -> None:
    first = schedule(world)
    with pytest.raises(Refused, match=r"has a schedule: revision .* 2036-01-10T09:30\+01:00"):
        schedule(world, revision_id=first.revision_id)
    with pytest.raises(Conflict):
        pages.update_page(
            world.actor("moderator"), world.second.pk, first.revision_id, {"intro": "x"}
        )


def test_a_schedule_can_be_cancelled(world: World, client: Client) -> None:
    planned = schedule(world).revision_id
    with pytest.raises(Conflict, match="Nothing was cancelled"):
        schedule(world, go_live_at=None)
    with pytest.raises(Refused, match="may not publish"):
        schedule(world, "editor", revision_id=planned, go_live_at=None)
    answer = schedule(world, revision_id=planned, go_live_at=None)
    assert (answer.status, answer.go_live_at) == ("draft", None)
    assert not Page.objects.get(pk=world.second.pk).approved_schedule
    assert PageLogEntry.objects.filter(action="wagtail.schedule.cancel").count() == 1
    with pytest.raises(Refused, match="nothing to cancel"):
        schedule(world, revision_id=answer.revision_id, go_live_at=None)
    # The draft is free of the time as well: publishing it publishes it now.
    publishing.publish_page(world.actor("moderator"), world.second.pk, answer.revision_id)
    assert client.get("/blog/second/").status_code == 200


def _expiring(world: World) -> Any:
    draft = world.second.get_latest_revision_as_object()
    draft.expire_at = timezone.make_aware(END)
    return draft.save_revision(user=world.admin).pk


def test_an_expiry_that_was_there_stays(world: World) -> None:
    answer = schedule(world, revision_id=_expiring(world))
    assert answer.expire_at == "2036-02-10T18:00+01:00"
    answer = schedule(world, revision_id=answer.revision_id, go_live_at=None)
    assert answer.expire_at == "2036-02-10T18:00+01:00"
    draft = Page.objects.get(pk=world.second.pk).get_latest_revision_as_object()
    assert (draft.go_live_at, draft.expire_at) == (None, timezone.make_aware(END))


def test_an_expiry_that_was_there_is_not_before_the_beginning(world: World) -> None:
    with pytest.raises(Invalid, match=r"the draft's own, 2036-02-10.* is not after go_live_at"):
        schedule(world, revision_id=_expiring(world), go_live_at=END + timedelta(days=1))


def test_a_scheduled_page_tells_its_times(world: World) -> None:
    schedule(world, page_id=world.first.pk, revision_id=world.first.latest_revision_id,
             expire_at=END)  # fmt: skip
    moderator = world.actor("moderator")
    read = pages.get_page_content(moderator, world.first.pk)
    assert (read.go_live_at, read.expire_at) == (
        "2036-01-10T09:30+01:00",
        "2036-02-10T18:00+01:00",
    )
    assert read.locked_by == "its schedule (goes live at 2036-01-10T09:30+01:00)"
    # The page's own row knows of no expiry until then.
    assert publishing.get_page_impact(moderator, world.first.pk).scheduled == [
        f"{world.first.pk} goes live at 2036-01-10T09:30+01:00",
        f"{world.first.pk} expires at 2036-02-10T18:00+01:00",
    ]
