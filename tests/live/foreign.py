"""A site of somebody else: made by ``wagtail start``, with the wheel and docs/installing.md.

Nothing of the checkout is imported there: the environment holds the wheel's copy of the plugin, and
borrows every other package from the environment that runs the tests, so that no network is needed.
"""

import os
import re
import shlex
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

from tests.ports import free_port

from .foreign_app import APPS, MODELS, OWN_SETTINGS, TEMPLATE
from .site import ROOT, LiveSite

GUIDE = ROOT / "docs" / "installing.md"
TOOLS_GUIDE = ROOT / "docs" / "adding-a-tool.md"
PASSWORD = "correct horse battery staple"
# The rest of this process's environment is about another site.
KEPT = ("HOME", "LANG", "PATH", "TMPDIR")


@dataclass(frozen=True)
class Step:
    """One numbered step of the guide: files to write to, and commands to type."""

    title: str
    files: dict[str, str]
    commands: list[str]


@dataclass
class ForeignSite(LiveSite):
    """The running site; ``python`` is the one of its own environment."""

    python: Path = Path()
    said: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str | Path, cwd: Path | None = None) -> str:
        """What a command says when it works."""
        done = subprocess.run(
            [str(item) for item in arguments],
            cwd=cwd or self.project, env=self.environment,
            capture_output=True, text=True, timeout=180,
        )  # fmt: skip
        assert done.returncode == 0, (arguments, done.stdout[-2000:], done.stderr[-4000:])
        # Django's checks write what they find to standard error, and tokens alone go to the other.
        return done.stdout or done.stderr

    @property
    def project(self) -> Path:
        return self.folder / "mysite"

    def manage(self, *arguments: str) -> str:
        return self.run(self.python, "manage.py", *arguments)

    def append(self, path: str, text: str) -> None:
        target = self.project / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("a") as file:
            file.write(f"\n{text}")


@cache
def steps(path: Path = GUIDE) -> tuple[Step, ...]:
    """The numbered steps of the guide, in order."""
    found: list[Step] = []
    tokens = MarkdownIt("commonmark").parse(path.read_text())
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            title = tokens[index + 1].content
            if token.tag == "h3" and re.match(r"\d+\. ", title):
                found.append(Step(title, {}, []))
            elif found:
                break
        elif token.type == "fence" and found:
            _add(found[-1], token.info, token.content)
    return tuple(found)


def _add(step: Step, language: str, text: str) -> None:
    if language == "sh":
        step.commands.extend(text.splitlines())
        return
    named = re.match(r"# (\S+\.py), (?:at the end|a new file)\n", text)
    assert named, f"{step.title}: the code does not say which file it belongs to: {text[:60]}"
    step.files[named[1]] = text


def snippet(path: Path, words: str) -> str:
    """The one block of Python of a guide that holds these words."""
    tokens = MarkdownIt("commonmark").parse(path.read_text())
    blocks = [token.content for token in tokens if token.type == "fence" and words in token.content]
    assert len(blocks) == 1, f"{len(blocks)} blocks of {path.name} hold {words!r}"
    return blocks[0]


@contextmanager
def foreign_site(folder: Path) -> Iterator[ForeignSite]:
    """A new project with page types of its own, the five steps taken, served by the last one."""
    port = free_port()
    site = ForeignSite(
        folder, port, {name: os.environ[name] for name in KEPT if name in os.environ}
    )
    site.python = _environment(folder / "venv")
    site.run(site.python, "-m", "wagtail.bin.wagtail", "start", "mysite", cwd=folder)
    _own_content(site)
    *before, last = steps()
    for step in before:
        _take(site, step)
    _own_people(site)
    *commands, serve = last.commands
    for command in commands:
        _type(site, command)
    token = site.said["create_mcp_token"].strip()
    site.demo = {
        "tokens": {"editor": token},
        "logins": {"admin": {"username": "editor", "password": PASSWORD}},
    }
    with _served(site, serve):
        yield site


def _environment(folder: Path) -> Path:
    """A Python of its own whose only way to the other packages is a path, looked at last.

    Files that end in .pth are not read there, so the editable install of the checkout is not seen.
    """
    venv.create(folder, symlinks=os.name != "nt")
    python = folder / "bin" / "python"
    own = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    borrowed = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    Path(own.stdout.strip(), "borrowed.pth").write_text("\n".join(borrowed) + "\n")
    return python


def build_wheel(folder: Path) -> Path:
    """The wheel of this checkout, built with what is installed."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*command, "--no-build-isolation", "-w", folder, ROOT], check=True)
    return next(folder.glob("*.whl"))


def _own_content(site: ForeignSite) -> None:
    site.append("recipes/__init__.py", "")
    site.append("recipes/models.py", MODELS)
    site.append("recipes/templates/recipes/recipe_page.html", TEMPLATE)
    site.append("reading/__init__.py", "")
    site.append("reading/mcp_tools.py", snippet(TOOLS_GUIDE, "READING = ToolGroup"))
    site.append("mysite/settings/base.py", APPS)
    site.manage("makemigrations", "recipes")


def _own_people(site: ForeignSite) -> None:
    site.environment["DJANGO_SUPERUSER_PASSWORD"] = PASSWORD
    name = ("--username", "editor", "--email", "editor@example.org")
    site.manage("createsuperuser", "--noinput", *name)
    del site.environment["DJANGO_SUPERUSER_PASSWORD"]


def _take(site: ForeignSite, step: Step) -> None:
    for command in step.commands:
        _type(site, command)
    for path, text in step.files.items():
        # The one thing that a reader has to fill in: the address of the site.
        site.append(path, text.replace("http://127.0.0.1:8000", site.url))
    if "mysite/settings/base.py" in step.files:
        site.append("mysite/settings/base.py", OWN_SETTINGS)


def _type(site: ForeignSite, command: str) -> None:
    words = shlex.split(command)
    assert words[0] == "python", command
    if words[1:4] == ["-m", "pip", "install"]:
        _install(site)
    else:
        site.said[words[2]] = site.run(site.python, *words[1:])


def _install(site: ForeignSite) -> None:
    """What pip would do with the checkout, from the wheel, into the environment of the site.

    By the pip of the tests, which knows nothing of other environments, so it removes no other copy.
    """
    wheel = build_wheel(site.folder / "dist")
    target = site.run(site.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    command = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index")
    site.run(*command, "--target", target.strip(), wheel, cwd=site.folder)


@contextmanager
def _served(site: ForeignSite, command: str) -> Iterator[None]:
    words = shlex.split(command)
    assert words[:3] == ["python", "-m", "uvicorn"], command
    # Without the reloader, so that there is one process to end.
    arguments = [word for word in words[1:] if word != "--reload"]
    try:
        site.launch([str(site.python), *arguments, "--port", str(site.port)], site.project)
        yield
    finally:
        site.stop()
