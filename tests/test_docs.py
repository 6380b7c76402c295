"""The documentation says what the code says."""

import ast
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.conf import global_settings
from django.core.management import call_command, get_commands
from django.core.management.base import CommandError
from django.utils import translation
from markdown_it import MarkdownIt
from markdown_it.token import Token

from cms.demo import pictures
from mcp_server import api
from mcp_server.actor import Actor
from mcp_server.conf import known_settings
from mcp_server.guides import guides
from mcp_server.management.reference import reference
from mcp_server.registry import registry
from tests.world import World

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference.md"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
WRITTEN = [page for page in PAGES if page != REFERENCE]
CODE = ("mcp_server", "media_tools", "home", "blog", "cms", "tests")
DEPLOY = ROOT / "deploy"
# Folders end with a slash.
FILES = [
    path.relative_to(ROOT).as_posix() + ("/" if path.is_dir() else "")
    for folder in [*(ROOT / package for package in CODE), DEPLOY]
    for path in [folder, *folder.rglob("*")]
    if path.is_dir() or path.suffix == ".py" or folder == DEPLOY
]

# Verbs that tools begin with, those of tools that do not exist included: a name in a text that
# begins with one of them promises a tool.
VERBS = {spec.name.split("_")[0] for spec in registry} | {
    *("add", "approve", "check", "compare", "edit", "execute", "preview", "reject", "resolve"),
    *("schedule", "submit", "undo"),
}
# Examples of what a site might add, in adding-a-tool.md.
EXAMPLES = {"get_reading_time"}
# What security.md says is not there yet, and the tools that would belie it.
NOT_YET = {
    "Tools that run SQL": {"execute_sql", "list_tables"},
}
# Addresses, and files of the reader's own project.
ELSEWHERE = ("/", "mysite/")
# A key of Django's DATABASES, which global_settings does not list, and hooks of Wagtail.
OF_OTHERS = {"CONN_MAX_AGE"} | {
    f"{when}_{what}_snippet" for when in ("before", "after") for what in ("create", "edit")
}


@dataclass(frozen=True)
class Snippet:
    """A fenced block of code."""

    page: str
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.language}:{self.text.splitlines()[0][:40]}"


def tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text())


def inline(page: Path, kind: str) -> Iterator[Token]:
    for token in tokens(page):
        yield from (child for child in token.children or [] if child.type == kind)


def snippets(language: str) -> list[Snippet]:
    return [
        Snippet(page.name, language, token.content)
        for page in WRITTEN
        for token in tokens(page)
        if token.type == "fence" and token.info == language
    ]


def spans(page: Path) -> list[str]:
    """What stands in backticks."""
    return [token.content for token in inline(page, "code_inline")]


def commands_in(page: Path) -> str:
    """Everything that a reader might type."""
    fences = [t.content for t in tokens(page) if t.type == "fence" and t.info == "sh"]
    return "\n".join([*spans(page), *fences])


def words_of_the_code() -> set[str]:
    files = [path for package in CODE for path in (ROOT / package).rglob("*.py")]
    files += [ROOT / "Makefile", ROOT / "pyproject.toml"]
    files += [path for path in DEPLOY.rglob("*") if path.is_file()]
    texts = [path.read_text() for path in files if path != Path(__file__).resolve()]
    return {word for text in texts for word in re.findall(r"\w+", text)}


def anchors(page: Path) -> set[str]:
    """GitHub's addresses of a page's headings."""
    found = tokens(page)
    titles = [after.content for token, after in pairwise(found) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_reference_is_up_to_date() -> None:
    call_command("mcp_docs", check=True, output=str(REFERENCE), stdout=sys.stderr)


def test_a_reference_that_differs_is_told(tmp_path: Path) -> None:
    path = tmp_path / "reference.md"
    path.write_text("# Old\n")
    with pytest.raises(CommandError, match=r"differs from the code\. Run manage\.py mcp_docs\."):
        call_command("mcp_docs", check=True, output=str(path))
    assert path.read_text() == "# Old\n"
    call_command("mcp_docs", output=str(path), stdout=sys.stderr)
    assert path.read_text() == REFERENCE.read_text()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no folder"):
        call_command("mcp_docs", output=str(tmp_path / "nowhere" / "reference.md"))


def test_the_reference_is_the_same_in_every_language() -> None:
    with translation.override("de"):
        assert reference() == REFERENCE.read_text()


def test_the_reference_has_everything() -> None:
    text = REFERENCE.read_text()
    names = [spec.name for spec in registry]
    names += [spec.uri for spec in guides.resources()]
    names += [spec.name for spec in guides.prompts()]
    names += [*known_settings(), "mcp_server.E001", "mcp_active_sessions"]
    assert [name for name in names if name not in text] == []
    ours = [name for name, app in get_commands().items() if app == "mcp_server"]
    assert [name for name in ours if f"### manage.py {name}" not in text] == []


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_tools_that_are_named_exist(page: Path) -> None:
    known = {spec.name for spec in registry} | set(api.__all__) | set(get_commands()) | EXAMPLES
    # Fields of answers, such as edit_url.
    known |= set(spans(REFERENCE))
    words = {word for span in spans(page) for word in re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", span)}
    promised = {word for word in words if word.split("_")[0] in VERBS}
    assert promised - known == set()


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_names_in_backticks_exist(page: Path) -> None:
    known = words_of_the_code() | EXAMPLES | OF_OTHERS
    named = {span for span in spans(page) if re.fullmatch(r"\w+_\w+", span)}
    unknown = {name for name in named if name not in known and not hasattr(global_settings, name)}
    assert unknown == set()


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_settings_that_are_set_exist(page: Path) -> None:
    text = page.read_text()
    keys = set(re.findall(r"MCP_SERVER\[[\"'](\w+)[\"']\]", text))
    for snippet in snippets("python"):
        if snippet.page == page.name:
            keys |= set(_mcp_server_keys(snippet.text))
    assert keys - known_settings() == set()


def _mcp_server_keys(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            if "MCP_SERVER" in names:
                yield from (ast.literal_eval(key) for key in node.value.keys if key)


@pytest.mark.parametrize("sentence", NOT_YET)
def test_what_is_not_there_yet_is_not_there(sentence: str) -> None:
    """Once it is: take it out of security.md and editors.md, and out of NOT_YET."""
    assert sentence in (ROOT / "docs" / "security.md").read_text()
    assert {spec.name for spec in registry} & NOT_YET[sentence] == set()


def test_the_tour_searches_for_what_the_demo_has() -> None:
    tour = (ROOT / "README.md").read_text()
    word, title = re.findall(r"“(\w+)” finds\s+the picture “([^”]+)”", tour)[0]
    assert title in {picture.title for picture in pictures.PICTURES}
    # Whole words only.
    assert word in title.lower().split()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_resolve(page: Path) -> None:
    broken = []
    for token in inline(page, "link_open"):
        address = str(token.attrs["href"])
        if re.match(r"[a-z]+:", address):
            continue
        path, _, anchor = address.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(address)
    assert broken == []


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_commands_exist(page: Path) -> None:
    typed = commands_in(page)
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|\s)make ([a-z][a-z-]*)", typed)) <= targets
    assert set(re.findall(r"manage\.py ([a-z]\w+)", typed)) <= set(get_commands())


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_files_and_tests_that_are_named_exist(page: Path) -> None:
    missing = []
    for span in spans(page):
        path, _, test = span.partition("::")
        if not re.fullmatch(r"[\w/.-]+(\.py|/)|deploy/\S+", path) or path.startswith(ELSEWHERE):
            continue
        found = [file for file in FILES if f"/{file}".endswith(f"/{path}")]
        if not found or (test and f"def {test}(" not in (ROOT / found[0]).read_text()):
            missing.append(span)
    assert missing == []


@pytest.mark.parametrize("snippet", snippets("json"), ids=str)
def test_json_parses(snippet: Snippet) -> None:
    assert isinstance(json.loads(snippet.text), dict)


@pytest.mark.parametrize("snippet", snippets("python"), ids=str)
def test_python_compiles(snippet: Snippet) -> None:
    compile(snippet.text, snippet.page, "exec")


@pytest.mark.parametrize("snippet", snippets("python"), ids=str)
def test_what_is_quoted_stands_in_the_file(snippet: Snippet) -> None:
    quoted = re.match(r"# (\S+\.py)\n", snippet.text)
    if quoted:
        source = (ROOT / quoted[1]).read_text()
        assert snippet.text[quoted.end() :].strip() in source


def _declarations() -> dict[str, Any]:
    """The complete examples of adding-a-tool.md, run as a module of a site would be."""
    made: dict[str, Any] = {}
    for snippet in snippets("python"):
        if snippet.page == "adding-a-tool.md" and "mcp_server.api" in snippet.text:
            exec(snippet.text, made)  # noqa: S102 - our own documentation
    return made


@pytest.fixture
def examples(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(registry, "_specs", dict(registry._specs))
    monkeypatch.setattr(guides, "_resources", dict(guides._resources))
    monkeypatch.setattr(guides, "_prompts", dict(guides._prompts))
    return _declarations()


def test_the_examples_are_declared_and_work(world: World, examples: dict[str, Any]) -> None:
    actor: Actor = world.actor("editor")
    answer = examples["get_reading_time"](actor, world.first.pk)
    assert (answer.title, answer.minutes) == ("First", 1)
    assert "get_reading_time" in registry
    with pytest.raises(api.Refused):
        examples["get_reading_time"](actor, world.about.pk)
    assert examples["section"](actor, "blog") == {"pages": ["First"]}
    assert examples["slugs"](actor, "blo", {}).values == ("blog",)
    told = examples["shorten_page"](actor, str(world.first.pk), "half of it")
    assert 'wishes: "half of it"' in told
    assert examples["last_edit"](actor)
    assert examples["newest"](actor)
    assert {"content://sections/{slug}", "content://newest"} <= {
        spec.uri for spec in guides.resources()
    }
