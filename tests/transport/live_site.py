"""Makes a small site with tokens in the database of `DATABASE_URL`, and prints the tokens.

Run as a module, for the tests that start the server as a process of its own.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")


def main() -> None:
    django.setup()
    from django.core.management import call_command

    from mcp_server.models import MCPToken
    from tests.world import build_world

    call_command("migrate", verbosity=0)
    world = build_world()
    tokens = {
        name: MCPToken.objects.create(user=getattr(world, name), name=f"{name}'s token").token
        for name in ("editor", "moderator", "outsider")
    }
    revoked = MCPToken.objects.create(user=world.editor, name="revoked", is_active=False)
    data = {
        "tokens": {**tokens, "revoked": revoked.token},
        "pages": {"blog": world.blog.pk, "first": world.first.pk, "events": world.events.pk},
    }
    json.dump(data, sys.stdout)


if __name__ == "__main__":
    main()
