"""Who signs the posts."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import RichTextField
from wagtail.models import DraftStateMixin, RevisionMixin
from wagtail.search import index
from wagtail.snippets.models import register_snippet

from blog.fields import INTRO_FEATURES, picture_field


@register_snippet
class Author(index.Indexed, DraftStateMixin, RevisionMixin, models.Model):
    name = models.CharField(
        _("name"), max_length=120, help_text=_("The person or team that signs the post.")
    )
    role = models.CharField(
        _("role"), max_length=120, blank=True, help_text=_("What they do at the garden.")
    )
    bio = RichTextField(
        _("biography"),
        blank=True,
        features=INTRO_FEATURES,
        help_text=_("Two sentences shown below each post."),
    )
    photo = picture_field(_("Square crops work best."))

    panels = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("role")]),
        FieldPanel("bio"),
        FieldPanel("photo"),
    ]
    search_fields = [
        index.SearchField("name"),
        index.AutocompleteField("name"),
        index.SearchField("role"),
    ]

    class Meta:
        verbose_name = _("author")
        verbose_name_plural = _("authors")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
