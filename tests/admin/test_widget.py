"""The grouped tool widget."""

import pytest
from django.http import QueryDict

from mcp_server.admin.widgets import CHOSEN, EVERY, KINDS, Grant, GroupedToolWidget
from mcp_server.registry import ToolSpec, registry

from .html import Page, problems


def render(value: object = None, stored: list[str] | None = None) -> str:
    widget = GroupedToolWidget()
    widget.stored = stored or []
    return widget.render("allowed_tools", value, {"id": "id_tools", "aria-describedby": "id_tools"})


def test_one_fieldset_with_a_legend_and_a_tick_all_per_group(store_tool: ToolSpec) -> None:
    page = Page(render())
    groups = registry.grouped()
    assert store_tool.group in dict(groups)
    assert len(page.all("fieldset", **{"data-controller": "w-bulk"})) == len(groups)
    assert len(page.all("legend")) == len(groups)
    assert len(page.all("input", **{"data-w-bulk-target": "all"})) == len(groups)
    assert not any("name" in tick for tick in page.all("input", **{"data-w-bulk-target": "all"}))


def test_every_registered_tool_has_its_box(store_tool: ToolSpec) -> None:
    boxes = Page(render()).all("input", name="allowed_tools")
    assert [box["value"] for box in boxes] == [spec.name for spec in registry]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_a_word_and_an_icon(kind: str) -> None:
    label, icon, meaning = KINDS[kind]  # type: ignore[index]  # parametrize widens to str
    html = render()
    assert f"#icon-{icon}" in html
    assert str(label) in html
    assert str(meaning) in html


def test_text_of_tools_and_groups_is_escaped(store_tool: ToolSpec) -> None:
    assert "The store &amp; more" in render()


def test_the_markup_is_valid_and_everything_is_labelled(store_tool: ToolSpec) -> None:
    html = render(["look_into_store", "gone_tool"], stored=["look_into_store", "gone_tool"])
    about = '<p id="id_tools">help</p>'
    assert problems(html + about) == []


def test_an_empty_list_of_the_model_is_shown_as_every_tool(store_tool: ToolSpec) -> None:
    html = render([])
    page = Page(html)
    (every,) = page.all("input", value=EVERY)
    (chosen,) = page.all("input", value=CHOSEN)
    assert "checked" in every
    assert "checked" not in chosen
    assert "Not included: The store &amp; more" in html


def test_tools_that_the_site_lost_are_shown_and_stay_ticked() -> None:
    page = Page(render(["gone_tool"], stored=["gone_tool"]))
    (box,) = page.all("input", value="gone_tool")
    assert "checked" in box


@pytest.mark.parametrize(
    ("sent", "grant"),
    [
        ("", Grant("")),
        ("allowed_tools-scope=every", Grant(EVERY)),
        ("allowed_tools-scope=chosen", Grant(CHOSEN)),
        (
            "allowed_tools-scope=chosen&allowed_tools=a&allowed_tools=b",
            Grant(CHOSEN, ("a", "b")),
        ),
    ],
)
def test_what_a_browser_sends(sent: str, grant: Grant) -> None:
    widget = GroupedToolWidget()
    assert widget.value_from_datadict(QueryDict(sent), {}, "allowed_tools") == grant
    assert not widget.value_omitted_from_data(QueryDict(sent), {}, "allowed_tools")
