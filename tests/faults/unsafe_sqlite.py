"""SQLite as Django sets it up: the start-up check says what to set, and why it matters."""

import subprocess
import sys

from tests.live.site import ROOT, LiveSite

from .fault import Fault, NotRun, Outcome
from .scene import Scene, with_settings

CHECK = "mcp_server.W003"
SAFE = (
    '{"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": '
    '"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"}'
)
# What a site may have set, each of which loses writes of clients that come at once.
UNSAFE = {
    "unset": "{}",
    "deferred": '{"timeout": 20, "init_command": "PRAGMA journal_mode=WAL;"}',
}


def run(scene: Scene) -> Outcome:
    if scene.database != "SQLite":
        raise NotRun("it is about SQLite")
    with scene.unserved_site() as site:
        said = {name: _check(site, name, options) for name, options in UNSAFE.items()}
        safe = _check(site, "safe", SAFE)
    told = [name for name, text in said.items() if CHECK in text and "HINT: Set OPTIONS" in text]
    silent = CHECK not in safe
    return Outcome(
        f"{CHECK} with a hint for {len(told)} of {len(UNSAFE)} unsafe settings, "
        f"{'silent' if silent else 'NOT silent'} for the safe ones",
        met=len(told) == len(UNSAFE) and silent,
    )


def _check(site: LiveSite, name: str, options: str) -> str:
    """What `manage.py check` says with these options of the database."""
    changed = f'DATABASES["default"]["OPTIONS"] = {options}'
    environment = with_settings(site, f"sqlite_{name}", changed)
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--database", "default"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    return done.stdout + done.stderr


FAULTS = (
    Fault(
        "unsafe-sqlite",
        "SQLite with unsafe settings",
        "the start-up check says what to set",
        run,
    ),
)
