"""One more index: a search looks for new titles of drafts besides, which are few among all pages."""

from django.db import migrations

NAME = "home_draft_titles"


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0002_search_on_postgresql"),
        ("wagtailcore", "0098_apitoken"),
    ]
    operations = [
        migrations.RunSQL(
            f"CREATE INDEX {NAME} ON wagtailcore_page (draft_title) WHERE has_unpublished_changes",
            f"DROP INDEX IF EXISTS {NAME}",
        )
    ]
