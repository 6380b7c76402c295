"""preview_page: a signed address that shows one revision, to whoever has it, for a while."""

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from wagtail.models import GroupPagePermission

from home.models import FlexPage
from mcp_server.actor import Actor
from mcp_server.content import previewing
from mcp_server.errors import Refused
from mcp_server.models import MCPToken
from mcp_server.tools import review
from tests.world import World


def draft(world: World, intro: str) -> int:
    page = world.second.get_latest_revision_as_object()
    page.intro = intro
    return int(page.save_revision(user=world.editor).pk)


def path(preview: previewing.Preview) -> str:
    return urlsplit(preview.url).path


def opened(address: str, client: Client | None = None) -> Any:
    return (client or Client()).get(address)


def test_the_address_shows_exactly_that_revision_without_a_login(world: World) -> None:
    old, new = draft(world, "What I wrote first"), draft(world, "What I wrote then")
    editor = world.actor("editor")
    pages = [review.preview_page(editor, world.second.pk, key) for key in (old, None)]
    assert [page.revision_id for page in pages] == [old, new]
    first, then = (opened(path(page)).content.decode() for page in pages)
    assert "What I wrote first" in first
    assert "What I wrote first" not in then
    assert "What I wrote then" in then
    assert Client().get("/blog/second/").status_code == 404


def test_nobody_keeps_or_passes_on_a_preview(world: World) -> None:
    answer = opened(path(review.preview_page(world.actor("editor"), world.second.pk)))
    assert answer.status_code == 200
    assert answer.headers["X-Robots-Tag"].startswith("noindex")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_preview_is_what_anybody_sees_and_leaves_sessions_alone(world: World) -> None:
    client = Client()
    client.force_login(world.admin)
    answer = opened(path(review.preview_page(world.actor("editor"), world.second.pk)), client)
    assert "wagtail-userbar" not in answer.content.decode()
    assert not answer.cookies
    assert client.get("/admin/").status_code == 200


def test_cookies_that_the_page_sets_are_dropped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def serve(page: Any, request: Any, mode: str) -> HttpResponse:
        answer = HttpResponse("<main>Hello</main>")
        answer.set_cookie("sessionid", "somebody else's")
        return answer

    url = path(review.preview_page(world.actor("editor"), world.second.pk))
    monkeypatch.setattr(type(world.second), "serve_preview", serve)
    assert not opened(url).cookies


def test_it_ends_when_it_is_told_to(world: World, settings: Any) -> None:
    preview = review.preview_page(world.actor("editor"), world.second.pk)
    ends = datetime.fromisoformat(preview.expires_at)
    assert abs(ends - timezone.now() - timedelta(hours=24)) < timedelta(minutes=2)
    settings.MCP_SERVER = {"PREVIEW_HOURS": 0}
    answer = opened(path(preview))
    assert answer.status_code == 410
    assert "This preview has ended" in answer.content.decode()


def test_it_does_not_outlive_its_token(world: World) -> None:
    soon = timezone.now() + timedelta(hours=1)
    preview = review.preview_page(world.actor("editor", expires_at=soon), world.second.pk)
    ends = datetime.fromisoformat(preview.expires_at)
    assert abs(ends - soon) < timedelta(minutes=1)


def revoke(world: World, token: MCPToken) -> None:
    MCPToken.objects.filter(pk=token.pk).update(is_active=False)


def expire(world: World, token: MCPToken) -> None:
    MCPToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def delete(world: World, token: MCPToken) -> None:
    token.delete()


def narrow(world: World, token: MCPToken) -> None:
    MCPToken.objects.filter(pk=token.pk).update(allowed_tools=["get_page_content"])


def disable(world: World, token: MCPToken) -> None:
    type(world.editor).objects.filter(pk=world.editor.pk).update(is_active=False)


def forbid(world: World, token: MCPToken) -> None:
    GroupPagePermission.objects.filter(group__name="Editors").delete()


def remove(world: World, token: MCPToken) -> None:
    world.second.revisions.order_by("-pk")[0].delete()


@pytest.mark.parametrize("end", [revoke, expire, delete, narrow, disable, forbid, remove])
def test_it_stops_working_with_what_it_stands_on(world: World, end: Any) -> None:
    editor = world.actor("editor")
    draft(world, "Not for long")
    url = path(review.preview_page(editor, world.second.pk))
    assert opened(url).status_code == 200
    assert editor.token is not None
    end(world, editor.token)
    answer = opened(url)
    assert answer.status_code == 410
    assert "Not for long" not in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_made_up_address_opens_nothing(world: World) -> None:
    url = path(review.preview_page(world.actor("editor"), world.second.pk))
    payload = [world.second.pk, world.second.latest_revision_id, world.admin.pk, None]
    tampered = re.sub(r".(?=/$)", lambda found: "A" if found[0] != "A" else "B", url)
    foreign = signing.dumps(payload, salt="another purpose")
    for address in (tampered, f"/mcp-preview/{foreign}/", "/mcp-preview/x/"):
        answer = opened(address)
        assert answer.status_code == 404
        assert "This address is not complete" in answer.content.decode()


def test_an_address_made_without_authentication_ends_with_it(world: World) -> None:
    url = previewing.preview_url(
        Actor(world.admin), world.second.pk, world.second.latest_revision_id
    )
    assert opened(urlsplit(url).path).status_code == 410


def test_it_only_reads(world: World) -> None:
    url = path(review.preview_page(world.actor("editor"), world.second.pk))
    assert Client().post(url).status_code == 405
    assert Client().head(url).status_code == 200


def test_the_text_is_what_the_page_says(world: World) -> None:
    draft(world, "A short intro")
    text = review.preview_page(world.actor("editor"), world.second.pk).text
    assert "Second" in text
    assert "A short intro" in text
    assert "A paragraph." in text
    # Neither markup nor what stands around the page's own content.
    assert "<" not in text
    assert "Skip to content" not in text


def test_a_long_text_is_shortened(world: World) -> None:
    page = world.second.get_latest_revision_as_object()
    page.body = [{"type": "paragraph", "value": f"<p>{'ß' * 9000}</p>"}]
    page.save_revision()
    text = review.preview_page(world.actor("editor"), world.second.pk).text
    assert len(text) < 3_000
    assert re.search(r"… \(\d+ more characters\)$", text)


def test_a_page_that_does_not_render_is_said_to(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        type(world.second), "serve_preview", lambda *_: HttpResponse("secrets", status=500)
    )
    text = review.preview_page(world.actor("editor"), world.second.pk).text
    assert text == "(The page answers with status 500 instead of its content.)"


def test_draft_and_live_side_by_side(world: World) -> None:
    world.first.save_revision()
    preview = review.preview_page(world.actor("editor"), world.first.pk)
    assert preview.compare_url is not None
    client = Client()
    client.force_login(world.admin)
    assert client.get(urlsplit(preview.compare_url).path).status_code == 200
    assert review.preview_page(world.actor("editor"), world.second.pk).compare_url is None


def test_other_preview_modes_have_addresses_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = [("", "Default"), ("thanks", "Thank you")]
    monkeypatch.setattr(FlexPage, "preview_modes", modes)
    monkeypatch.setattr(
        FlexPage, "serve_preview", lambda page, request, mode: HttpResponse(f"mode {mode!r}")
    )
    preview = review.preview_page(world.actor("moderator"), world.team.pk)
    assert preview.other_modes is not None
    assert list(preview.other_modes) == ["thanks"]
    parts = urlsplit(preview.other_modes["thanks"])
    assert opened(f"{parts.path}?{parts.query}").content == b"mode 'thanks'"
    assert opened(f"{parts.path}?mode=unknown").content == b"mode ''"


def test_a_page_without_previews_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FlexPage, "preview_modes", [])
    with pytest.raises(Refused, match="have no preview"):
        review.preview_page(world.actor("moderator"), world.team.pk)


def test_the_text_of_a_preview_breaks_its_lines_where_blocks_end() -> None:
    html = (
        "<main><h1>In\n winter</h1><!-- not\nsaid --><p>Snow lies on\n the <b>asters</b>.<br>"
        "Still.</p></main>"
    )
    assert previewing.page_text(HttpResponse(html)) == "In winter\nSnow lies on the asters.\nStill."
