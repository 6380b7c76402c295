"""Where an uploaded file comes from: an address, the call itself, or neither, for a ticket."""

import base64
import binascii

from mcp_server.api import Refused

from .fetching import Fetched, fetch


def received(
    url: str | None, data: str | None, filename: str | None, max_bytes: int
) -> Fetched | None:
    """The file that ``url`` or ``data`` stands for; None when there is neither."""
    if url and data:
        raise Refused("Send either `url` or `data`, not both.")
    if url:
        found = fetch(url, max_bytes)
        return Fetched(found.content, filename or found.filename)
    if data is None:
        return None
    content = decode_base64(data)
    if len(content) > max_bytes:
        raise Refused(
            f"data: the file is larger than {max_bytes:,} bytes (allowed here). Send a smaller one."
        )
    return Fetched(content, filename or "")


def decode_base64(data: str) -> bytes:
    """The bytes of base64 text, with or without a ``data:image/…;base64,`` in front."""
    text = data.strip()
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(
            "`data` is not base64. Send the file's bytes in base64, without anything around."
        ) from None
