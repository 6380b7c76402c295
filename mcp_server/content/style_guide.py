"""The editors' guidance for assistants, as Markdown."""

from mcp_server.models import StyleGuide

from .rich_text import features_of, to_markdown

NOTHING = "The editors have not written a style guide yet."


def style_guide_version() -> str:
    """Another value whenever the editors have saved the guide."""
    return str(StyleGuide.objects.values_list("updated_at", flat=True).first())


def style_guide() -> str:
    """What the editors wrote; a sentence that says so when they wrote nothing."""
    # first(), not load(): reading must not create the row.
    guide = StyleGuide.objects.first()
    field = StyleGuide._meta.get_field("text")
    text = to_markdown(guide.text, features_of(field.features)) if guide else ""
    return text.strip() or NOTHING
