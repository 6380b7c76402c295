"""A person in Wagtail's own editor: the form that their browser holds, changed and sent back."""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

from bs4 import BeautifulSoup

if TYPE_CHECKING:
    import httpx

# The editor's script adds the formset of comments; of a page without any, this is all of it.
COMMENTS = {
    "comments-TOTAL_FORMS": "0",
    "comments-INITIAL_FORMS": "0",
    "comments-MIN_NUM_FORMS": "0",
    "comments-MAX_NUM_FORMS": "",
}
UNSENT = {"submit", "button", "file"}
Pair = tuple[str, Any]


class OpenEditor:
    """A page that is open in the editor from ``with`` to its end, like a tab."""

    def __init__(self, browser: "httpx.Client", page_id: int) -> None:
        self._browser = browser
        self._address = f"/admin/pages/{page_id}/edit/"
        self.fields: dict[str, Any] = {}

    def __enter__(self) -> Self:
        answer = self._browser.get(self._address)
        answer.raise_for_status()
        form = BeautifulSoup(answer.text, "html.parser").find("form", id="page-edit-form")
        assert form is not None, "no editor: may this person edit the page?"
        self.fields = {**COMMENTS, **dict(_inputs(form)), **dict(_streams(form))}
        self._release = re.findall(r"/admin/editing-sessions/release/\d+/", answer.text)[0]
        return self

    def save_draft(self) -> None:
        """The button of that name; Wagtail goes on to the editor when the form is in order."""
        answer = self._post(self._address, self.fields)
        assert answer.status_code == 302, "Wagtail did not save the form"
        assert answer.headers["Location"].endswith(self._address), answer.headers["Location"]

    def __exit__(self, *_: object) -> None:
        """What the editor's own script does when its tab is closed."""
        self._post(self._release, {}).raise_for_status()

    def _post(self, address: str, data: dict[str, Any]) -> "httpx.Response":
        token = {"csrfmiddlewaretoken": self._browser.cookies["csrftoken"]}
        referer = {"Referer": str(self._browser.base_url)}
        return self._browser.post(
            address, data={**data, **token}, headers=referer, follow_redirects=False
        )


def _inputs(form: Any) -> Iterator[Pair]:
    """What a browser sends of the form's own inputs."""
    for found in form.find_all(["input", "textarea", "select"]):
        name, kind = found.get("name"), found.get("type")
        if not name or "__prefix__" in name or kind in UNSENT:
            continue
        if found.name == "textarea":
            # A browser leaves out the line break that HTML has at the beginning.
            yield name, found.get_text().removeprefix("\r\n").removeprefix("\n")
        elif found.name == "select":
            yield name, [option["value"] for option in found.find_all("option", selected=True)]
        elif kind not in ("checkbox", "radio"):
            yield name, found.get("value", "")
        elif found.has_attr("checked"):
            yield name, found.get("value", "on")


def _streams(form: Any) -> Iterator[Pair]:
    """What the editor's script makes of StreamFields: inputs, from the values in the page."""
    for found in form.find_all(attrs={"data-w-block-arguments-value": True}):
        blocks, *_ = json.loads(found["data-w-block-arguments-value"])
        yield from _stream(found["id"], blocks)


def _stream(name: str, blocks: list[dict[str, Any]]) -> Iterator[Pair]:
    yield f"{name}-count", str(len(blocks))
    for number, block in enumerate(blocks):
        prefix = f"{name}-{number}"
        yield from {
            f"{prefix}-deleted": "",
            f"{prefix}-order": str(number),
            f"{prefix}-type": block["type"],
            f"{prefix}-id": block["id"],
        }.items()
        yield from _value(f"{prefix}-value", block["value"])


def _value(name: str, value: Any) -> Iterator[Pair]:
    """One block's inputs: those of text, choices and structs, which is what the story needs."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _value(f"{name}-{key}", part)
    else:
        yield name, value if value is not None else ""
