"""Image and document tools, written against the public api like those of any other app."""

from typing import Any

from mcp_server.api import (
    DOCUMENTS,
    IMAGES,
    Actor,
    Cursor,
    Limit,
    Listing,
    admin_url,
    clean_text,
    edit_image,
    listed,
    tool,
    visible_documents,
    visible_images,
)

from .library import (
    Orientation,
    focal_fields,
    narrowed,
    one_image,
    renditions_of,
)
from .parameters import (
    Alt,
    Data,
    FocalPoint,
    ImageId,
    NewAlt,
    NewTitle,
    Renditions,
    Side,
    Title,
    Url,
)
from .places import matching, place_for, placed, tag_text
from .previews import preview as small_preview
from .shapes import (
    DocumentItem,
    DocumentSummary,
    ImageDetail,
    ImageItem,
    ImageSummary,
    Rendition,
    UploadAddress,
    focal_point,
)
from .tickets import ticket_for
from .uploads import DOCUMENT, IMAGE, Prepared, store_document, store_image


@tool(IMAGES, kind="read")
def search_images(
    actor: Actor,
    query: str = "",
    collection: str | None = None,
    tag: str | None = None,
    min_width: Side = 0,
    min_height: Side = 0,
    orientation: Orientation | None = None,
    missing_alt: bool = False,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Listing[ImageItem]:
    """Find images by words and filters."""
    images = placed(actor, visible_images(actor), collection, tag)
    found = narrowed(images, min_width, min_height, orientation, missing_alt)
    return listed(matching(found, query), ImageItem.of, limit, cursor)


@tool(IMAGES, kind="read")
def get_image(
    actor: Actor,
    image_id: ImageId,
    renditions: Renditions = ["width-800"],  # noqa: B006 - never changed; shows as the default
    preview: bool = False,
) -> ImageDetail:
    """One image with the addresses and sizes of renditions. preview shows you the picture."""
    image = one_image(actor, image_id)
    made = renditions_of(image, renditions)
    detail = ImageDetail.of(
        image,
        renditions={spec: Rendition.of(found) for spec, found in made.items()},
        focal_point=focal_point(image),
        edit_url=admin_url("wagtailimages:edit", image.pk),
    )
    return detail.showing(small_preview(image) if preview else None)


def _read_image(
    actor: Actor,
    url: str | None = None,
    data: str | None = None,
    filename: str | None = None,
    **_: Any,
) -> dict[str, Any]:
    return {"file": IMAGE.prepared(actor, url, data, filename)}


@tool(IMAGES, kind="draft", prepare=_read_image, once=True)
def upload_image(
    actor: Actor,
    title: Title,
    url: Url = None,
    data: Data = None,
    filename: str | None = None,
    alt: Alt = "",
    collection: str | None = None,
    tags: list[str] = [],  # noqa: B006 - never changed; [] shows as the default
    *,
    file: Prepared | None = None,
) -> ImageSummary | UploadAddress:
    """Add a picture (JPEG, PNG, GIF, WebP) from url or data. With neither you get an upload_url to
    PUT a file to."""
    file = file or IMAGE.prepared(actor, url, data, filename)
    if file is None:
        fields = {"title": title, "alt": alt, "collection": collection, "tags": tags}
        return ticket_for(actor, "upload_image", {**fields, "filename": filename})
    return store_image(actor, file, title, alt, collection, tags)


@tool(IMAGES, kind="draft")
def update_image(
    actor: Actor,
    image_id: ImageId,
    title: NewTitle = None,
    alt: NewAlt = None,
    tags: list[str] | None = None,
    collection: str | None = None,
    focal_point: FocalPoint = None,
) -> ImageSummary:
    """Change an image's title, alt text, tags, collection or focal point."""
    image = one_image(actor, image_id)
    fields: dict[str, Any] = {}
    if title is not None:
        fields["title"] = clean_text(title)
    if alt is not None:
        fields["description"] = clean_text(alt)
    if tags is not None:
        fields["tags"] = tag_text(tags)
    if collection is not None and collection.lower() != image.collection.name.lower():
        fields["collection"] = place_for(actor, type(image), collection).pk
    if focal_point is not None:
        fields |= focal_fields(image, focal_point)
    edited = edit_image(actor, image, fields)
    answer = ImageSummary.of(edited.image, warnings=edited.warnings or None)
    return answer.about(edited.image if edited.undo else None, **edited.undo)


@tool(DOCUMENTS, kind="read")
def search_documents(
    actor: Actor,
    query: str = "",
    collection: str | None = None,
    tag: str | None = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Listing[DocumentItem]:
    """Find documents by words, collection and tag."""
    found = placed(actor, visible_documents(actor), collection, tag)
    return listed(matching(found, query), DocumentItem.of, limit, cursor)


def _read_document(
    actor: Actor,
    url: str | None = None,
    data: str | None = None,
    filename: str | None = None,
    **_: Any,
) -> dict[str, Any]:
    return {"file": DOCUMENT.prepared(actor, url, data, filename)}


@tool(DOCUMENTS, kind="draft", prepare=_read_document, once=True)
def upload_document(
    actor: Actor,
    title: Title,
    url: Url = None,
    data: Data = None,
    filename: str | None = None,
    collection: str | None = None,
    tags: list[str] = [],  # noqa: B006 - never changed; [] shows as the default
    *,
    file: Prepared | None = None,
) -> DocumentSummary | UploadAddress:
    """Add a document from url or data (then with filename). With neither you get an upload_url to
    PUT a file to."""
    file = file or DOCUMENT.prepared(actor, url, data, filename)
    if file is None:
        fields = {"title": title, "collection": collection, "tags": tags}
        return ticket_for(actor, "upload_document", {**fields, "filename": filename})
    return store_document(actor, file, title, collection, tags)
