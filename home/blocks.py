"""The blocks that every page body on this site is made of."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.images.blocks import ImageBlock

TEXT = _("Text")
MEDIA = _("Pictures")
LAYOUT = _("Layout and links")

PARAGRAPH_FEATURES = ["bold", "italic", "link", "document-link", "ol", "ul"]


class HeadingBlock(blocks.StructBlock):
    text = blocks.CharBlock(
        max_length=120, label=_("Text"), help_text=_("Sentence case, without a full stop.")
    )
    level = blocks.ChoiceBlock(
        choices=[
            ("h2", _("Section (h2)")),
            ("h3", _("Subsection (h3)")),
            ("h4", _("Minor heading (h4)")),
        ],
        default="h2",
        label=_("Level"),
        help_text=_("The page title is the h1. Do not skip a level."),
    )

    class Meta:
        icon = "title"
        group = TEXT
        label = _("Heading")
        description = _("Starts a section of the page.")
        template = "blocks/heading.html"
        preview_value = {"text": "How to find us", "level": "h2"}


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(
        label=_("Text"), help_text=_("One or two sentences, without quotation marks.")
    )
    attribution = blocks.CharBlock(
        required=False,
        label=_("Attribution"),
        help_text=_("Who said it, or where it is from."),
    )

    class Meta:
        icon = "openquote"
        group = TEXT
        label = _("Quote")
        description = _("A sentence worth setting apart, with its source.")
        template = "blocks/quote.html"
        preview_value = {
            "text": "A garden is a library in which the books keep growing.",
            "attribution": "Guide to the systematic beds",
        }


class CallToActionBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("Title"), help_text=_("What the visitor can do here."))
    text = blocks.TextBlock(
        required=False, label=_("Text"), help_text=_("One sentence that gives the reason.")
    )
    label = blocks.CharBlock(
        label=_("Button label"), help_text=_("Starts with a verb, at most four words.")
    )
    page = blocks.PageChooserBlock(
        required=False, label=_("Page"), help_text=_("A page of this site, or fill in the address.")
    )
    url = blocks.URLBlock(
        required=False,
        label=_("Address"),
        help_text=_("Another site's full address, or choose a page."),
    )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if bool(cleaned["page"]) == bool(cleaned["url"]):
            error = ValidationError(_("Choose either a page or an address, exactly one of them."))
            raise StructBlockValidationError(block_errors={"page": error, "url": error})
        return cleaned

    class Meta:
        icon = "pick"
        group = LAYOUT
        label = _("Call to action")
        description = _("A panel with one button that leads to the next step.")
        template = "blocks/call_to_action.html"
        preview_value = {
            "title": "Come and see for yourself",
            "text": "The glasshouses are open every day except Monday.",
            "label": "Plan your visit",
            "page": None,
            "url": "https://example.org/",
        }


def paragraph_block() -> blocks.RichTextBlock:
    return blocks.RichTextBlock(
        features=PARAGRAPH_FEATURES,
        icon="pilcrow",
        group=TEXT,
        label=_("Paragraph"),
        description=_("Running text and lists with bold, italic and links, without headings."),
        template="blocks/paragraph.html",
        preview_value="<p>The seeds are <b>cleaned by hand</b> and dried for six weeks.</p>",
    )


def image_block() -> ImageBlock:
    return ImageBlock(
        icon="image",
        group=MEDIA,
        label=_("Picture"),
        description=_("A picture from the library with its own alt text for this place."),
        template="blocks/image.html",
    )


class ColumnBlock(blocks.StreamBlock):
    heading = HeadingBlock()
    paragraph = paragraph_block()
    image = image_block()
    quote = QuoteBlock()

    class Meta:
        label = _("Column")


class TwoColumnsBlock(blocks.StructBlock):
    left = ColumnBlock(label=_("Left"), help_text=_("Comes first on a narrow screen."))
    right = ColumnBlock(label=_("Right"))

    class Meta:
        icon = "grip"
        group = LAYOUT
        label = _("Two columns")
        description = _("Two stacks of blocks side by side; one above the other on a phone.")
        template = "blocks/two_columns.html"


class BodyBlock(blocks.StreamBlock):
    """What a page body may contain, in any order."""

    heading = HeadingBlock()
    paragraph = paragraph_block()
    image = image_block()
    quote = QuoteBlock()
    call_to_action = CallToActionBlock()
    two_columns = TwoColumnsBlock()
