"""Field settings that the blog's models share."""

from datetime import date
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

INTRO_FEATURES = ["bold", "italic", "link"]


def site_today() -> date:
    """Today in the site's zone, whichever zone the user has chosen in the admin."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def picture_field(help_text: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        "wagtailimages.Image",
        verbose_name=_("picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=help_text,
    )
