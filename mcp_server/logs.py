"""Log records as JSON, one object on one line each, for a site's ``LOGGING``."""

import logging
import re
import time

from pythonjsonlogger.core import LogData
from pythonjsonlogger.json import JsonFormatter

from .digests import PREFIX

# A token, and what is signed in the addresses of previews and uploads.
SECRET = re.compile(rf"(?<={PREFIX})\w+|(?<=/mcp-preview/)[^\s/?\"']+|(?<=/mcp-upload/)[^\s/?\"']+")
# What the record of a call has besides the usual; docs/deploying.md says what each one is.
CALL_FIELDS = (
    "request_id",
    "http_request_id",
    "trace_id",
    "token_id",
    "user_id",
    "method",
    "tool",
    "resource",
    "prompt",
    "outcome",
    "milliseconds",
    "queries",
)
FIELDS = ("time", "level", "logger", "message", *CALL_FIELDS, "exc_info")
_PLAIN = logging.Formatter()


class JsonLine(JsonFormatter):
    """Prints the fields above, those that the record has, and no other attribute of it.

    Django hands whole requests over in its records, whose addresses may hold a secret.
    """

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        names = {"asctime": "time", "levelname": "level", "name": "logger"}
        super().__init__([*names, "message"], rename_fields=names)

    def process_log_record(self, log_data: LogData) -> LogData:
        if "exc_info" in log_data:
            # The library makes this text itself, whatever a filter has made before.
            log_data["exc_info"] = without_secrets(log_data["exc_info"])
        return {field: log_data[field] for field in FIELDS if field in log_data}


def without_secrets(text: str) -> str:
    """``text`` with its secrets blanked."""
    return SECRET.sub("…", text)


class WithoutSecrets(logging.Filter):
    """Blanks secrets in a record, such as in the paths that Django warns of and in tracebacks."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        shown = without_secrets(text)
        if shown != text:
            record.msg, record.args = shown, None
        if record.exc_info:
            # Formatters print this text where there is one.
            record.exc_text = without_secrets(_PLAIN.formatException(record.exc_info))
        return True


class WithoutWhatWasSent(logging.Filter):
    """For a logger that tells of messages with what a client wrote into them: only that is left
    which is the same for all."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = str(record.msg).partition(": ")[0], None
        record.exc_info = record.exc_text = None
        return True
