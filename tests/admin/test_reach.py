"""What a user could never use is shown with the reason."""

import json

import pytest
from django.urls import reverse

from mcp_server.registry import registry
from tests.world import World

from .conftest import People, url
from .test_activity import client_of


def reasons(world: World, asking: str, about: str) -> dict[str, str]:
    user = getattr(world, about)
    answer = client_of(getattr(world, asking)).get(f"{reverse('mcp_server_reach')}?user={user.pk}")
    found: dict[str, str] = json.loads(answer.content)
    return found


def test_an_editor_who_may_not_publish(world: World) -> None:
    found = reasons(world, "admin", "editor")
    assert found["publish_page"] == "This user may not publish any page."
    assert "get_page_impact" not in found
    assert "update_page" not in found
    assert "upload_image" not in found
    assert "undo_change" not in found


def test_nothing_is_out_of_a_superusers_reach(world: World) -> None:
    # Tools of what the site itself has not switched on are out of everybody's.
    found = reasons(world, "admin", "admin").values()
    assert [reason for reason in found if not reason.startswith("This site ")] == []


def test_who_has_no_pages_reaches_few_tools(world: World, people: People) -> None:
    answer = people.client("root").get(f"{reverse('mcp_server_reach')}?user={people.reader.pk}")
    found = json.loads(answer.content)
    assert found["update_page"] == "This user has no permission on any page."
    assert found["upload_image"] == "This user may not add or change any image."
    assert found["undo_change"].startswith("This user may not change anything")
    assert "list_my_changes" not in found
    assert set(found) < {spec.name for spec in registry}


@pytest.mark.parametrize(("actor", "status"), [("issuer", 404), ("reader", 302), ("root", 200)])
def test_nobody_asks_about_people_whose_tokens_they_do_not_issue(
    people: People, actor: str, status: int
) -> None:
    address = f"{reverse('mcp_server_reach')}?user={people.other.pk}"
    assert people.client(actor).get(address).status_code == status


def test_the_form_shows_it_at_once(people: People) -> None:
    html = people.client("issuer").get(url("add")).content.decode()
    assert "This user has no permission on any page." in html
