"""Issue a token from the command line."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from mcp_server.clients import ClientConfig
from mcp_server.conf import mcp_settings, mcp_url
from mcp_server.models import MCPToken
from mcp_server.registry import registry


class Command(BaseCommand):
    help = (
        "Issue an MCP token. The secret, shown this once, is all that goes to standard output, "
        "so that MCP_TOKEN=$(manage.py create_mcp_token …) holds it; the client configuration "
        "goes to standard error."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", required=True, help="Whom clients act as: name or e-mail.")
        parser.add_argument("--name", required=True, help="Shown in page histories.")
        parser.add_argument("--tools", default="", help="Comma-separated; default: every tool.")
        parser.add_argument(
            "--expires-days",
            type=int,
            help="Default: no expiry, or the longest that the site allows.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        token = MCPToken(
            user=_user(options["user"]),
            name=_name(options["name"]),
            allowed_tools=_tools(options["tools"]),
            expires_at=_expiry(options["expires_days"]),
        )
        token.save()
        log(token, "wagtail.create", data={"source": "management_command"})
        self.stdout.write(token.token or "")
        self.stderr.write(_configuration(), style_func=str)


def _user(given: str) -> Any:
    model: Any = get_user_model()
    by_name = model._default_manager.filter(**{model.USERNAME_FIELD: given})
    by_email = model._default_manager.filter(**{f"{model.get_email_field_name()}__iexact": given})
    # A user name is unique, so it goes before an e-mail address of somebody else.
    found = list(by_name) or list(by_email[:2])
    if not found:
        raise CommandError(
            _("No user has the name or e-mail address %(given)s.") % {"given": given}
        )
    if len(found) > 1:
        raise CommandError(
            _("More than one user has the e-mail address %(given)s. Give the user name.")
            % {"given": given}
        )
    if not found[0].is_active:
        raise CommandError(
            _("The user %(given)s is inactive, so a token could not be used.") % {"given": given}
        )
    return found[0]


def _name(given: str) -> str:
    limit = MCPToken._meta.get_field("name").max_length
    name = given.strip()
    if not name or (limit and len(name) > limit):
        raise CommandError(_("--name needs 1 to %(limit)d characters.") % {"limit": limit})
    return name


def _tools(given: str) -> list[str]:
    names = list(dict.fromkeys(name.strip() for name in given.split(",") if name.strip()))
    if given and not names:
        raise CommandError(_("--tools names no tool. Leave it out for every tool."))
    for name in names:
        if name not in registry:
            raise CommandError(_unknown_tool(name))
    return names


def _unknown_tool(name: str) -> str:
    close = get_close_matches(name, [spec.name for spec in registry], n=1)
    if close:
        return _("There is no tool %(name)s. Did you mean %(close)s?") % {
            "name": name,
            "close": close[0],
        }
    return _("There is no tool %(name)s. manage.py mcp_tools lists them.") % {"name": name}


def _expiry(days: int | None) -> datetime | None:
    limit = mcp_settings().TOKEN_MAX_DAYS
    if days is None and not limit:
        return None
    days = limit if days is None else days
    if days < 1:
        raise CommandError(_("--expires-days must be 1 or more."))
    if limit and days > limit:
        raise CommandError(
            _("--expires-days can be %(limit)d at most on this site.") % {"limit": limit}
        )
    try:
        return timezone.now() + timedelta(days=days)
    except OverflowError as error:
        raise CommandError(
            _("--expires-days is too far away. Leave it out for no expiry.")
        ) from error


def _configuration() -> str:
    # A variable in place of the secret: standard error often ends up in a log.
    config = ClientConfig(mcp_url(), "$MCP_TOKEN")
    braces = ClientConfig(mcp_url(), "${MCP_TOKEN}")
    return _(
        "With the token in the variable MCP_TOKEN, Claude Code connects with\n\n"
        "%(command)s\n\nand clients that expand variables, with\n\n%(block)s\n"
    ) % {"command": config.claude_code, "block": braces.mcp_servers}
