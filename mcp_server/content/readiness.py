"""What a draft still lacks before it can be published."""

import logging
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import Field
from wagtail.models import Page

from mcp_server.actor import Actor

from .bulk_blocks import without_lookups
from .codec import stored_stream
from .fields import StreamFormField, form_fields
from .forms import whole_form
from .problems import Problem, block_problems, field_of, form_problems
from .shortening import some_of

logger = logging.getLogger("mcp_server")
MAX_NEEDED = 20


def publish_problems(page: Page, content: dict[str, Any] | None = None) -> list[Problem]:
    """What keeps this version from being published: the rules that a draft is spared.

    ``content`` is what its revision holds, where somebody has that at hand.
    """
    problems: list[Problem] = []
    for name, field in form_fields(type(page)):
        if isinstance(field, StreamFormField):
            problems += _stream_problems(page, name, field)
    # The rest is what Wagtail's own form says when an editor presses "Publish".
    problems += form_problems(whole_form(page, content))
    return list(dict.fromkeys(problems))


def is_missing(message: str) -> bool:
    """Whether a problem is that there is nothing."""
    # A StreamBlock says it in Django's words, and without a code.
    return message in ("required", str(Field.default_error_messages["required"]))


def still_needed(actor: Actor, page: Page) -> list[str]:
    """A warning that names what is empty but required, of what this actor sees.

    ``page`` has just been saved as a revision.
    """
    try:
        problems = publish_problems(page, page.latest_revision.content)
    except Exception as error:  # noqa: BLE001 - a site's clean() may expect a finished page
        logger.info("page %s cannot be looked over: %r", page.pk, error)
        return []
    seen = {name for name, _ in form_fields(type(page), actor.user)}
    paths = [path for path, message in problems if is_missing(message)]
    named = [path for path in dict.fromkeys(paths) if field_of(path) in seen]
    return [f"Needed before publishing: {some_of(named, MAX_NEEDED)}"] if named else []


def _stream_problems(page: Page, name: str, field: StreamFormField) -> list[Problem]:
    stored = stored_stream(field.block, getattr(page, name))
    block = without_lookups(field.block)
    try:
        block.clean(block.to_python(stored))
    except ValidationError as error:
        return list(block_problems(error, stored, name))
    return []
