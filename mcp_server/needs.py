"""What a group's tools need of their user, to say beforehand that a grant would be of no use."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permissions import policy_registry
from wagtail.snippets.models import get_snippet_models

from .conf import is_hidden_snippet

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser

Reason = str | Promise
# The reason why this user could never use a tool of this kind; None when they may.
Needs = Callable[["AbstractUser", str], Reason | None]

NO_PAGES = _("This user has no permission on any page.")
NO_WRITING = _("This user may not add or edit any page.")
NO_PUBLISHING = _("This user may not publish any page.")
NO_IMAGES = _("This user may not add or change any image.")
NO_DOCUMENTS = _("This user may not add or change any document.")
NO_SNIPPETS = _("This user has no permission on any type of snippet.")
NO_SNIPPET_WRITING = _("This user may not add or change any snippet.")
NO_REDIRECTS = _("This site has no redirects: wagtail.contrib.redirects is not installed.")
NO_REDIRECT_RIGHTS = _("This user has no permission on redirects.")
NO_ADDING_REDIRECTS = _("This user may not add redirects.")
ONE_LANGUAGE = _("This site has one language: WAGTAIL_I18N_ENABLED is not set.")
NO_TRANSLATING = _("This user may not submit translations.")
NO_CHANGES = _("This user may not change anything, so there is nothing to undo.")
SUPERUSERS_ONLY = _("For superusers only.")


def pages(user: "AbstractUser", kind: str) -> Reason | None:
    """Page permissions: any to read, add or change to write."""
    policy: Any = PagePermissionPolicy()
    if not policy.user_has_any_permission(user, {"add", "change", "publish", "lock", "unlock"}):
        return NO_PAGES
    if kind != "read" and not policy.user_has_any_permission(user, {"add", "change", "publish"}):
        return NO_WRITING
    return None


def publishing(user: "AbstractUser", kind: str) -> Reason | None:
    """Page permissions: publish for everything that visitors would see."""
    policy: Any = PagePermissionPolicy()
    if kind != "read" and not policy.user_has_permission(user, "publish"):
        return NO_PUBLISHING
    return pages(user, kind)


def images(user: "AbstractUser", kind: str) -> Reason | None:
    """Add or change on some collection, to write."""
    return None if kind == "read" or _may_write(user, get_image_model()) else NO_IMAGES


def documents(user: "AbstractUser", kind: str) -> Reason | None:
    """Add or change on some collection, to write."""
    return None if kind == "read" or _may_write(user, get_document_model()) else NO_DOCUMENTS


def snippets(user: "AbstractUser", kind: str) -> Reason | None:
    """Any permission on some type of snippet to read; add or change to write."""
    models = [model for model in get_snippet_models() if not is_hidden_snippet(model._meta.label)]
    if any(_may_write(user, model) for model in models):
        return None
    if kind == "read" and any(_may(user, model, {"view", "delete"}) for model in models):
        return None
    return NO_SNIPPETS if kind == "read" else NO_SNIPPET_WRITING


def redirects(user: "AbstractUser", kind: str) -> Reason | None:
    """The app for redirects; any permission on them to read, add to write."""
    if not redirects_installed():
        return NO_REDIRECTS
    model = apps.get_model("wagtailredirects", "Redirect")
    if kind != "read":
        return None if _may(user, model, {"add"}) else NO_ADDING_REDIRECTS
    seen = _may(user, model, {"view", "add", "change", "delete"})
    return None if seen else NO_REDIRECT_RIGHTS


def translations(user: "AbstractUser", kind: str) -> Reason | None:
    """More than one language; page permissions; to write, what Wagtail asks of translators."""
    if not several_languages():
        return ONE_LANGUAGE
    if kind != "read" and not user.has_perm("simple_translation.submit_translation"):
        return NO_TRANSLATING
    return pages(user, kind)


def changes(user: "AbstractUser", kind: str) -> Reason | None:
    """The right to write anything that a tool may have written, to undo it."""
    writing = (pages, images, documents, snippets, redirects)
    if kind == "read" or any(need(user, kind) is None for need in writing):
        return None
    return NO_CHANGES


def redirects_installed() -> bool:
    return apps.is_installed("wagtail.contrib.redirects")


def several_languages() -> bool:
    return bool(getattr(settings, "WAGTAIL_I18N_ENABLED", False))


def superuser(user: "AbstractUser", kind: str) -> Reason | None:
    """A superuser, whatever the kind."""
    return None if user.is_superuser else SUPERUSERS_ONLY


def _may_write(user: "AbstractUser", model: Any) -> bool:
    return _may(user, model, {"add", "change"})


def _may(user: "AbstractUser", model: Any, actions: set[str]) -> bool:
    policy: Any = policy_registry.get_by_type(model)
    return bool(policy.user_has_any_permission(user, actions))
