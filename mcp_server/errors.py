"""What a client is told when something does not work: one exception, and one map."""

import errno
import logging
import uuid
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, InterfaceError, OperationalError
from wagtail.utils.forms import FormValidationError

logger = logging.getLogger("mcp_server")

MAX_ERRORS = 12
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """A call that is not carried out, in one or two sentences that name the next step.

    The text reaches the client as it is, so it holds nothing that the actor may not know.
    """

    code = "refused"


class Invalid(Refused):
    """Values that do not fit: one ``(path, message)`` pair each, e.g. ``body[2].quote.text``."""

    code = "invalid"

    def __init__(
        self, problems: Iterable[tuple[str, str]], outcome: str = "Nothing was saved."
    ) -> None:
        self.problems = list(dict.fromkeys(problems))
        self.outcome = outcome
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """``Nothing was saved. path: message; path: message``, the first twelve."""
        shown = [f"{path}: {message}" if path else message for path, message in self.problems]
        rest = len(shown) - MAX_ERRORS
        more = f"\nand {rest} more" if rest > 0 else ""
        return (
            f"{self.outcome} Correct this and call again:\n" + "\n".join(shown[:MAX_ERRORS]) + more
        )


class Conflict(Refused):
    """Somebody else's change came first, or they are at work on the page now."""

    code = "conflict"


def explain(error: BaseException) -> tuple[str, str]:
    """``(code, sentence)`` for any exception; only text that we or Wagtail wrote gets through."""
    if isinstance(error, Refused):
        return error.code, str(error)
    if isinstance(error, FormValidationError):
        return "invalid", str(Invalid(_form_problems(error)))
    if isinstance(error, ValidationError):
        return "invalid", str(Invalid(("", message) for message in error.messages))
    if isinstance(error, PermissionDenied):
        return "forbidden", (
            "This user may not do that here. Call get_user_info to see what is allowed where."
        )
    # PostgreSQL takes fewer offsets from UTC than Python does.
    if isinstance(error, OverflowError | DataError):
        return "invalid", "A date or number is out of range. Nothing was saved; call again."
    if isinstance(error, OperationalError | InterfaceError):
        logger.warning("database unavailable during an MCP call", exc_info=error)
        return "unavailable", (
            "The site's database does not answer at the moment; nothing was changed. "
            "Call again in a few seconds."
        )
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        logger.error("no room for the file of an MCP call", exc_info=error)
        return "unavailable", (
            "The site has no room for files at the moment; nothing was changed. "
            "Tell the site's admin, and call again later."
        )
    if _is_of_redis(error):
        logger.warning("cache unavailable during an MCP call", exc_info=error)
        return "unavailable", (
            "The site's cache does not answer at the moment; nothing was changed. "
            "Call again in a few seconds."
        )
    return "error", _unexpected(error)


def _is_of_redis(error: BaseException) -> bool:
    """Whether the client of Redis, or of Django's cache there, raised it; a site may have none."""
    raised = (cls.__module__.partition(".")[0] for cls in type(error).__mro__)
    return any(package in ("redis", "django_redis") for package in raised)


def _form_problems(error: FormValidationError) -> Iterable[tuple[str, str]]:
    for path, coded_messages in error.loc_errors:
        for message, _code in coded_messages:
            yield ".".join(str(part) for part in path), message


def _unexpected(error: BaseException) -> str:
    # The reference lets an admin find the traceback that the client must not see.
    reference = uuid.uuid4().hex[:8]
    logger.error("unexpected error in an MCP call, reference %s", reference, exc_info=error)
    return (
        f"Something went wrong on the site (reference {reference}); nothing was changed. "
        "Tell the site's admin the reference, or try another way."
    )
