"""What the database and the media folder hold, seen past the server. Runs in a `Scene.inspect`."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from django.db import connection
from django.db.models import Max
from PIL import Image as Pillow
from wagtail.images import get_image_model
from wagtail.models import ModelLogEntry, Page, PageLogEntry, Revision

from blog.models import BlogPage
from mcp_server.models import MCPCall, MCPReceipt
from mcp_server.transport.history import ACTION

from .writers import Write

Image = get_image_model()
Parts = dict[str, int]
# A backend that had a dead client's COMMIT in hand finishes it.
BACKENDS_SECONDS = 30


def settle() -> None:
    """Wait until PostgreSQL has noticed that its clients are gone; SQLite has no such thing."""
    if connection.vendor != "postgresql":
        return
    deadline = time.monotonic() + BACKENDS_SECONDS
    pool: Any = connection.pool  # type: ignore[attr-defined]  # Django's own, of PostgreSQL
    everybody = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND backend_type = 'client backend'"
    )
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(everybody)
            # This process' own pool may have opened a connection more than it uses.
            if cursor.fetchone()[0] <= pool.get_stats()["pool_size"]:
                return
            time.sleep(0.02)
    raise AssertionError("connections of the killed server are still open")


def traces(writes: list[Write]) -> list[Parts]:
    """Of each write, how often each thing that it leaves is there: once, if it is whole."""
    return [_TRACES[write.tool](write) for write in writes]


def _created(write: Write) -> Parts:
    return {
        "page": Page.objects.filter(title=write.mark).count(),
        "post": BlogPage.objects.filter(title=write.mark).count(),
        # Later revisions have the title too.
        "revision": int(Revision.objects.filter(object_str=write.mark).exists()),
        "call": MCPCall.objects.filter(tool=write.tool, object_title=write.mark).count(),
        "receipt": MCPReceipt.objects.filter(key=f"key:{write.mark}").count(),
        "log": _logged(write, label=write.mark),
        "wagtail's log": PageLogEntry.objects.filter(
            label=write.mark, action="wagtail.create"
        ).count(),
    }


def _edited(write: Write) -> Parts:
    page = write.arguments["page_id"]
    revisions = Revision.page_revisions.filter(object_id=str(page)).order_by("pk")
    first = next((one for one in revisions if write.mark in str(one.content)), None)
    return {
        "revision": int(first is not None),
        "call": MCPCall.objects.filter(
            tool=write.tool, object_id=page, outcome="success", revision_after=first and first.pk
        ).count(),
        "log": _logged(write, page_id=page),
        "wagtail's log": PageLogEntry.objects.filter(
            page_id=page, action="wagtail.edit", revision=first
        ).count(),
    }


def _published(write: Write) -> Parts:
    page, revision = write.arguments["page_id"], write.arguments["revision_id"]
    return {
        "live page": Page.objects.filter(pk=page, live=True, live_revision=revision).count(),
        "call": MCPCall.objects.filter(tool=write.tool, object_id=page, outcome="success").count(),
        "log": _logged(write, page_id=page),
        "wagtail's log": PageLogEntry.objects.filter(
            page_id=page, action="wagtail.publish"
        ).count(),
    }


def _uploaded(write: Write) -> Parts:
    images = list(Image.objects.filter(title=write.mark))
    return {
        "image": len(images),
        "file": sum(map(_is_whole, images)),
        "call": MCPCall.objects.filter(tool=write.tool, object_title=write.mark).count(),
        "receipt": MCPReceipt.objects.filter(key=f"key:{write.mark}").count(),
        "log": ModelLogEntry.objects.filter(
            label=write.mark, action=ACTION, data__tool=write.tool
        ).count(),
    }


def _logged(write: Write, **about: object) -> int:
    entries = PageLogEntry.objects.filter(action=ACTION, data__tool=write.tool, **about)
    return int(entries.count())


def _is_whole(image: Any) -> bool:
    try:
        with image.file.storage.open(image.file.name) as file, Pillow.open(file) as opened:
            opened.load()
    except OSError:
        return False
    return True


_TRACES = {
    "create_blog_post": _created,
    "update_page": _edited,
    "edit_page_blocks": _edited,
    "publish_page": _published,
    "upload_image": _uploaded,
}


def torn() -> list[str]:
    """What does not fit together, in words; nothing when all is well."""
    return [*_pages(), *_revisions(), *_calls(), *_database()]


def _pages() -> Iterator[str]:
    for kind, pages in zip(
        ("depth", "path", "orphan", "descendants", "children"), Page.find_problems(), strict=False
    ):
        if pages:
            yield f"find_problems, {kind}: {pages}"
    rows = Page.objects.filter(content_type__model="blogpage").count()
    if rows != BlogPage.objects.count():
        yield f"{rows} pages that are posts, {BlogPage.objects.count()} posts"
    newest = dict(
        Revision.page_revisions.values_list("object_id").annotate(newest=Max("pk")).order_by()
    )
    for pk, latest, live, title in Page.objects.values_list(
        "pk", "latest_revision", "live_revision__pk", "title"
    ):
        if latest != newest.get(str(pk)) or (live and live > (latest or 0)):
            yield f"{title}: latest revision {latest}, newest {newest.get(str(pk))}, live {live}"


def _revisions() -> Iterator[str]:
    logged = set(PageLogEntry.objects.values_list("revision_id", flat=True))
    # What the demo was loaded with was not logged.
    by_calls = Revision.page_revisions.filter(object_str__startswith="client")
    for pk in by_calls.values_list("pk", flat=True):
        if pk not in logged:
            yield f"revision {pk} has no log entry"


def _calls() -> Iterator[str]:
    revisions = set(Revision.objects.values_list("pk", flat=True))
    noted = Counter(
        PageLogEntry.objects.filter(action=ACTION).values_list("revision_id", flat=True)
    )
    for call in MCPCall.objects.filter(outcome="success"):
        made = call.data.get("made")
        if made and (made not in revisions or noted[made] != 1):
            yield f"call {call.pk}: revision {made}, noted {noted[made]} times"
    empty = sum(not answer for answer in MCPReceipt.objects.values_list("answer", flat=True))
    if empty:
        yield f"{empty} receipts without an answer"


def _database() -> Iterator[str]:
    connection.check_constraints()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            yield from (line for (line,) in cursor.fetchall() if line != "ok")


def rowless_files() -> list[str]:
    """Originals in the media folder that no image names."""
    field = Image._meta.get_field("file")
    folder = str(PurePosixPath(Image(title="").get_upload_to("a.png")).parent)
    known = set(Image.objects.values_list("file", flat=True))
    if not field.storage.exists(folder):
        return []
    _, names = field.storage.listdir(folder)
    return [name for name in names if f"{folder}/{name}" not in known]


def images() -> int:
    return int(Image.objects.count())


def posts(beginning: str) -> int:
    """Pages whose title begins so."""
    return int(Page.objects.filter(title__startswith=beginning).count())
