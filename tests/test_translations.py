"""German and Spanish are complete: every text of the plugin, in the file that Django reads."""

import gettext
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mcp_server.admin.widgets import for_people
from mcp_server.management.summaries import SUMMARIES
from mcp_server.registry import registry

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("de", "es")

packages = pytest.mark.parametrize("package", ["mcp_server", "media_tools"])
languages = pytest.mark.parametrize("language", LANGUAGES)


def entries(compiled: Path) -> dict[str, str]:
    with compiled.open("rb") as file:
        found = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]  # no public way to list
    return {str(key): text for key, text in found.items() if key}


def ids(folder: Path, language: str) -> set[str]:
    text = (folder / "locale" / language / "LC_MESSAGES" / "django.po").read_text()
    blocks = [block for block in text.split("\n\n")[1:] if not block.lstrip().startswith("#~")]
    return {block[block.index("msgid") : block.index("\nmsgstr")] for block in blocks if block}


@pytest.fixture
def copied(tmp_path: Path, package: str) -> Path:
    """The package's texts as they are now, extracted afresh."""
    missing = [tool for tool in ("msgfmt", "xgettext", "msgmerge") if not shutil.which(tool)]
    if missing:
        pytest.skip(f"gettext is not installed here: {', '.join(missing)}")
    folder = tmp_path / package
    shutil.copytree(ROOT / package, folder, ignore=shutil.ignore_patterns("__pycache__"))
    languages = [word for language in LANGUAGES for word in ("-l", language)]
    command = [sys.executable, "-m", "django", "makemessages", "--no-location", "--no-wrap"]
    # Without the project's settings, which are not importable from there.
    env = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    subprocess.run([*command, *languages], cwd=folder, env=env, check=True, capture_output=True)
    return folder


def test_the_tools_are_listed_for_the_translators() -> None:
    """Change SUMMARIES with a docstring, run makemessages and compilemessages."""
    ours = {
        for_people(spec)
        for spec in registry
        if spec.func.__module__.split(".")[0] in {"mcp_server", "media_tools"}
    }
    assert set(SUMMARIES) == ours


@packages
@languages
def test_every_text_is_translated(copied: Path, language: str) -> None:
    text = (copied / "locale" / language / "LC_MESSAGES" / "django.po").read_text()
    assert "#, fuzzy" not in text.split("\n\n", 1)[1]
    untranslated = [
        entry
        for entry in text.split("\n\n")[1:]
        if entry.rstrip().endswith('msgstr ""') or 'msgstr[0] ""' in entry
    ]
    assert untranslated == []


@packages
@languages
def test_nothing_is_translated_that_nobody_says(copied: Path, package: str, language: str) -> None:
    assert ids(ROOT / package, language) - ids(copied, language) == set()


@packages
@languages
def test_the_compiled_file_is_the_written_one(
    copied: Path, tmp_path: Path, package: str, language: str
) -> None:
    folder = ROOT / package / "locale" / language / "LC_MESSAGES"
    fresh = tmp_path / "fresh.mo"
    command = ["msgfmt", "--check-format", "-o", str(fresh), str(folder / "django.po")]
    subprocess.run(command, check=True, capture_output=True)
    assert entries(folder / "django.mo") == entries(fresh)
