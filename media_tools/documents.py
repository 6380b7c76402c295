"""The document library as one actor sees it."""

from typing import Any

from wagtail.documents import get_document_model
from wagtail.documents.forms import get_document_form

from mcp_server.api import Actor, clean_text, visible_documents

from .doctypes import check_content, check_type
from .fetching import Fetched
from .places import tag_text
from .storing import check_fields, one_at_a_time, stored, twin


def checked(file: Fetched) -> Fetched:
    """The file, which is what its name says and of a type that may be stored."""
    check_content(check_type(file.filename), file.content)
    return file


def same_document(actor: Actor, file: Fetched) -> Any | None:
    """The document that the library has already, if this actor may see it."""
    one_at_a_time()
    return twin(visible_documents(actor), (file.content,), file_size=len(file.content))


def add_document(actor: Actor, file: Fetched, title: str, place: Any, tags: list[str]) -> Any:
    """A new document in this collection."""
    filename = file.filename.replace("\\", "/").rsplit("/", 1)[-1]
    form_class = get_document_form(get_document_model())
    return stored(actor, form_class, file.content, filename, _fields(title, place, tags))


def check_document_fields(
    actor: Actor, filename: str | None, title: str, place: Any, tags: list[str]
) -> None:
    """Refuse now what ``add_document`` would refuse, whatever the file."""
    check_type(filename or "")
    check_fields(actor, get_document_form(get_document_model()), _fields(title, place, tags))


def _fields(title: str, place: Any, tags: list[str]) -> dict[str, Any]:
    return {"title": clean_text(title), "collection": place.pk, "tags": tag_text(tags)}
