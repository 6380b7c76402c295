"""The image library as one actor sees it."""

from typing import Any, Literal

from django.db.models import F, Q, QuerySet
from wagtail.actions.edit import EditAction
from wagtail.images import get_image_model
from wagtail.images.forms import get_image_form

from mcp_server.api import (
    Actor,
    Invalid,
    Refused,
    clean_text,
    mcp_settings,
    rendition_filters,
    visible_images,
)

from .pictures import CleanPicture
from .places import MAX_ID, may_change, tag_text
from .storing import one_at_a_time, stored, twin

MAX_SIDE = 1_000_000
Orientation = Literal["landscape", "portrait", "square"]
_ORIENTATIONS = {
    "landscape": Q(width__gt=F("height")),
    "portrait": Q(width__lt=F("height")),
    "square": Q(width=F("height")),
}


def narrowed(
    images: "QuerySet[Any]",
    min_width: int,
    min_height: int,
    orientation: Orientation | None,
    missing_alt: bool,
) -> "QuerySet[Any]":
    """Those of ``images`` of this size and shape; ``missing_alt``: only those without alt text."""
    # No picture is larger, and a database has no place for any number.
    width, height = (min(side, MAX_SIDE) for side in (min_width, min_height))
    images = images.filter(width__gte=max(width, 0), height__gte=max(height, 0))
    if orientation:
        images = images.filter(_ORIENTATIONS[orientation])
    if missing_alt:
        images = images.filter(description="")
    return images


def one_image(actor: Actor, image_id: int) -> Any:
    """A visible image; a missing and a forbidden one are refused with the same words."""
    image = None
    if image_id <= MAX_ID:
        image = visible_images(actor).filter(pk=image_id).select_related("collection").first()
    if image is None:
        raise Refused(f"No image {image_id} here. Call search_images to find it.")
    return image


def renditions_of(image: Any, specs: list[str]) -> dict[str, Any]:
    """Renditions by filter, made when they are missing; only filters of the allowlist."""
    allowed = rendition_filters()
    unknown = [spec for spec in specs if spec not in allowed]
    if unknown:
        shown = clean_text(unknown[0])[:40]
        raise Refused(f"renditions: no filter {shown!r} (allowed: {', '.join(allowed)}).")
    if specs and image.width * image.height > mcp_settings().MAX_IMAGE_PIXELS:
        raise Refused(
            f"Image {image.pk} is too large to be scaled here ({image.width} x {image.height} "
            "pixels). Call with renditions=[]."
        )
    made: dict[str, Any] = image.get_renditions(*specs) if specs else {}
    return made


def same_image(actor: Actor, original: bytes, picture: CleanPicture) -> Any | None:
    """The picture that the library has already, if this actor may see it."""
    one_at_a_time()
    return twin(
        visible_images(actor),
        (original, picture.content),
        width=picture.width,
        height=picture.height,
    )


def add_image(
    actor: Actor,
    picture: CleanPicture,
    filename: str,
    title: str,
    alt: str,
    place: Any,
    tags: list[str],
) -> Any:
    """A new image in this collection."""
    fields = {
        "title": clean_text(title),
        "description": clean_text(alt),
        "collection": place.pk,
        "tags": tag_text(tags),
    }
    stem = (filename or title).rsplit("/", 1)[-1].rsplit(".", 1)[0]
    form_class = get_image_form(get_image_model())
    return stored(actor, form_class, picture.content, f"{stem}.{picture.extension}", fields)


def change_image(actor: Actor, image: Any, fields: dict[str, Any]) -> Any:
    """The image with these form fields changed, the others as they are."""
    if not may_change(actor, image):
        raise Refused(
            f"This user may use image {image.pk}, but not change it. "
            "An admin can give that permission for its collection."
        )
    form_class = get_image_form(type(image), fields=list(fields))
    data = {"collection": image.collection_id, **fields}
    form = form_class(data, instance=image, user=actor.user)
    if not form.is_valid():
        raise Invalid((name, " ".join(messages)) for name, messages in form.errors.items())
    return EditAction(form.instance, user=actor.user, form=form).execute()


def focal_fields(image: Any, focal_point: list[int]) -> dict[str, Any]:
    """Form fields for ``[x, y]`` or ``[x, y, width, height]`` in pixels; ``[]`` takes it away."""
    names = ("focal_point_x", "focal_point_y", "focal_point_width", "focal_point_height")
    if not focal_point:
        return dict.fromkeys(names)
    if len(focal_point) not in (2, 4):
        raise Refused("focal_point: [x, y] or [x, y, width, height] in pixels, or [].")
    x, y, width, height = [*focal_point, 1, 1][:4]
    if not (0 <= x <= image.width and 0 <= y <= image.height and width > 0 and height > 0):
        raise Refused(
            f"focal_point: outside the image (it is {image.width} x {image.height} pixels)."
        )
    values = (x, y, min(width, image.width), min(height, image.height))
    return dict(zip(names, values, strict=True))
