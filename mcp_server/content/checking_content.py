"""Checks that need nothing but the page: headings, alt text, lengths, what publishing asks for."""

import re
from collections.abc import Iterator

from wagtail.images import get_image_model

from .checking_base import Finding, Inspection, shortened
from .checking_parts import Heading, Picture
from .readiness import is_missing, publish_problems
from .references import usable_keys

# What search results show before they cut: https://moz.com/learn/seo/title-tag (50 to 60
# characters) and https://moz.com/learn/seo/meta-description (155 to 160).
MAX_TITLE = 60
MAX_DESCRIPTION = 160
_FILE_NAME = re.compile(
    r"^\S+\.(?:jpe?g|png|gif|webp|avif|svg|tiff?|heic)$|^(?:img|dsc)[_-]?\d+$", re.I
)


def headings(inspection: Inspection) -> Iterator[Finding]:
    """Levels that are skipped, a second h1, and empty headings; one field at a time."""
    field, before = "", None
    for heading in inspection.content.headings:
        name = re.split(r"[.\[]", heading.where)[0]
        # The page's title is the h1 above each field. Where a level is unknown, none is skipped.
        field, before = (name, before) if name == field else (name, Heading(name, 1, ""))
        if problem := _heading_problem(heading, before):
            yield Finding(check="headings", where=heading.where, **problem)
        before = heading


def _heading_problem(heading: Heading, before: Heading | None) -> dict[str, str] | None:
    level, above = heading.level, before.level if before else None
    if not heading.text:
        return {"message": "empty heading", "suggestion": "Give it a text, or remove it."}
    if level == 1:
        return _problem(heading, "is an h1, as the page's title is", "Make it an h2.")
    if level and above and level > above + 1:
        return _problem(heading, f"is an h{level} after an h{above}", f"Make it an h{above + 1}.")
    return None


def _problem(heading: Heading, message: str, suggestion: str) -> dict[str, str]:
    return {"message": f"“{shortened(heading.text)}” {message}", "suggestion": suggestion}


def alt_texts(inspection: Inspection) -> Iterator[Finding]:
    """Pictures that say nothing to those who do not see them."""
    pictures = inspection.content.pictures
    own = _descriptions({picture.key for picture in pictures if picture.alt is None})
    for picture in pictures:
        alt = own.get(picture.key) if picture.alt is None else picture.alt
        if picture.decorative or alt is None:
            continue
        if not alt.strip():
            yield _without_alt(picture)
        elif _FILE_NAME.match(alt.strip()):
            yield Finding(
                check="alt_text", where=picture.where,
                message=f"the alt text “{shortened(alt)}” is a file name",
                suggestion="Say what the picture shows.",
            )  # fmt: skip


def _without_alt(picture: Picture) -> Finding:
    named = f"image {picture.key}" if picture.key else "a picture"
    if picture.alt is None:
        message = f"{named} has no description in the library, so its title is read out"
        suggestion = f"Call update_image({picture.key}, alt=…), which helps every page."
    else:
        message = f"{named} has no alt text"
        suggestion = "Say what the picture shows, or mark it as decorative."
    return Finding(check="alt_text", where=picture.where, message=message, suggestion=suggestion)


def _descriptions(keys: set[str]) -> dict[str, str]:
    """The library's description of images by key; of a model without that field, none."""
    model = get_image_model()
    if not keys or not any(item.name == "description" for item in model._meta.get_fields()):
        return {}
    known = usable_keys(model, keys)
    found = model._default_manager.filter(pk__in=known).values_list("pk", "description")
    return {str(pk): description or "" for pk, description in found}


def lengths(inspection: Inspection) -> Iterator[Finding]:
    """Titles and descriptions that search results would cut."""
    page = inspection.page
    named = "seo_title" if page.seo_title else "title"
    long = [
        (named, page.seo_title or page.title, MAX_TITLE, "Shorten it, or set a shorter seo_title."),
        ("search_description", page.search_description or "", MAX_DESCRIPTION, "Shorten it."),
    ]
    for where, text, limit, suggestion in long:
        if len(text) > limit:
            message = f"{len(text)} characters; search results cut after about {limit}"
            yield Finding(check="length", where=where, message=message, suggestion=suggestion)


def publishing(inspection: Inspection) -> Iterator[Finding]:
    """What keeps this version from being published, by the page's own form."""
    for path, message in publish_problems(inspection.page):
        if path != "slug" or not inspection.slug_is_taken:
            yield _publishing(inspection, path, message)


def _publishing(inspection: Inspection, path: str, message: str) -> Finding:
    name = re.split(r"[.\[]", path)[0]
    if name and name not in inspection.fields:
        # A field that this actor does not see: not even what is wrong with it.
        path, message = "", "a field that is not shown here keeps this page from being published"
    check = "required" if is_missing(message) else "invalid"
    told = "empty, but required" if check == "required" else message
    where = inspection.content.place(path) if path else ""
    return Finding(check=check, where=where, message=told, suggestion=_next(check, name, path))


def _next(check: str, name: str, path: str) -> str:
    if not path and name:
        return "Open the page in the Wagtail admin."
    return "Fill it in." if check == "required" else "Correct it before you publish."
