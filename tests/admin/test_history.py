"""What the history of a page says about a change through MCP."""

from django.test import Client
from django.urls import reverse
from wagtail.log_actions import log

from tests.world import World


def test_a_page_history_names_tool_and_token(world: World) -> None:
    data = {"tool": "update_page", "token": "Claude on my laptop"}
    log(world.first, "mcp_server.call", user=world.editor, data=data)
    client = Client()
    client.force_login(world.admin)
    html = client.get(reverse("wagtailadmin_pages:history", args=[world.first.pk])).content.decode()
    assert "Update page through MCP (token “Claude on my laptop”)" in html
    assert "Editor" in html
