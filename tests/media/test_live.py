"""Uploads and previews on a running server: through ASGI, past the limits of a message."""

import base64
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.live import rpc
from tests.live.site import LiveSite, live_site

from .hostile import bomb
from .test_encoding import picture


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    folder: Path = tmp_path_factory.mktemp("media-site")
    with live_site(folder) as running:
        yield running


def _call(site: LiveSite, tool: str, **arguments: Any) -> dict[str, Any]:
    return rpc.call(site.mcp_url, site.token("editor"), tool, **arguments)


def _put(url: str, content: bytes) -> httpx.Response:
    return httpx.put(url, content=content, trust_env=False, timeout=60)


def test_a_file_larger_than_a_message(site: LiveSite) -> None:
    target = BytesIO()
    Image.effect_noise((2600, 2000), 60).save(target, "PNG")
    content = target.getvalue()
    assert len(content) > 4 * 1024 * 1024
    answer = _call(site, "upload_image", title="A large one", alt="Noise", tags=["large"])
    address = answer["structuredContent"]["upload_url"]
    assert _put(address, bomb()).status_code == 422
    assert _put(address, b"\0" * 11_000_000).status_code == 413
    stored = _put(address, content)
    assert stored.status_code == 201, stored.text
    assert _put(address, content).status_code == 404
    found = _call(site, "search_images", tag="large")["structuredContent"]["items"]
    assert [item["title"] for item in found] == ["A large one"]
    history = site.admin().get("/admin/reports/site-history/").text
    assert "Upload image through MCP" in history
    assert address.strip("/").rpartition("/")[2] not in site.log.read_text()


def test_the_model_sees_the_picture(site: LiveSite) -> None:
    target = BytesIO()
    picture(size=(900, 600)).save(target, "PNG")
    data = base64.b64encode(target.getvalue()).decode()
    made = _call(site, "upload_image", title="Seen", data=data)["structuredContent"]
    answer = _call(site, "get_image", image_id=made["id"], preview=True)
    text, image = answer["content"]
    assert (text["type"], image["type"], image["mimeType"]) == ("text", "image", "image/jpeg")
    assert Image.open(BytesIO(base64.b64decode(image["data"]))).size == (512, 341)
    url = answer["structuredContent"]["renditions"]["width-800"]["url"]
    shown = httpx.get(url, trust_env=False, timeout=60)
    assert Image.open(BytesIO(shown.content)).size == (800, 533)


def test_no_address_inside_is_fetched(site: LiveSite) -> None:
    for url in (f"{site.url}/media/", "http://127.0.0.1/", "http://[::1]/", "file:///etc/passwd"):
        answer = _call(site, "upload_image", title="Inside", url=url)
        assert answer["isError"]
        assert answer["content"][0]["text"].startswith("url: ")
