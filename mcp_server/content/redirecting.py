"""Making redirects through Wagtail's own form, and taking them back."""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from wagtail.actions.create import CreateAction
from wagtail.actions.delete import DeleteAction
from wagtail.models import Page, Site
from wagtail.permissions import policy_registry

from mcp_server.actor import Actor
from mcp_server.errors import Invalid, Refused

from .finding import MAX_ID, visible_page, visible_pages
from .problems import form_problems
from .redirect_paths import refuse_elsewhere, stored_path
from .redirect_routes import answered_otherwise, leads_back, page_served, site_at
from .redirects import (
    RedirectItem,
    purge,
    redirect_item,
    redirect_model,
    shown_target,
    visible_redirects,
)

# Our parameters by the names that Wagtail's form gives them.
_NAMES = {"redirect_page": "page_id", "redirect_link": "url", "site": "site_id"}
# What a person may change of a redirect.
_KEPT = (
    "old_path",
    "site_id",
    "is_permanent",
    "redirect_page_id",
    "redirect_page_route_path",
    "redirect_link",
)


@transaction.atomic
def create_redirect(
    actor: Actor,
    old_path: str,
    page_id: int | None,
    url: str | None,
    permanent: bool,
    site_id: int | None,
) -> RedirectItem:
    """A redirect from a path on which no page answers; in force at once."""
    model = redirect_model(actor, "add")
    page, link = _target(actor, page_id, url)
    site = _site(site_id, old_path)
    path = stored_path(model, old_path)
    refuse_elsewhere(actor, model, path, site)
    _take_turns()
    form = _form(actor, model, {
        "old_path": path,
        "site": site.pk if site else "",
        "is_permanent": permanent,
        "redirect_page": page.pk if page else "",
        "redirect_link": link,
    })  # fmt: skip
    _refuse_useless(actor, form.instance)
    made = CreateAction(form.instance, user=actor.user, form=form).execute()
    purge(made)
    shown = visible_redirects(actor).get(pk=made.pk)
    warnings = [] if page is None or page.live else [_not_live(page)]
    return redirect_item(shown, warnings).about(made, redirect=_as_made(made))


def withdraw(actor: Actor, redirect: Any, as_made: dict[str, Any]) -> Callable[[], None]:
    """What removes a redirect that was made through MCP; refuses one that was changed since."""
    if _as_made(redirect) != as_made:
        raise Refused(f"Redirect {redirect.pk} stays: it was changed after it was made.")
    if not actor.may_use("create_redirect"):
        raise Refused("Removing a redirect needs create_redirect, which this token lacks.")
    policy = policy_registry.get_by_type(type(redirect))
    if not policy.user_has_permission_for_instance(actor.user, "delete", redirect):
        raise Refused(f"This user may not delete redirect {redirect.pk}.")

    def step() -> None:
        purge(redirect)
        DeleteAction(redirect, user=actor.user).execute()

    return step


def _target(actor: Actor, page_id: int | None, url: str | None) -> tuple[Page | None, str]:
    link = (url or "").strip()
    if (page_id is None) == (not link):
        raise Refused("Give page_id or url, one of them: where should the old path lead?")
    if page_id is not None:
        return visible_page(actor, page_id), ""
    if actor.root_page:
        raise Refused(f"This token is limited to page {actor.root_page.pk}: give a page_id there.")
    if not link.lower().startswith(("https://", "http://")):
        problem = "not a web address (allowed: https://… or http://…; a page of this site: page_id)"
        raise Invalid([("url", problem)])
    return None, link


def _site(site_id: int | None, old_path: str) -> Site | None:
    if site_id is None:
        # A full address names one of the sites.
        return site_at(old_path) if "//" in old_path and Site.objects.count() > 1 else None
    site = Site.objects.filter(pk=site_id).first() if site_id <= MAX_ID else None
    if site is None:
        raise Refused(f"No site {site_id} here. Call list_sites, or leave it out for all sites.")
    return site


def _take_turns() -> None:
    """The database knows no unique path for redirects of all sites, so two calls at once wait."""
    # Rows that refer to a site only have to find it there; they need not wait for us.
    no_key = connection.features.has_select_for_no_key_update
    list(Site.objects.select_for_update(no_key=no_key).order_by("pk").values_list("pk"))


def _form(actor: Actor, model: Any, data: dict[str, Any]) -> Any:
    # Not at the top of the module: the app may be missing.
    from wagtail.contrib.redirects.forms import RedirectForm

    _refuse_twice(actor, model, data["old_path"], data["site"] or None)
    form = RedirectForm(data, instance=model(), for_user=actor.user)
    if not form.is_valid():
        problems = form_problems(form)
        raise Invalid((_NAMES.get(name, name), message) for name, message in problems)
    return form


def _refuse_twice(actor: Actor, model: Any, path: str, site_id: int | None) -> None:
    found = model.objects.filter(old_path=path, site_id=site_id).first()
    if found is None:
        return
    shown = visible_redirects(actor).filter(pk=found.pk).first()
    where = f" to {shown_target(shown)} (redirect {shown.pk})" if shown else ""
    raise Refused(f"{path} redirects{where} already. A person can change it in the Wagtail admin.")


def _refuse_useless(actor: Actor, redirect: Any) -> None:
    if answered_otherwise(redirect.old_path):
        raise Refused(
            f"{redirect.old_path} is not a path for pages: another part of the site answers "
            "there. Choose a path at which a page could be."
        )
    sites = Site.objects.select_related("root_page")
    if redirect.site_id:
        sites = sites.filter(pk=redirect.site_id)
    # Of several sites, one without a page there is enough for the redirect to be of use.
    served = [page_served(site, redirect.old_path) for site in sites]
    if served and None not in served:
        page = next(page for page in served if page)
        name = f"page {page.pk}" if visible_pages(actor).filter(pk=page.pk) else "a page"
        raise Refused(
            f"At {redirect.old_path} visitors see {name}, so a redirect would never work. "
            "Move or unpublish that page first."
        )
    if leads_back(redirect):
        raise Refused(
            f"From {redirect.old_path} visitors would come back to where they started. "
            "Give another target."
        )


def _not_live(page: Page) -> str:
    return f"Page {page.pk} is not published: until it is, visitors who follow this find nothing."


def _as_made(redirect: Any) -> dict[str, Any]:
    return {name: getattr(redirect, name) for name in _KEPT}
