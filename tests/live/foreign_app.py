"""The files of the site that tests/live/foreign.py makes: an app and settings of its own."""

MODELS = """
from wagtail import blocks
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.images.blocks import ImageChooserBlock
from wagtail.models import Page
from django.db import models


class StepBlock(blocks.StructBlock):
    task = blocks.CharBlock(max_length=60)
    minutes = blocks.IntegerBlock(min_value=1)


class RecipePage(Page):
    intro = RichTextField(features=["bold", "link"], blank=True)
    photo = models.ForeignKey(
        "wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    body = StreamField(
        [
            ("headline", blocks.CharBlock()),
            ("prose", blocks.RichTextBlock()),
            ("snapshot", ImageChooserBlock()),
            ("steps", blocks.ListBlock(StepBlock())),
        ]
    )
    remarks = models.CharField(max_length=100, blank=True)
    content_panels = [
        *Page.content_panels,
        FieldPanel("intro"),
        FieldPanel("photo"),
        FieldPanel("body"),
        FieldPanel("remarks"),
    ]
"""
TEMPLATE = """<!doctype html>
{% load wagtailcore_tags %}<title>{{ page.title }}</title>
<h1>{{ page.title }}</h1>{{ page.intro|richtext }}
{% for block in page.body %}<section>{% include_block block %}</section>{% endfor %}
"""
APPS = """
INSTALLED_APPS = ["recipes", "reading", *INSTALLED_APPS]
"""
# What the owner of the site sets beside the five steps.
OWN_SETTINGS = """
MCP_SERVER = {
    "MARKDOWN_BLOCKS": {"heading": "headline"},
    "HIDDEN_FIELDS": {"recipes.RecipePage": ["remarks"]},
}
"""
