"""No secret in the text of any record, whoever wrote it."""

import logging

import pytest

from mcp_server import digests
from mcp_server.logs import WithoutSecrets


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
