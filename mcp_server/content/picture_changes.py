"""Changing what the library says of an image: what visitors see of it, and the way back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from wagtail.actions.edit import EditAction
from wagtail.images import get_image_model
from wagtail.images.forms import get_image_form
from wagtail.models import Page, ReferenceIndex
from wagtail.permissions import policy_registry

from mcp_server.actor import Actor
from mcp_server.errors import Invalid, Refused
from mcp_server.models import MCPCall

from .references import visible_images

SAME = "Nothing differs from what is there; not saved."
_POINT = ("focal_point_x", "focal_point_y", "focal_point_width", "focal_point_height")


@dataclass(frozen=True)
class EditedImage:
    """The image after a change, what to tell about it, and what undoing it will need."""

    image: Any
    warnings: list[str]
    undo: dict[str, Any]


@transaction.atomic
def edit_image(actor: Actor, image: Any, fields: dict[str, Any]) -> EditedImage:
    """The image with these form fields changed, the others as they are."""
    _lock(type(image), image.pk)
    image.refresh_from_db()
    before = _state(image)
    form, warnings = _checked(actor, image, fields)
    if not form.has_changed():
        return EditedImage(image, [SAME], {})
    saved = EditAction(form.instance, user=actor.user, form=form).execute()
    after = _state(saved)
    changed = [name for name, value in before.items() if after[name] != value]
    undo = {"before": _only(before, changed), "after": _only(after, changed)}
    return EditedImage(saved, warnings, {"image": undo})


def restore_image(actor: Actor, call: MCPCall) -> Callable[[], Any]:
    """What bringing the values before a change back takes; raises Refused."""
    _restoring(actor, call)

    def step() -> Any:
        # Once more, on a row that nobody else can change any longer.
        _lock(get_image_model(), call.object_id)
        form = _restoring(actor, call)
        return EditAction(form.instance, user=actor.user, form=form).execute()

    return step


def _lock(model: Any, key: Any) -> None:
    """Keep others from writing the image until the transaction ends."""
    model._base_manager.select_for_update().filter(pk=key).values_list("pk").first()


def _restoring(actor: Actor, call: MCPCall) -> Any:
    image = visible_images(actor).filter(pk=call.object_id).first()
    if image is None:
        raise Refused(f"{call.object_title} is not there any more.")
    kept, now = call.data["image"], _state(image)
    if _only(now, kept["after"]) != kept["after"]:
        raise Refused(f"{call.object_title} stays: it was changed after this.")
    return _checked(actor, image, _fields(kept["before"]))[0]


def _checked(actor: Actor, image: Any, fields: dict[str, Any]) -> tuple[Any, list[str]]:
    """A valid form for these fields, and what to tell; the image has the new values then."""
    policy: Any = policy_registry.get_by_type(type(image))
    if not policy.user_has_permission_for_instance(actor.user, "change", image):
        raise Refused(
            f"This user may use image {image.pk}, but not change it. "
            "An admin can give that permission for its collection."
        )
    before = _seen(image)
    form_class = get_image_form(type(image), fields=list(fields))
    data = {"collection": image.collection_id, **fields}
    form = form_class(data, instance=image, user=actor.user)
    if not form.is_valid():
        raise Invalid((name, " ".join(messages)) for name, messages in form.errors.items())
    return form, _refuse_publishing(actor, image) if _seen(image) != before else []


def _refuse_publishing(actor: Actor, image: Any) -> list[str]:
    """An image has no drafts, so a change of one that is in use is a publication."""
    pages, others = _uses(image)
    if not others and not pages.exists():
        return []
    why = f"Image {image.pk} is used on live pages or by other content, which visitors see"
    if not actor.may_use("publish_page"):
        raise Refused(
            f"{why}: this would change at once. A token with the Publishing tools, or a person in "
            "the Wagtail admin, can change it."
        )
    root = actor.root_page
    if root and (others or pages.not_descendant_of(root, inclusive=True).exists()):
        raise Refused(
            f"{why}, also outside page {root.pk}, to which this token is limited. Use a token "
            "without that limit, or ask a person to change it in the Wagtail admin."
        )
    return [f"Visible to visitors at once: image {image.pk} is in use."]


def _uses(image: Any) -> tuple[Any, bool]:
    """The live pages with this image, and whether anything but a page has it."""
    page_type = ContentType.objects.get_for_model(Page).pk
    used = ReferenceIndex.get_references_to(image)
    keys = used.filter(base_content_type=page_type).values_list("object_id", flat=True)
    pages = Page.objects.live().filter(pk__in=[int(key) for key in keys.distinct()])
    return pages, used.exclude(base_content_type=page_type).exists()


def _seen(image: Any) -> tuple[Any, ...]:
    """What of the image visitors get: its words, what crops keep, and who may see it."""
    private = image.collection.get_view_restrictions().order_by("pk")
    words = (image.default_alt_text, getattr(image, "description", ""))
    return (*words, *_point(image), *private.values_list("pk", flat=True))


def _state(image: Any) -> dict[str, Any]:
    """What a change may touch, in the tool's words, as JSON."""
    return {
        "title": image.title,
        "alt": image.description,
        "tags": sorted(image.tags.names()),
        "collection_id": image.collection_id,
        "focal_point": _point(image),
    }


def _fields(state: dict[str, Any]) -> dict[str, Any]:
    """The form fields that hold this state."""
    names = {"title": "title", "alt": "description", "collection_id": "collection"}
    fields = {names[name]: value for name, value in state.items() if name in names}
    if "tags" in state:
        fields["tags"] = ", ".join(f'"{tag}"' for tag in state["tags"])
    if "focal_point" in state:
        fields |= dict(zip(_POINT, state["focal_point"], strict=True))
    return fields


def _point(image: Any) -> list[int | None]:
    return [getattr(image, name) for name in _POINT]


def _only(state: dict[str, Any], names: Any) -> dict[str, Any]:
    return {name: state[name] for name in names}
