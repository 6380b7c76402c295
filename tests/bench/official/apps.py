from typing import Any

from django.apps import AppConfig, apps
from wagtail.api import APIField

# The fields that our get_page_content shows; the v3 API shows a field only when it is named.
SHOWN = {
    "blog.BlogIndexPage": ["intro"],
    "blog.BlogPage": ["intro", "date", "hero_image", "author", "tags", "body", "related_links"],
    "blog.BlogPageRelatedLink": ["title", "url", "page"],
    "home.HomePage": ["tagline", "hero_image", "intro", "body"],
}


class OfficialConfig(AppConfig):
    name = "tests.bench.official"
    label = "bench_official"

    def ready(self) -> None:
        for label, names in SHOWN.items():
            model: Any = apps.get_model(label)
            model.api_fields = [APIField(name) for name in names]
