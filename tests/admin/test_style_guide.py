"""The editors' guidance: written in Wagtail, read by assistants."""

from django.test import Client
from django.urls import reverse

from mcp_server.content.style_guide import NOTHING
from mcp_server.models import StyleGuide
from mcp_server.resources.style_guide import style_guide_resource
from mcp_server.transport.server import instructions
from tests.world import World

from .conftest import People


def test_it_is_served_as_markdown(world: World) -> None:
    StyleGuide.objects.create(text="<h2>Tone</h2><p>Be <b>brief</b>.</p>")
    assert style_guide_resource(world.actor("editor")) == "## Tone\n\nBe **brief**."


def test_nobody_wrote_one(world: World) -> None:
    assert style_guide_resource(world.actor("editor")) == NOTHING
    assert not StyleGuide.objects.exists()


def test_the_instructions_name_it() -> None:
    assert "content://style-guide" in instructions()


def test_it_is_a_setting_in_wagtail(people: People) -> None:
    client = Client()
    client.force_login(people.root)
    address = reverse("wagtailsettings:edit", args=["mcp_server", "styleguide"])
    page = client.get(address, follow=True)
    assert "Style guide for assistants" in page.content.decode()
    assert people.client("reader").get(address).status_code == 302
