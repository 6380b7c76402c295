"""`manage.py mcp_docs`: write the reference from the code, or check that it is up to date."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mcp_server.management.reference import reference
from mcp_server.registry import registry


class Command(BaseCommand):
    help = (
        "Write the reference of this site's tools, resources and prompts, and of the plugin's "
        "settings, checks, metrics and commands, as Markdown."
    )
    # A page about the checks is of use while one of them fails.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--output", default="docs/reference.md", help="The file to write.")
        parser.add_argument(
            "--check",
            action="store_true",
            help="Write nothing; exit with 1 when the file differs from the code.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path, text = Path(options["output"]), reference()
        if options["check"]:
            self._check(path, text)
        elif not path.parent.is_dir():
            raise CommandError(f"There is no folder {path.parent}. Make it, or give --output.")
        else:
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"{path}: {len(registry)} tools")

    def _check(self, path: Path, text: str) -> None:
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            raise CommandError(f"{path} differs from the code. Run manage.py mcp_docs.")
        self.stdout.write(f"{path} says what the code says.")
