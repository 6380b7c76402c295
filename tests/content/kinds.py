"""`python -m tests.content.kinds`: page type × kind of field, each round trip run, in Markdown."""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

WHY = {
    "Raw HTML block": "refused: it would be code on the site's pages. Superusers may write it "
    "where `ALLOW_RAW_HTML` is set; one that stands in a page stays as it is.",
    "Static block": "holds no value; it can be inserted, moved and removed.",
    "Scheduling, comments": "not fields here: they have tools of their own.",
    "Field of `HIDDEN_FIELDS`, or behind a panel's permission": "neither read nor written, by "
    "design.",
}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="editorial-kinds-") as name:
        os.environ["DATABASE_URL"] = f"sqlite:///{Path(name, 'db.sqlite3')}"
        os.environ["DJANGO_SETTINGS_MODULE"] = "cms.settings.test"
        os.environ.pop("REDIS_URL", None)
        _table()


def _table() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from tests.world import build_world

    from .specimen_fields import cells
    from .specimens import KINDS

    call_command("migrate", verbosity=0)
    world = build_world()
    labels = sorted({label for label, _ in cells()})
    _say(f"| Kind of field | {' | '.join(f'`{label}`' for label in labels)} |")
    _say(f"|{' --- |' * (len(labels) + 1)}")
    for kind in KINDS:
        found = [_cell(world, label, kind) for label in labels]
        _say(f"| {kind} | {' | '.join(found)} |")
    _say("\nokay: written, read, written back with no difference, changed, read again.\n")
    for what, why in WHY.items():
        _say(f"- {what}: {why}")


def _cell(world: Any, label: str, kind: str) -> str:
    """``okay`` and the fields; ``–`` where the type has nothing of this kind."""
    from django.db import transaction

    from .round_trips import round_trip
    from .specimen_fields import cells

    if (label, kind) not in cells():
        return "–"
    verdict = "okay"
    with transaction.atomic():
        try:
            round_trip(world, label, kind)
        except AssertionError:
            verdict = "**fails**"
        transaction.set_rollback(True)
    return f"{verdict}: {', '.join(cells()[label, kind])}"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
