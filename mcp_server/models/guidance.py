"""What editors want assistants to know, written in Wagtail's own editor."""

from django.db.models import DateTimeField
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting
from wagtail.fields import RichTextField


class StyleGuide(BaseGenericSetting):
    """The editors' guidance for assistants; served as ``content://style-guide``."""

    text = RichTextField(
        _("Guidance"),
        blank=True,
        features=["h2", "h3", "bold", "italic", "ol", "ul", "link", "hr"],
        help_text=_(
            "Tone of voice, words to use and to avoid, how texts are structured. Every MCP client "
            "can read it, whatever its token allows."
        ),
    )
    updated_at = DateTimeField(auto_now=True)

    panels = [FieldPanel("text")]

    class Meta:
        verbose_name = _("Style guide for assistants")
