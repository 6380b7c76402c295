"""What a group's tools need of their user, to say beforehand that a grant would be of no use."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permissions import policy_registry

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


def superuser(user: "AbstractUser", kind: str) -> Reason | None:
    """A superuser, whatever the kind."""
    return None if user.is_superuser else SUPERUSERS_ONLY


def _may_write(user: "AbstractUser", model: Any) -> bool:
    policy: Any = policy_registry.get_by_type(model)
    return bool(policy.user_has_any_permission(user, {"add", "change"}))
