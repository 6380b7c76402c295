"""Redirects around pages, where the site has wagtail.contrib.redirects installed."""

from typing import Any

from django.apps import apps
from wagtail.models import Page


def redirects_to(pages: Any) -> int:
    """How many redirects lead to these pages."""
    model = _model()
    return model.objects.filter(redirect_page__in=pages).count() if model else 0


def old_addresses(page: Page) -> list[str]:
    """Old paths from which Wagtail made redirects to the page by itself, ten at most.

    Wagtail makes them when a live page moves or its slug changes, unless
    ``WAGTAILREDIRECTS_AUTO_CREATE`` is False.
    """
    model = _model()
    if model is None:
        return []
    made = model.objects.filter(redirect_page=page, automatically_created=True)
    return list(made.order_by("-pk").values_list("old_path", flat=True)[:10])


def _model() -> Any:
    if not apps.is_installed("wagtail.contrib.redirects"):
        return None
    return apps.get_model("wagtailredirects", "Redirect")
