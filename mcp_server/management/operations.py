"""What a site's operator looks up: settings, system checks, metrics and commands."""

import ast
import inspect
import sys
from argparse import Action
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from typing import Any

from django.core.checks.registry import registry as checks
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand
from prometheus_client.metrics import MetricWrapperBase

from mcp_server.conf import MCPSettings
from mcp_server.transport import metrics as transport_metrics

from .markdown import code, plain, table


def settings() -> Iterator[str]:
    yield "## Settings"
    yield (
        "Keys of the dict `MCP_SERVER`. Beside it stands `MCP_REQUIRE_AUTH` (default `True`); "
        "`False` works with `DEBUG` and `DEV_USER` only."
    )
    rows = [
        (code(item.name), code(repr(_initial(item))), plain(item.metadata["help"]))
        for item in fields(MCPSettings)
    ]
    yield table(("Key", "Default", "Meaning"), rows)


def _initial(item: "Field[Any]") -> Any:
    return item.default if item.default_factory is MISSING else item.default_factory()


def system_checks() -> Iterator[str]:
    yield "## System checks"
    modules = {check.__module__ for check in checks.get_checks(include_deployment_checks=True)}
    rows = {
        row
        for name in modules
        if name.startswith("mcp_server.")
        for node in ast.walk(ast.parse(inspect.getsource(sys.modules[name])))
        for row in _check(node)
    }
    yield table(("Check", "Level", "Message", "Hint"), sorted(rows))


def _check(node: ast.AST) -> Iterator[tuple[str, ...]]:
    # From the source, because a message exists as an object only while its problem does.
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        given = {item.arg: item.value for item in node.keywords}
        if node.func.id in ("Error", "Warning") and "id" in given:
            message, hint = _literal(node.args[0]), _literal(given.get("hint"))
            yield code(_literal(given["id"])), node.func.id.lower(), plain(message), plain(hint)


def _literal(node: ast.expr | None) -> str:
    """The text of a string expression, with an ellipsis for what is filled in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_literal(part) for part in node.values)
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "" if node is None else "…"


def metrics() -> Iterator[str]:
    yield "## Metrics"
    found = [
        item for item in vars(transport_metrics).values() if isinstance(item, MetricWrapperBase)
    ]
    yield table(("Metric", "Type", "Labels", "What it counts"), sorted(map(_metric, found)))


def _metric(metric: MetricWrapperBase) -> tuple[str, ...]:
    family = next(iter(metric.describe()))
    name = family.name + ("_total" if family.type == "counter" else "")
    labels = ", ".join(code(label) for label in metric._labelnames)
    return code(name), family.type, labels, plain(family.documentation)


def commands() -> Iterator[str]:
    yield "## Commands"
    for name in sorted(name for name, app in get_commands().items() if app == "mcp_server"):
        command = load_command_class("mcp_server", name)
        yield f"### manage.py {name}"
        yield plain(command.help)
        rows = [_option(action) for action in _own_options(command, name)]
        if rows:
            yield table(("Option", "Default", "Meaning"), rows)


def _own_options(command: BaseCommand, name: str) -> list[Action]:
    common = {action.dest for action in BaseCommand().create_parser("manage.py", name)._actions}
    every = command.create_parser("manage.py", name)._actions
    return [action for action in every if action.dest not in common]


def _option(action: Action) -> tuple[str, ...]:
    names = ", ".join(action.option_strings) or action.dest
    choices = f" {{{','.join(map(str, action.choices))}}}" if action.choices else ""
    telling = action.default not in (None, "", False)
    default = "required" if action.required else code(action.default) if telling else "none"
    return code(names + choices), default, plain(action.help or "")
