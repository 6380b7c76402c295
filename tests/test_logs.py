"""No secret in the text of any record, whoever wrote it."""

import logging
import sys
from io import StringIO

import pytest

from mcp_server import digests
from mcp_server.logs import JsonLine, WithoutSecrets, WithoutWhatWasSent
from mcp_server.transport.server import build_server


@pytest.mark.parametrize(
    ("message", "args", "shown"),
    [
        ("Not Found: %s", ("/{token}/",), "Not Found: /wagtail_mcp_…/"),
        ("Forbidden: /mcp-preview/WzgsNiwi:1x:3b-_/", (), "Forbidden: /mcp-preview/…/"),
        ("PUT %s", ("/mcp-upload/WzgsNiwi:1x:3b?a=1",), "PUT /mcp-upload/…?a=1"),
        ("%s of %s pages", (1, 2), "1 of 2 pages"),
        ("100 % of it", (), "100 % of it"),
    ],
)
def test_secrets_are_blanked(message: str, args: tuple[object, ...], shown: str) -> None:
    token = digests.generate()
    given = tuple(str(arg).replace("{token}", token) for arg in args)
    record = logging.LogRecord("django.request", 30, __file__, 1, message, given, None)
    assert WithoutSecrets().filter(record)
    assert record.getMessage() == shown
    assert token not in repr(vars(record))


@pytest.mark.parametrize("formatter", [logging.Formatter(), JsonLine()])
def test_secrets_are_blanked_in_tracebacks(formatter: logging.Formatter) -> None:
    token, printed = digests.generate(), StringIO()
    handler = logging.StreamHandler(printed)
    handler.addFilter(WithoutSecrets())
    handler.setFormatter(formatter)
    try:
        raise ValueError(f"input_value={token!r}")
    except ValueError:
        record = logging.LogRecord("any", 40, __file__, 1, "failed", (), sys.exc_info())
    handler.handle(record)
    # JSON has a sign for the three dots.
    assert "input_value='wagtail_mcp_…'" in printed.getvalue().replace("\\u2026", "…")
    assert token not in printed.getvalue()


@pytest.mark.django_db
def test_what_a_client_sends_over_sse_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        build_server()
    logger = logging.getLogger("mcp.server.sse")
    found = [item for item in logger.filters if isinstance(item, WithoutWhatWasSent)]
    assert len(found) == 1
    with caplog.at_level(logging.WARNING, "mcp.server.sse"):
        logger.warning("Received invalid session ID: c4n4ry\nforged")
        logger.warning("Rejecting message for session %s: credential does not match", "c4n4ry")
        try:
            raise ValueError("c4n4ry")
        except ValueError:
            logger.exception("Failed to parse message")
    assert [record.getMessage() for record in caplog.records] == [
        "Received invalid session ID",
        "Rejecting message for session %s",
        "Failed to parse message",
    ]
    assert "c4n4ry" not in caplog.text
