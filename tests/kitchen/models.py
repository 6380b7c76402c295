"""A page type with every kind of field and block that Wagtail's admin knows.

It stands for the page types of sites we have never seen; none of it declares ``api_fields``.
"""

from typing import ClassVar
from uuid import uuid4

from django import forms
from django.db import models
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from taggit.models import TaggedItemBase
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.fields import RichTextField, StreamField
from wagtail.images.blocks import ImageBlock, ImageChooserBlock
from wagtail.models import (
    CollectionMember,
    DraftStateMixin,
    LockableMixin,
    Orderable,
    Page,
    PreviewableMixin,
    RevisionMixin,
    WorkflowMixin,
)
from wagtail.snippets.blocks import SnippetChooserBlock
from wagtail.snippets.models import register_snippet


@register_snippet
class Course(models.Model):
    name = models.CharField(max_length=50)
    panels: ClassVar = [FieldPanel("name")]

    def __str__(self) -> str:
        return self.name


class IngredientBlock(blocks.StructBlock):
    name = blocks.CharBlock(max_length=40)
    grams = blocks.IntegerBlock(min_value=1, required=False)
    organic = blocks.BooleanBlock(required=False)


class InnerStream(blocks.StreamBlock):
    text = blocks.RichTextBlock(features=["bold", "italic", "link", "ol", "ul"])
    picture = ImageChooserBlock()
    ingredients = blocks.ListBlock(IngredientBlock())


class StepBlock(blocks.StructBlock):
    title = blocks.CharBlock()
    minutes = blocks.DecimalBlock(required=False)
    level = blocks.ChoiceBlock(choices=[("easy", "Easy"), ("hard", "Hard")], default="easy")
    tools = blocks.MultipleChoiceBlock(
        choices=[("pan", "Pan"), ("pot", "Pot"), ("oven", "Oven")], required=False
    )
    content = InnerStream(required=False)


class DishBlock(blocks.StreamBlock):
    heading = blocks.CharBlock(max_length=80)
    paragraph = blocks.RichTextBlock()
    plain = blocks.TextBlock()
    quote = blocks.BlockQuoteBlock()
    step = StepBlock()
    steps = blocks.ListBlock(StepBlock())
    image = ImageBlock()
    related = blocks.PageChooserBlock()
    course = SnippetChooserBlock(Course)
    recipe = DocumentChooserBlock()
    table = TableBlock()
    prices = TypedTableBlock(
        [
            ("text", blocks.CharBlock()),
            ("amount", blocks.FloatBlock()),
            ("note", blocks.RichTextBlock()),
        ]
    )
    day = blocks.DateBlock()
    at = blocks.TimeBlock()
    moment = blocks.DateTimeBlock()
    link = blocks.URLBlock()
    mail = blocks.EmailBlock()
    code = blocks.RawHTMLBlock()
    divider = blocks.StaticBlock()
    pattern = blocks.RegexBlock(regex=r"^[A-Z]{2}\d+$")


class DishTag(TaggedItemBase):
    content_object = ParentalKey(
        "kitchen.DishPage", related_name="tagged", on_delete=models.CASCADE
    )


class DishPage(Page):
    summary = models.CharField(max_length=100, blank=True)
    story = models.TextField(blank=True)
    notes = RichTextField(blank=True, features=["bold", "italic", "link", "ol", "ul", "image"])
    served_on = models.DateField(null=True, blank=True)
    opens = models.TimeField(null=True, blank=True)
    cooked_at = models.DateTimeField(null=True, blank=True)
    servings = models.PositiveSmallIntegerField(default=2)
    price = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    rating = models.FloatField(null=True, blank=True)
    vegan = models.BooleanField(default=False)
    spice = models.CharField(
        max_length=10, choices=[("mild", "Mild"), ("hot", "Hot")], default="mild"
    )
    website = models.URLField(blank=True)
    contact = models.EmailField(blank=True)
    photo = models.ForeignKey(
        "wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    menu = models.ForeignKey(
        "wagtaildocs.Document", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    goes_with = models.ForeignKey(
        "wagtailcore.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    course = models.ForeignKey(
        Course, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    courses = ParentalManyToManyField(Course, blank=True, related_name="+")
    tags = ClusterTaggableManager(through=DishTag, blank=True)
    body = StreamField(DishBlock(required=False), blank=True)
    secret = models.CharField(max_length=40, blank=True)

    content_panels: ClassVar = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("story"),
        FieldPanel("notes"),
        MultiFieldPanel(
            [
                FieldPanel("served_on"),
                FieldPanel("opens"),
                FieldPanel("cooked_at"),
                FieldPanel("servings"),
                FieldPanel("price"),
                FieldPanel("rating"),
                FieldPanel("vegan"),
                FieldPanel("spice"),
            ]
        ),
        FieldPanel("website"),
        FieldPanel("contact"),
        FieldPanel("photo"),
        FieldPanel("menu"),
        FieldPanel("goes_with"),
        FieldPanel("course"),
        FieldPanel("courses", widget=forms.CheckboxSelectMultiple),
        FieldPanel("tags"),
        FieldPanel("body"),
        InlinePanel("sources", label="Source", max_num=5),
        FieldPanel("secret", permission="superuser"),
    ]


class DishSource(Orderable):
    page = ParentalKey(DishPage, related_name="sources", on_delete=models.CASCADE)
    title = models.CharField(max_length=60)
    url = models.URLField(blank=True)
    about = RichTextField(blank=True)
    blocks = StreamField([("line", blocks.CharBlock()), ("inner", InnerStream())], blank=True)

    panels: ClassVar = [
        FieldPanel("title"),
        FieldPanel("url"),
        FieldPanel("about"),
        FieldPanel("blocks"),
    ]


class KitchenPage(Page):
    """A place for dishes; the demo's own pages allow none below them."""


@register_snippet
class Supplier(models.Model):
    """A snippet without drafts or revisions, with a key that is no number."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=50, unique=True)
    note = models.TextField(blank=True)
    secret = models.CharField(max_length=40, blank=True)
    updated_at = models.DateTimeField(auto_now=True)
    courses = models.ManyToManyField(Course, blank=True, related_name="+")
    panels: ClassVar = [
        FieldPanel("name"),
        FieldPanel("note"),
        FieldPanel("courses"),
        FieldPanel("secret", permission="superuser"),
    ]

    def __str__(self) -> str:
        return self.name


@register_snippet
class Chef(
    PreviewableMixin, WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, models.Model
):
    """A snippet with everything that Wagtail can mix into one."""

    name = models.CharField(max_length=50)
    bio = RichTextField(blank=True, features=["bold", "italic", "link"])
    mentor = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    panels: ClassVar = [FieldPanel("name"), FieldPanel("bio"), FieldPanel("mentor")]

    def __str__(self) -> str:
        return self.name


@register_snippet
class Menu(DraftStateMixin, RevisionMixin, CollectionMember, ClusterableModel):
    """A snippet in a collection, with a StreamField and an inline panel."""

    title = models.CharField(max_length=50)
    body = StreamField(InnerStream(required=False), blank=True)
    panels: ClassVar = [
        FieldPanel("title"),
        FieldPanel("collection"),
        FieldPanel("body"),
        InlinePanel("prices", label="Price"),
    ]

    def __str__(self) -> str:
        return self.title


class MenuPrice(Orderable):
    menu = ParentalKey(Menu, related_name="prices", on_delete=models.CASCADE)
    label = models.CharField(max_length=40)
    euros = models.DecimalField(max_digits=6, decimal_places=2)
    panels: ClassVar = [FieldPanel("label"), FieldPanel("euros")]


@register_snippet
class Season(RevisionMixin, models.Model):
    """A snippet with revisions, but without drafts."""

    name = models.CharField(max_length=50)
    panels: ClassVar = [FieldPanel("name")]

    def __str__(self) -> str:
        return self.name
