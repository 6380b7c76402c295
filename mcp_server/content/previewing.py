"""A revision as visitors would see it, at an address that works without a login for a while."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import NavigableString
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from pydantic import BaseModel
from wagtail.models import Page

from mcp_server.actor import Actor
from mcp_server.conf import mcp_settings, site_url
from mcp_server.errors import Refused

from .clock import shown as moment
from .finding import readable_draft
from .shapes import admin_url
from .writing import page_revision

SALT = "mcp_server.preview"
MAX_TEXT = 2_800
# HTML's elements that stand within a line.
_INLINE = """
a abbr b bdi bdo cite code data del dfn em i ins kbd label mark q s samp small span strong sub sup
time u var wbr
"""
_WITHIN_LINES = frozenset(_INLINE.split())
# Whoever opens a preview is nobody in particular, whatever else their browser is logged in to.
_PERSONAL = {"HTTP_COOKIE", "HTTP_AUTHORIZATION"}


class Preview(BaseModel):
    """Where a revision can be looked at, and the text that it shows."""

    page_id: int
    revision_id: int
    url: str
    expires_at: str
    other_modes: dict[str, str] | None = None
    compare_url: str | None = None
    text: str


def preview_page(actor: Actor, page_id: int, revision_id: int | None) -> Preview:
    """An address for one revision, the newest by default, bound to the actor's token."""
    page = readable_draft(actor, page_id)
    revision = page_revision(page, revision_id or page.latest_revision_id or 0)
    shown = revision.as_object()
    if not shown.is_previewable():
        raise Refused(f"Pages like {page_id} have no preview. Call get_page_content instead.")
    url = preview_url(actor, page.pk, revision.pk)
    others = [str(mode) for mode, _ in shown.preview_modes if mode != shown.default_preview_mode]
    return Preview(
        page_id=page.pk,
        revision_id=revision.pk,
        url=url,
        expires_at=moment(_expiry(actor)),
        other_modes={mode: f"{url}?mode={mode}" for mode in others} or None,
        compare_url=_compare_url(page, revision.pk),
        text=page_text(render(shown, shown.default_preview_mode, {})),
    )


def preview_url(actor: Actor, page_id: int, revision_id: int) -> str:
    """The signed address; who opens it is shown what this actor may see at that moment."""
    token = actor.token.pk if actor.token else None
    signed = signing.dumps([page_id, revision_id, str(actor.user.pk), token], salt=SALT)
    try:
        return f"{site_url()}{reverse('mcp_server:preview', args=[signed])}"
    except NoReverseMatch:
        raise Refused(
            "This site has no addresses for previews: its developer has to include "
            "mcp_server.urls in the URLconf."
        ) from None


def lifetime() -> timedelta:
    """How long a preview address works."""
    return timedelta(hours=mcp_settings().PREVIEW_HOURS)


def preview_of(actor: Actor, page_id: int, revision_id: int) -> Page:
    """The revision as a page, when this actor may read the page's drafts; else Refused."""
    return page_revision(readable_draft(actor, page_id), revision_id).as_object()


def render(page: Page, mode: str, meta: Mapping[str, Any]) -> HttpResponse:
    """The page through Wagtail's preview machinery, for an anonymous visitor.

    ``meta`` is the ``META`` of the request that asks, if there is one.
    """
    request = HttpRequest()
    request.META = {key: value for key, value in meta.items() if key not in _PERSONAL}
    request.META.setdefault("SERVER_NAME", page._get_fallback_hostname())
    request.META.setdefault("SERVER_PORT", "80")
    if settings.SECURE_PROXY_SSL_HEADER and not meta:
        # Without a request of the site's proxy, a site that insists on HTTPS would redirect.
        name, value = settings.SECURE_PROXY_SSL_HEADER
        request.META.setdefault(name, value)
    answer: HttpResponse = page.make_preview_request(request, mode)
    # Cookies made for nobody would log the person out who opens the preview.
    answer.cookies.clear()
    return answer


def page_text(answer: HttpResponse) -> str:
    """What a rendered page says in its ``<main>``, or in its body; shortened."""
    if answer.status_code != 200:
        return f"(The page answers with status {answer.status_code} instead of its content.)"
    soup = BeautifulSoup(getattr(answer, "content", b""), "html.parser")
    part = soup.find("main") or soup.body or soup
    for hidden in part.find_all(["script", "style", "template", "svg", "noscript"]):
        hidden.decompose()
    for string in part.find_all(string=True):
        # Comments are strings, too, which would become text.
        if type(string) is NavigableString:
            string.replace_with(string.replace("\n", " "))
    for element in part.find_all(True):
        if element.name not in _WITHIN_LINES:
            element.insert_before("\n")
            element.append("\n")
    text = [" ".join(line.split()) for line in part.get_text("").splitlines()]
    lines = "\n".join(line for line in text if line)
    rest = len(lines) - MAX_TEXT
    return f"{lines[:MAX_TEXT]}… ({rest} more characters)" if rest > 0 else lines


def _expiry(actor: Actor) -> Any:
    ends = timezone.now() + lifetime()
    token_ends = actor.token.expires_at if actor.token else None
    return min(ends, token_ends) if token_ends else ends


def _compare_url(page: Page, revision_id: int) -> str | None:
    """Draft and live side by side in the admin."""
    if not page.live:
        return None
    return admin_url("wagtailadmin_pages:revisions_compare", page.pk, "live", revision_id) or None
