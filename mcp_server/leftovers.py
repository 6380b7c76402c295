"""Files that a failed write would leave behind: a rollback takes rows back, but not files."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.core.files.storage import Storage

logger = logging.getLogger("mcp_server")

_File = tuple[Storage, str]
_written: ContextVar[list[_File] | None] = ContextVar("mcp_server_written", default=None)


@contextmanager
def cleanup_on_error() -> Iterator[None]:
    """Delete the files that ``discard_on_error`` named, when the block raises.

    Stands around ``transaction.atomic()``, because a commit can fail too. Blocks may be nested:
    what an inner one wrote is still deleted when the outer one fails.
    """
    outer = _written.get()
    files: list[_File] = []
    reset = _written.set(files)
    try:
        yield
    except BaseException:
        for storage, name in files:
            _delete(storage, name)
        raise
    finally:
        _written.reset(reset)
    if outer is not None:
        outer.extend(files)


def discard_on_error(storage: Storage, name: str) -> None:
    """Name a file that must not outlive a failure of the running write.

    Called before the file is written, because a full disk leaves half of one. Without a
    ``cleanup_on_error`` around it, this does nothing.
    """
    files = _written.get()
    if files is not None:
        files.append((storage, name))


def _delete(storage: Storage, name: str) -> None:
    try:
        storage.delete(name)
    except Exception:  # the first error is the one to report
        logger.exception("a file of a failed write could not be deleted")
