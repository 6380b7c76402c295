"""Which paths may be redirected, and how Wagtail has to know them to find them again."""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.encoding import escape_uri_path, iri_to_uri
from wagtail.models import Site

from mcp_server.actor import Actor
from mcp_server.errors import Invalid, Refused

from .redirect_routes import place_of, site_at


def stored_path(model: Any, old_path: str) -> str:
    """The path as Wagtail looks it up; refuses what no visitor's request would ever match."""
    text = old_path.strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        raise Invalid([("old_path", "not a path (for example: /old-page/)")]) from None
    if (parts.scheme or parts.netloc) and site_at(text) is None:
        raise Invalid([("old_path", "not on this site (allowed: a path such as /old-page/)")])
    if parts.fragment:
        raise Invalid([("old_path", "browsers never send what follows #; leave it out")])
    path = unquote(parts.path)
    if not path.startswith("/"):
        path = f"/{path}"
    if path.startswith("//") or {".", ".."} & set(path.split("/")):
        raise Invalid([("old_path", "browsers never send //, . or .. there; give the plain path")])
    # As Django hands it to the middleware: there a space is %20, whichever way it was written.
    query = f"?{iri_to_uri(parts.query)}" if parts.query else ""
    return str(model.normalise_path(escape_uri_path(path) + query))


def refuse_elsewhere(actor: Actor, model: Any, path: str, site: Site | None) -> None:
    """A token that is limited to a page takes over no address outside of it."""
    if actor.root_page is None:
        return
    site_id, root = place_of(actor.root_page)
    above = model.normalise_path(root).rstrip("/") if root is not None else None
    plain = path.partition("?")[0]
    if above is None or not f"{plain}/".startswith(f"{above}/"):
        raise Refused(
            f"This token is limited to page {actor.root_page.pk}: give an old_path below "
            f"{root or 'that page, once it has an address'}."
        )
    if site_id != (site.pk if site else None) and (site or Site.objects.count() > 1):
        raise Refused(
            f"This token is limited to page {actor.root_page.pk}: pass site_id {site_id}."
        )
