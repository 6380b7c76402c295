"""List the tools that this site offers."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from mcp_server.registry import ToolSpec, registry


class Command(BaseCommand):
    help = "List the MCP tools of this site by group, with what each can change."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["json"]:
            tools = [_as_data(spec) for spec in registry]
            self.stdout.write(json.dumps(tools, indent=2, ensure_ascii=False))
            return
        width = max((len(spec.name) for spec in registry), default=0)
        for group, specs in registry.grouped():
            self.stdout.write(self.style.MIGRATE_HEADING(str(group.label)))
            for spec in specs:
                self.stdout.write(f"  {spec.name:{width}}  {spec.kind:11}  {spec.summary}")


def _as_data(spec: ToolSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "group": str(spec.group.label),
        "kind": spec.kind,
        "by_name_only": spec.group.by_name_only,
        "summary": spec.summary,
    }
