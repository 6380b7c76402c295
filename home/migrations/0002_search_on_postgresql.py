"""On PostgreSQL one more index: Wagtail asks for words in title and body together, which the
indexes of title and of body do not answer, so every search would read every entry."""

from typing import Any

from django.db import migrations

NAME = "home_search_title_and_body"


def add(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"CREATE INDEX {NAME} ON wagtailsearch_indexentry USING gin ((title || body))"
        )


def remove(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX {NAME}")


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0001_initial"),
        ("wagtailsearch", "0009_remove_ngram_autocomplete"),
    ]
    operations = [migrations.RunPython(add, remove)]
