"""The ways a file takes into the library: read and checked first, then stored in a transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Model
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from mcp_server.api import Actor, Change, mcp_settings

from .documents import add_document, check_document_fields, checked, same_document
from .fetching import Fetched
from .library import add_image, check_image_fields, same_image
from .pictures import CleanPicture, clean_picture
from .places import place_for, places_of
from .shapes import DocumentSummary, ImageSummary
from .sources import received

TWIN = (
    "This file is in the library already (id {id}), so nothing was stored; title, "
    "{kept} and tags are those of before."
)


@dataclass(frozen=True)
class Prepared:
    """A file that may be stored; ``picture`` is what is stored of an image."""

    file: Fetched
    picture: CleanPicture | None = None


@dataclass(frozen=True)
class Upload:
    """One kind of file: its limit, and what is done before and inside the transaction."""

    model: Callable[[], type[Model]]
    max_bytes: Callable[[], int]
    check: Callable[[Fetched], Prepared]
    store: Callable[..., Change]
    # Given the fields of a ticket: refuses what storing would refuse later.
    check_fields: Callable[..., None]

    def prepared(
        self, actor: Actor, url: str | None, data: str | None, filename: str | None
    ) -> Prepared | None:
        """The file that a call brought or named, checked; None when it did neither."""
        # Nobody makes the server fetch or decode what they may not store.
        places_of(actor, self.model())
        file = received(url, data, filename, self.max_bytes())
        return self.check(file) if file is not None else None


def check_image(file: Fetched) -> Prepared:
    """The picture drawn anew."""
    return Prepared(file, clean_picture(file.content))


def check_document(file: Fetched) -> Prepared:
    """The document, which is what its name says."""
    return Prepared(checked(file))


def store_image(
    actor: Actor, prepared: Prepared, title: str, alt: str, collection: str | None, tags: list[str]
) -> ImageSummary:
    """The image in the library, or its twin that is there already."""
    place = place_for(actor, get_image_model(), collection)
    picture = prepared.picture or clean_picture(prepared.file.content)
    found = same_image(actor, prepared.file.content, picture)
    if found is not None:
        return ImageSummary.of(found, warnings=[TWIN.format(id=found.pk, kept="alt text")])
    image = add_image(actor, picture, prepared.file.filename, title, alt, place, tags)
    return ImageSummary.of(image).about(image, created=True)


def store_document(
    actor: Actor, prepared: Prepared, title: str, collection: str | None, tags: list[str]
) -> DocumentSummary:
    """The document in the library, or its twin that is there already."""
    place = place_for(actor, get_document_model(), collection)
    found = same_document(actor, prepared.file)
    if found is not None:
        return DocumentSummary.of(found, warnings=[TWIN.format(id=found.pk, kept="collection")])
    document = add_document(actor, prepared.file, title, place, tags)
    return DocumentSummary.of(document).about(document, created=True)


def check_image_ticket(
    actor: Actor,
    title: str,
    alt: str,
    collection: str | None,
    tags: list[str],
    filename: str | None = None,
) -> None:
    """Refuse a ticket through which no image could come in."""
    place = place_for(actor, get_image_model(), collection)
    check_image_fields(actor, title, alt, place, tags)


def check_document_ticket(
    actor: Actor, title: str, collection: str | None, tags: list[str], filename: str | None = None
) -> None:
    """Refuse a ticket through which no document could come in."""
    place = place_for(actor, get_document_model(), collection)
    check_document_fields(actor, filename, title, place, tags)


def image_bytes() -> int:
    """The most bytes that an image file may have."""
    # Wagtail's own default where the setting is not there; None is no limit.
    return _least(getattr(settings, "WAGTAILIMAGES_MAX_UPLOAD_SIZE", 10 * 1024 * 1024))


def document_bytes() -> int:
    """The most bytes that a document may have."""
    return _least(getattr(settings, "WAGTAILDOCS_MAX_UPLOAD_SIZE", None))


def _least(wagtails: Any) -> int:
    own = mcp_settings().MAX_UPLOAD
    return own if wagtails is None else min(own, int(wagtails))


IMAGE = Upload(get_image_model, image_bytes, check_image, store_image, check_image_ticket)
DOCUMENT = Upload(
    get_document_model, document_bytes, check_document, store_document, check_document_ticket
)
# By the tool that issues the tickets.
UPLOADS = {"upload_image": IMAGE, "upload_document": DOCUMENT}
