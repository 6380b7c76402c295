"""Tools and prompts for what a site does not have cost its models nothing."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from fastmcp import Client

from mcp_server.guides import guides
from mcp_server.models import MCPToken
from mcp_server.transport.identity import FromSecret
from mcp_server.transport.server import build_server
from tests.world import World


@pytest.mark.parametrize("several", [False, True])
def test_translations_are_for_sites_of_several_languages(
    several: bool, world: World, settings: Any
) -> None:
    settings.WAGTAIL_I18N_ENABLED = several
    secret = str(MCPToken.objects.create(user=world.editor, name="t").token)

    async def listed() -> set[str]:
        async with Client(build_server(identity=FromSecret(secret))) as client:
            return {tool.name for tool in await client.list_tools()}

    tools = async_to_sync(listed)()
    assert ("copy_for_translation" in tools) is several
    assert "create_redirect" in tools
    (prompt,) = (spec for spec in guides.prompts() if spec.name == "prepare_translation")
    assert prompt.offered_to(world.actor("editor")) is several
