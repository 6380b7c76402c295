"""The image library as one actor sees it."""

from typing import Any, Literal

from django.db import IntegrityError
from django.db.models import F, Q, QuerySet
from wagtail.images import get_image_model
from wagtail.images.forms import get_image_form

from mcp_server.api import (
    Actor,
    Refused,
    clean_text,
    mcp_settings,
    rendition_filters,
    visible_images,
)

from .pictures import CleanPicture
from .places import MAX_ID, tag_text
from .storing import check_fields, one_at_a_time, stored, twin

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
        raise _missing(image_id)
    return image


def _missing(image_id: int) -> Refused:
    return Refused(f"No image {image_id} here. Call search_images to find it.")


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
    try:
        made: dict[str, Any] = image.get_renditions(*specs) if specs else {}
    except (IntegrityError, OSError):
        # Somebody may delete the image while it is being scaled.
        if type(image).objects.filter(pk=image.pk).exists():
            raise
        raise _missing(image.pk) from None
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
    fields = _fields(title, alt, place, tags)
    stem = (filename or title).rsplit("/", 1)[-1].rsplit(".", 1)[0]
    form_class = get_image_form(get_image_model())
    return stored(actor, form_class, picture.content, f"{stem}.{picture.extension}", fields)


def check_image_fields(actor: Actor, title: str, alt: str, place: Any, tags: list[str]) -> None:
    """Refuse now what ``add_image`` would refuse, whatever the file."""
    check_fields(actor, get_image_form(get_image_model()), _fields(title, alt, place, tags))


def _fields(title: str, alt: str, place: Any, tags: list[str]) -> dict[str, Any]:
    return {
        "title": clean_text(title),
        "description": clean_text(alt),
        "collection": place.pk,
        "tags": tag_text(tags),
    }


def focal_fields(image: Any, focal_point: list[int]) -> dict[str, Any]:
    """Form fields for ``[x, y]`` or ``[x, y, width, height]`` in pixels; ``[]`` takes it away."""
    names = ("focal_point_x", "focal_point_y", "focal_point_width", "focal_point_height")
    if not focal_point:
        return dict.fromkeys(names)
    if len(focal_point) not in (2, 4):
        raise Refused("focal_point: [x, y] or [x, y, width, height] in pixels, or [].")
    x, y, width, height = [*focal_point, 1, 1][:4]
    inside = 0 <= x <= image.width and 0 <= y <= image.height
    if not (inside and 0 < width <= image.width and 0 < height <= image.height):
        raise Refused(
            f"focal_point: outside the image (it is {image.width} x {image.height} pixels; "
            "x and y are the middle)."
        )
    return dict(zip(names, (x, y, width, height), strict=True))
