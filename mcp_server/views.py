"""The public preview: what the holder of a signed address gets to see, and no longer than that."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_template
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe
from wagtail.models import Page

from .actor import Actor
from .conf import require_auth
from .content import previewing
from .errors import Refused
from .models import MCPToken

TOOL = "preview_page"


@require_safe
def preview(request: HttpRequest, signed: str) -> HttpResponse:
    """The revision that the address was made for; 410 when it ended, 404 when it is not ours."""
    try:
        named = signing.loads(signed, salt=previewing.SALT, max_age=previewing.lifetime())
    except signing.SignatureExpired:
        return _sealed(_gone(request, 410))
    except signing.BadSignature:
        return _sealed(_gone(request, 404))
    page = _page(*named)
    return _sealed(_shown(request, page) if page else _gone(request, 410))


def _page(page_id: int, revision_id: int, user_id: Any, token_id: int | None) -> Page | None:
    """The page as its maker may see it now; None when they may not any more."""
    actor = _actor(user_id, token_id)
    if actor is None:
        return None
    try:
        return previewing.preview_of(actor, page_id, revision_id)
    except Refused:
        return None


def _actor(user_id: Any, token_id: int | None) -> Actor | None:
    if token_id is None:
        # Made while the site served without authentication, which it may have left behind.
        user = get_user_model().objects.filter(pk=user_id, is_active=True).first()
        return Actor(user) if user is not None and not require_auth() else None
    token = MCPToken.objects.select_related("user").filter(pk=token_id, user=user_id).first()
    if token is None or not token.is_valid or not token.can_use_tool(TOOL):
        return None
    return Actor(token.user, token)


def _shown(request: HttpRequest, page: Page) -> HttpResponse:
    modes = [name for name, _ in page.preview_modes]
    if not modes:
        return _gone(request, 410)
    wanted = request.GET.get("mode", "")
    mode = wanted if wanted in modes else page.default_preview_mode
    return previewing.render(page, mode, request.META)


def _gone(request: HttpRequest, status: int) -> HttpResponse:
    return render_template(
        request, "mcp_server/preview_gone.html", {"expired": status == 410}, status=status
    )


def _sealed(answer: HttpResponse) -> HttpResponse:
    """A draft is kept by nobody: no search engine, no cache, and no site that it links to."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer.headers["Referrer-Policy"] = "no-referrer"
    add_never_cache_headers(answer)
    return answer
