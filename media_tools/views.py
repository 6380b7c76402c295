"""The address behind an upload ticket."""

from tempfile import TemporaryFile
from typing import IO

from django.http import HttpRequest, JsonResponse, UnreadablePostError
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from pydantic import BaseModel

from mcp_server.api import CallRecord, explain

from .models import UploadTicket
from .tickets import acting, redeem
from .uploads import UPLOADS

CHUNK = 64 * 1024
NO_TICKET = "This upload address does not exist, is used or has expired. Ask for a new one."
_STATUS = {"gone": 404, "forbidden": 403, "conflict": 409, "unavailable": 503, "error": 500}
UNPROCESSABLE = 422


# No session and no form: the address itself is what a foreign site cannot know.
@csrf_exempt
@never_cache
def upload(request: HttpRequest, secret: str) -> JsonResponse:
    """Take one file; the reply is what the tool would have answered, or ``{"error": …}``."""
    if request.method != "PUT":
        return _error(405, "PUT the file to this address.")
    ticket = UploadTicket.of(secret)
    if ticket is None:
        return _error(404, NO_TICKET)
    limit = UPLOADS[ticket.tool].max_bytes()
    try:
        content = _body(request, limit)
    except UnreadablePostError:
        return _error(400, "The file did not come in whole. Send it again.")
    if content is None:
        return _error(413, f"The file is larger than {limit:,} bytes. Send a smaller one.")
    record = CallRecord.of(ticket.tool)
    try:
        result = redeem(ticket, content, record)
    except Exception as error:  # noqa: BLE001 - the one map from exceptions to sentences
        code, sentence = explain(error)
        record.refusal(acting(ticket), code)
        return _error(_STATUS.get(code, UNPROCESSABLE), sentence)
    return _reply(201 if result.instance is not None else 200, result)


def _body(request: HttpRequest, limit: int) -> bytes | None:
    """The request's body; None when it is longer than ``limit``, whatever its header says."""
    announced = request.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > limit:
        return None
    with TemporaryFile() as file:
        if not _copied(request, file, limit):
            return None
        file.seek(0)
        return file.read()


def _copied(request: HttpRequest, file: IO[bytes], limit: int) -> bool:
    size = 0
    while chunk := request.read(CHUNK):
        size += len(chunk)
        if size > limit:
            return False
        file.write(chunk)
    return True


def _reply(status: int, result: BaseModel) -> JsonResponse:
    data = result.model_dump(mode="json", exclude_none=True)
    return _private(JsonResponse(data, status=status))


def _error(status: int, sentence: str) -> JsonResponse:
    response = JsonResponse({"error": sentence}, status=status)
    if status == 405:
        response["Allow"] = "PUT"
    # Django would log the path, and with it an address that may still work.
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django's own mark
    return _private(response)


def _private(response: JsonResponse) -> JsonResponse:
    # The address is a secret until it is used.
    response["Referrer-Policy"] = "no-referrer"
    return response
