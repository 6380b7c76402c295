"""The home page and the free pages that make up its sections."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.search import index

from home.blocks import BodyBlock

INTRO_FEATURES = ["bold", "italic", "link"]


class HomePage(Page):
    tagline = models.CharField(
        _("tagline"),
        max_length=160,
        blank=True,
        help_text=_("One line under the site's name, at most 160 characters."),
    )
    hero_image = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name=_("hero picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Landscape format, at least 1600 pixels wide."),
    )
    intro = RichTextField(
        _("introduction"),
        blank=True,
        features=INTRO_FEATURES,
        help_text=_("Two or three sentences that welcome a first-time visitor."),
    )
    body = StreamField(
        BodyBlock(),
        verbose_name=_("body"),
        blank=True,
        help_text=_("What follows the welcome, block by block."),
    )

    content_panels = [
        *Page.content_panels,
        MultiFieldPanel(
            [FieldPanel("tagline"), FieldPanel("hero_image"), FieldPanel("intro")],
            heading=_("Welcome"),
        ),
        FieldPanel("body"),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("tagline"),
        index.SearchField("intro"),
        index.SearchField("body"),
    ]

    page_description = _("The front page of the site. There is one.")
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["home.FlexPage", "blog.BlogIndexPage", "blog.EventIndexPage"]
    max_count = 1

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")


class FlexPage(Page):
    intro = models.TextField(
        _("introduction"),
        blank=True,
        max_length=300,
        help_text=_("Plain text under the title and in listings, at most 300 characters."),
    )
    body = StreamField(
        BodyBlock(),
        verbose_name=_("body"),
        help_text=_("The page's content, block by block."),
    )

    content_panels = [*Page.content_panels, FieldPanel("intro"), FieldPanel("body")]
    search_fields = [
        *Page.search_fields,
        index.SearchField("intro"),
        index.SearchField("body"),
    ]

    page_description = _(
        "A free page for lasting information: a section of the site or a page within one."
    )
    parent_page_types = ["home.HomePage", "home.FlexPage"]
    subpage_types = ["home.FlexPage"]

    class Meta:
        verbose_name = _("flex page")
        verbose_name_plural = _("flex pages")
