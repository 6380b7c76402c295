"""A section of posts in a few statements, because `add_child` takes milliseconds per page."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch
from uuid import NAMESPACE_URL, uuid5

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from wagtail.fields import StreamField
from wagtail.models import Locale, Page

from blog.models import BlogIndexPage, BlogPage

from .texts import BROAD, NARROW, Writer

# Bodies that differ; introductions all do.
BODIES = 40


def section(home: Any, owner: Any, number: int, posts: int) -> Page:
    """A blog index page with ``posts`` live posts; gives its row of the page table."""
    with transaction.atomic():
        newest = Page.objects.filter(depth=home.depth + 1).order_by("-path").first()
        path = newest._inc_path() if newest else Page._get_path(home.path, home.depth + 1, 1)
        Page.objects.filter(pk=home.pk).update(numchild=F("numchild") + 1)
        place = _place(home, path, f"Section {number}") | {"numchild": posts}
        (index,) = _pages(BlogIndexPage, [place], owner)
        _insert(BlogIndexPage, [BlogIndexPage(page_ptr_id=index.pk, intro="")])
        places = [
            _place(
                index, Page._get_path(path, home.depth + 2, step + 1), f"Post {number}.{step} sown"
            )
            for step in range(posts)
        ]
        rows = _pages(BlogPage, places, owner)
        _insert(BlogPage, [_post(row, number * 100 + step) for step, row in enumerate(rows)])
    return index


def _place(parent: Any, path: str, title: str) -> dict[str, Any]:
    slug = title.lower().replace(" ", "-").replace(".", "-")
    return {
        "path": path,
        "depth": parent.depth + 1,
        "title": title,
        "draft_title": title,
        "slug": slug,
        "url_path": f"{parent.url_path}{slug}/",
        "translation_key": uuid5(NAMESPACE_URL, path),
    }


def _pages(model: Any, places: list[dict[str, Any]], owner: Any) -> list[Page]:
    now = timezone.now()
    rows = [
        Page(
            **place,
            content_type=ContentType.objects.get_for_model(model),
            locale=Locale.get_default(),
            owner=owner,
            live=True,
            first_published_at=now,
            last_published_at=now,
            latest_revision_created_at=now,
        )
        for place in places
    ]
    made: list[Page] = Page.objects.bulk_create(rows)
    return made


def _post(row: Page, seed: int) -> BlogPage:
    writer = Writer(seed)
    rare = f" {NARROW.capitalize()} grows here." if seed in (1, 2) else ""
    intro = f"From the {BROAD}: {writer.sentence()}{rare}"
    return BlogPage(page_ptr_id=row.pk, intro=intro, body=_body(seed % BODIES))


@cache
def _body(seed: int) -> str:
    return json.dumps(Writer(seed).post())


@contextmanager
def extracted_once() -> Iterator[None]:
    """While the index is filled: Wagtail extracts the same body's words three times per page."""
    original, known = StreamField.get_searchable_content, {}

    def words(self: Any, value: Any) -> Any:
        key = json.dumps(list(value.raw_data))
        if key not in known:
            known[key] = original(self, value)
        return known[key]

    with patch.object(StreamField, "get_searchable_content", words):
        yield


def _insert(model: Any, rows: Sequence[Any]) -> None:
    """Rows of a page type's own table; Django's bulk_create refuses inherited models."""
    fields = model._meta.local_concrete_fields
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    marks = ", ".join("%s" for _ in fields)
    values = [
        [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})",  # noqa: S608
            values,
        )
