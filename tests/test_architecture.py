"""Imports go one way, and one folder each knows an outside protocol. The tables are the rules."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 250

OURS = ("cms", "home", "blog", "media_tools", "mcp_server", "tests")
PLUGIN = ("mcp_server", "media_tools")

# The plugin's modules that know neither a folder of it nor a protocol.
CORE = (
    "mcp_server.actor",
    "mcp_server.clients",
    "mcp_server.conf",
    "mcp_server.counters",
    "mcp_server.digests",
    "mcp_server.errors",
    "mcp_server.groups",
    "mcp_server.guides",
    "mcp_server.leftovers",
    "mcp_server.logs",
    "mcp_server.models",
    "mcp_server.needs",
    "mcp_server.parameters",
    "mcp_server.plaintext",
    "mcp_server.plans",
    "mcp_server.prepared",
    "mcp_server.rates",
    "mcp_server.records",
    "mcp_server.registry",
    "mcp_server.results",
    "mcp_server.tokens",
)

# What of ours each part may import, besides itself. The longest name that fits a module counts.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "cms": OURS,
    "tests": OURS,
    "home": ("mcp_server.api",),
    "blog": ("mcp_server.api", "home.blocks"),
    "media_tools": ("mcp_server.api",),
    "mcp_server": CORE,
    "mcp_server.api": (*CORE, "mcp_server.content"),
    "mcp_server.tools": ("mcp_server.api", "mcp_server.content"),
    "mcp_server.resources": ("mcp_server.api", "mcp_server.content"),
    "mcp_server.prompts": ("mcp_server.api", "mcp_server.content"),
    "mcp_server.content": (
        "mcp_server.actor",
        "mcp_server.conf",
        "mcp_server.errors",
        "mcp_server.models",
        "mcp_server.plaintext",
        "mcp_server.prepared",
        "mcp_server.results",
    ),
    "mcp_server.transport": (
        "mcp_server.actor",
        "mcp_server.conf",
        "mcp_server.digests",
        "mcp_server.errors",
        "mcp_server.guides",
        "mcp_server.leftovers",
        "mcp_server.logs",
        "mcp_server.models",
        "mcp_server.plaintext",
        "mcp_server.prepared",
        "mcp_server.rates",
        "mcp_server.records",
        "mcp_server.registry",
        "mcp_server.results",
        "mcp_server.tokens",
    ),
    "mcp_server.admin": (
        "mcp_server.clients",
        "mcp_server.conf",
        # “Undo these” does what the tool does; the checks of both stay in one place.
        "mcp_server.content.undo",
        "mcp_server.models",
        "mcp_server.registry",
        "mcp_server.tokens",
    ),
    "mcp_server.templatetags": ("mcp_server.admin",),
    "mcp_server.management": (*CORE, "mcp_server.transport"),
    # Where Django and Wagtail enter the plugin, and where it collects its own tools.
    "mcp_server.urls": ("mcp_server.views",),
    "mcp_server.views": (*CORE, "mcp_server.content"),
    "mcp_server.apps": ("mcp_server",),
    "mcp_server.wagtail_hooks": ("mcp_server",),
    "mcp_server.mcp_tools": ("mcp_server.prompts", "mcp_server.resources", "mcp_server.tools"),
}

# Packages of others that only these parts know. Tests speak every protocol.
KNOWN_ONLY_TO: dict[str, tuple[str, ...]] = {
    "fastmcp": ("mcp_server.transport", "tests"),
    "mcp": ("mcp_server.transport", "tests"),
    "mcp_types": ("mcp_server.transport", "tests"),
    "starlette": ("mcp_server.transport", "tests"),
    "uvicorn": ("mcp_server.transport", "mcp_server.management", "tests"),
    # Undocumented in Wagtail: one module to change when it does.
    "wagtail.api.v3": ("mcp_server.content.forms", "tests"),
}

TOP_LEVEL = {
    *OURS,
    "manage.py",
    "static",
    "templates",
    "pyproject.toml",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "docs",
    "deploy",
    "requirements",
    ".ci",
    ".gitignore",
}
# Made by running the project; none of it is kept under version control.
BY_PRODUCTS = {"var", "build", "dist", "__pycache__", "PKG-INFO"}


@dataclass(frozen=True)
class Import:
    """One import statement: where it stands and the dotted name that it asks for."""

    file: Path
    line: int
    target: str

    @property
    def module(self) -> str:
        parts = self.file.with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def breaks(self, rule: str) -> str:
        return f"{self.file.as_posix()}:{self.line} imports {self.target}; rule: {rule}"


def within(name: str, *parts: str) -> bool:
    return any(name == part or name.startswith(f"{part}.") for part in parts)


def imports_of(source: str, file: Path) -> Iterator[Import]:
    """Every import of a file, relative ones spelled out, those inside functions included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            folder = file.parent.parts[: len(file.parent.parts) + 1 - node.level]
            base = [*(folder if node.level else ()), *([node.module] if node.module else [])]
            # With the imported name, because `from mcp_server import models` asks for a module.
            names = [".".join([*base, alias.name]) for alias in node.names]
        else:
            continue
        yield from (Import(file, node.lineno, name) for name in names)


def part_of(module: str) -> str:
    """The row of MAY_IMPORT that the module is held to."""
    return max((part for part in MAY_IMPORT if within(module, part)), key=len)


def violations(source: str, file: Path) -> Iterator[str]:
    for found in imports_of(source, file):
        part = part_of(found.module)
        allowed = MAY_IMPORT[part]
        if (
            within(found.target, *OURS)
            and part_of(found.target) != part
            and not within(found.target, *allowed)
        ):
            yield found.breaks(f"of this project, {part} may import only {', '.join(allowed)}")
        for package, knowing in KNOWN_ONLY_TO.items():
            if within(found.target, package) and not within(found.module, *knowing):
                yield found.breaks(f"{package} is known only to {', '.join(knowing)}")


def python_files(*packages: str) -> Iterator[Path]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT)


def test_imports_go_one_way() -> None:
    found = [
        violation
        for file in python_files(*OURS)
        for violation in violations((ROOT / file).read_text(), file)
    ]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("home/mcp_tools.py", "from mcp_server.content.finding import visible_page"),
        ("home/models.py", "from blog.models import BlogPage"),
        ("blog/mcp_tools.py", "from home.models import HomePage"),
        ("media_tools/images.py", "import home.blocks"),
        ("mcp_server/content/finding.py", "from cms import demo"),
        ("mcp_server/content/finding.py", "from ..registry import registry"),
        ("mcp_server/content/finding.py", "from .. import tokens"),
        ("mcp_server/tools/pages.py", "from mcp_server import models"),
        ("mcp_server/tools/pages.py", "def late():\n    from ..transport import gate"),
        ("mcp_server/transport/adapter.py", "from ..content.finding import visible_page"),
        ("mcp_server/admin/views.py", "from mcp_server.transport import metrics"),
        ("mcp_server/registry.py", "from .tools import pages"),
        ("mcp_server/__init__.py", "from .transport import mount"),
        ("mcp_server/tools/pages.py", "import fastmcp"),
        ("cms/asgi.py", "from starlette.routing import Mount"),
        ("mcp_server/content/writing.py", "from wagtail.api import v3"),
    ],
)
def test_a_violation_is_found(file: str, source: str) -> None:
    found = list(violations(source, Path(file)))

    assert len(found) == 1
    assert found[0].startswith(f"{file}:")
    assert "; rule: " in found[0]


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("cms/asgi.py", "from mcp_server.transport.mount import mounted"),
        ("blog/models.py", "from home.blocks import BodyBlock"),
        ("blog/models.py", "from .fields import picture_field"),
        ("media_tools/images.py", "from mcp_server.api import Actor, tool"),
        ("mcp_server/tools/pages.py", "from ..content import finding"),
        ("mcp_server/transport/server.py", "import fastmcp, mcp.types"),
        ("mcp_server/content/forms.py", "from wagtail.api.v3.form_data import build_form_data"),
        ("mcp_server/management/commands/run_mcp.py", "from ...transport import stdio"),
    ],
)
def test_what_the_rules_allow_passes(file: str, source: str) -> None:
    assert not list(violations(source, Path(file)))


def test_every_rule_is_about_something_that_exists() -> None:
    """A renamed folder would otherwise leave its rule behind, and be held to a weaker one."""
    parts = {part for row in MAY_IMPORT.items() for part in (row[0], *row[1])}
    gone = [p for p in parts if not any(path_of(p).with_suffix(s).exists() for s in ("", ".py"))]
    assert not gone, f"the tables name modules that are not there: {', '.join(sorted(gone))}"


def path_of(module: str) -> Path:
    return ROOT.joinpath(*module.split("."))


def test_the_top_level_is_the_documented_one() -> None:
    unknown = {
        path.name
        for path in ROOT.iterdir()
        if path.name not in TOP_LEVEL | BY_PRODUCTS
        and not path.name.startswith(".")
        and path.suffix != ".egg-info"
    }
    assert not unknown, f"not part of the layout: {', '.join(sorted(unknown))}"


@pytest.mark.parametrize("package", PLUGIN)
def test_modules_stay_short(package: str) -> None:
    lengths = [
        (file, len((ROOT / file).read_text().splitlines())) for file in python_files(package)
    ]
    too_long = [f"{file}: {length}" for file, length in lengths if length > MAX_LINES]
    assert not too_long, f"more than {MAX_LINES} lines: {', '.join(too_long)}"
