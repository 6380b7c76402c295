"""One more image or document in the library, once, and without a trace when it fails."""

import hashlib
import secrets
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.datastructures import MultiValueDict
from wagtail.actions.create import CreateAction
from wagtail.models import Collection

from mcp_server.api import Actor, Invalid, clean_text, cleanup_on_error, discard_on_error

MAX_STEM = 50
# Files without a hash came in past Wagtail's forms; so many are hashed while looking for a twin.
MAX_UNHASHED = 20


def stored(
    actor: Actor, form_class: Any, content: bytes, filename: str, fields: dict[str, Any]
) -> Any:
    """A new object through Wagtail's own form and action; its file goes when anything fails."""
    model = form_class.Meta.model
    instance = model(uploaded_by_user=actor.user)
    file = ContentFile(content, name=_own_name(filename))
    form = form_class(
        fields, MultiValueDict({"file": [file]}), instance=instance, user=actor.user
    )  # fmt: skip
    if not form.is_valid():
        raise Invalid((name, " ".join(messages)) for name, messages in form.errors.items())
    with cleanup_on_error():
        field = model._meta.get_field("file")
        discard_on_error(field.storage, field.generate_filename(instance, file.name))
        return CreateAction(instance, user=actor.user, form=form).execute()


def check_fields(actor: Actor, form_class: Any, fields: dict[str, Any]) -> None:
    """Refuse what ``stored`` would refuse of the fields, before there is a file."""
    form = form_class(fields, instance=form_class.Meta.model(), user=actor.user)
    problems = [(name, " ".join(text)) for name, text in form.errors.items() if name != "file"]
    if problems:
        raise Invalid(problems)


def one_at_a_time() -> None:
    """Make uploads wait for each other until the transaction ends.

    Two calls with the same file would both find no twin. SQLite writes one by one anyway.
    """
    if transaction.get_connection().in_atomic_block:
        root = Collection.objects.filter(depth=1)
        root.select_for_update(no_key=True).values_list("pk", flat=True).first()


def twin(visible: "QuerySet[Any]", contents: tuple[bytes, ...], **same: Any) -> Any | None:
    """A visible object with one of these contents; those without a hash must match ``same``."""
    hashes = {sha1(content) for content in contents}
    found = visible.filter(file_hash__in=hashes).order_by("pk").first()
    if found is None:
        unhashed = visible.filter(file_hash="", **same).order_by("pk")[:MAX_UNHASHED]
        found = next((item for item in unhashed if _hash(item) in hashes), None)
    return found


def sha1(content: bytes) -> str:
    """The hash that Wagtail itself keeps of its files."""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def _hash(item: Model) -> str:
    try:
        item._set_file_hash()  # type: ignore[attr-defined]  # of images and documents alike
    except OSError:
        # The row is there, its file is not.
        return ""
    return str(item.file_hash)  # type: ignore[attr-defined]  # of images and documents alike


def _own_name(filename: str) -> str:
    """A name that no other file has: it can be deleted without a look at what was there before."""
    stem, dot, extension = clean_text(filename).rpartition(".")
    return f"{stem[:MAX_STEM].strip(' .') or 'file'}-{secrets.token_hex(4)}{dot}{extension}"
