"""docs/installing.md, followed to the letter on a site that the plugin has never seen."""

import re
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest

from . import rpc
from .foreign import GUIDE, ForeignSite, foreign_site, snippet, steps
from .session import picture

TYPE = "recipes.RecipePage"


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForeignSite]:
    """The site, running; skipped only where the wheel cannot be built."""
    if find_spec("hatchling") is None:
        pytest.skip("hatchling, which builds the wheel, is not installed: pip install -e '.[test]'")
    with foreign_site(tmp_path_factory.mktemp("foreign")) as site:
        yield site


def _ask(site: ForeignSite, tool: str, **arguments: Any) -> dict[str, Any]:
    answer = rpc.call(site.mcp_url, site.token("editor"), tool, **arguments)
    assert "structuredContent" in answer, (tool, answer)
    content: dict[str, Any] = answer["structuredContent"]
    return content


@pytest.fixture(scope="module")
def image(foreign: ForeignSite) -> dict[str, Any]:
    return _ask(foreign, "upload_image", title="Soup", data=picture(), alt="A bowl of soup")


@pytest.fixture(scope="module")
def draft(foreign: ForeignSite, image: dict[str, Any]) -> dict[str, Any]:
    """A page of the site's own type, as ``create_page`` answers it."""
    home = _ask(foreign, "find_page", url="/")["id"]
    body = f"## What you need\n\nTwo *onions*.\n\n![A bowl](wagtail://image?id={image['id']})"
    fields = {"intro": "A **warm** soup.", "photo": image["id"], "body": body}
    return _ask(foreign, "create_page", type=TYPE, parent_id=home, title="Soup", fields=fields)


def test_there_are_five_steps() -> None:
    assert [step.title.split(".")[0] for step in steps()] == list("12345")
    assert "## Five steps" in GUIDE.read_text()
    assert all(step.files or step.commands for step in steps())


def test_nothing_of_the_checkout_is_used(foreign: ForeignSite) -> None:
    code = "import mcp_server, media_tools; print(mcp_server.__file__, media_tools.__file__)"
    for file in foreign.run(foreign.python, "-c", code).split():
        assert Path(file).is_relative_to(foreign.folder / "venv")
    code = "import importlib.util as u; print(u.find_spec('cms'), u.find_spec('blog'))"
    assert foreign.run(foreign.python, "-c", code).split() == ["None", "None"]


def test_the_checks_find_what_the_guide_says(foreign: ForeignSite) -> None:
    """On SQLite one thing, which the options under “Database” answer."""
    command = ("check", "--database", "default")
    assert set(re.findall(r"mcp_server\.[EW]\d+", foreign.said["check"])) == {"mcp_server.W003"}
    options = snippet(GUIDE, '"transaction_mode": "IMMEDIATE"')
    settings = f"from .dev import *\n\n{options}"
    foreign.append("mysite/settings/tuned.py", settings)
    assert "mcp_server." not in foreign.manage(*command, "--settings", "mysite.settings.tuned")


def test_the_sites_own_type_is_known(foreign: ForeignSite) -> None:
    listed = _ask(foreign, "list_page_types")
    assert TYPE in str(listed)
    described = _ask(foreign, "describe_page_type", type=TYPE)["fields"]
    assert {"title", "intro", "photo", "body"} <= set(described)
    assert set(described["body"]["blocks"]) == {"headline", "prose", "snapshot", "steps"}
    assert "remarks" not in described


def test_an_editorial_session(foreign: ForeignSite, draft: dict[str, Any]) -> None:
    read = _ask(foreign, "get_page_content", page_id=draft["id"])
    body = read["fields"]["body"]
    assert [block["type"] for block in body] == ["headline", "prose", "snapshot"]
    steps = {"type": "steps", "value": [{"task": "Chop", "minutes": 5}]}
    edited = _ask(
        foreign,
        "edit_page_blocks",
        page_id=draft["id"],
        base_revision_id=read["revision_id"],
        operations=[
            {"op": "replace", "id": body[1]["id"], "block": {**body[1], "value": "Two leeks."}},
            {"op": "insert", "after": body[2]["id"], "block": steps},
        ],
    )
    again = _ask(foreign, "get_page_content", page_id=draft["id"])["fields"]["body"]
    assert [block["id"] for block in again[:3]] == [block["id"] for block in body]
    assert again[1]["value"] == "Two leeks."
    assert again[3]["value"][0]["value"] == {"task": "Chop", "minutes": 5}
    assert edited["status"] == "draft"
    _check_preview(foreign, draft["id"], edited["revision_id"])
    _check_admin(foreign, draft["id"])


def _check_preview(site: ForeignSite, page_id: int, revision_id: int) -> None:
    preview = _ask(site, "preview_page", page_id=page_id, revision_id=revision_id)
    assert preview["url"].startswith(site.url)
    page = httpx.get(preview["url"], trust_env=False, timeout=60)
    assert page.status_code == 200
    assert "Two leeks." in page.text
    assert httpx.get(f"{site.url}/soup/", trust_env=False, timeout=60).status_code == 404


def _check_admin(site: ForeignSite, page_id: int) -> None:
    with closing(site.admin()) as browser:
        editor = browser.get(f"/admin/pages/{page_id}/edit/")
        assert editor.status_code == 200
        assert "Two leeks." in editor.text
        history = browser.get(f"/admin/pages/{page_id}/history/").text
        assert "Claude on my laptop" in history


def test_a_tool_from_the_guide_works_there(foreign: ForeignSite, draft: dict[str, Any]) -> None:
    answer = _ask(foreign, "get_reading_time", page_id=draft["id"])
    assert answer == {"title": "Soup", "minutes": 1}


def test_a_hidden_field_is_not_settable_there(foreign: ForeignSite, draft: dict[str, Any]) -> None:
    answer = rpc.call(
        foreign.mcp_url,
        foreign.token("editor"),
        "update_page",
        page_id=draft["id"],
        base_revision_id=draft["revision_id"],
        fields={"remarks": "x"},
    )
    assert answer["isError"]
