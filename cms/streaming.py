"""Files leave an asynchronous server in pieces, not collected in memory first."""

from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.decorators import sync_and_async_middleware

# Django reads a file in chunks of 4 KiB; each piece costs a change of threads.
CHUNKS = 16


@sync_and_async_middleware
def stream_asynchronously(get_response: Callable[[HttpRequest], Any]) -> Callable[..., Any]:
    """Under ASGI, Django would read the whole of a file response at once, and warn about it."""
    if not iscoroutinefunction(get_response):
        return get_response

    async def middleware(request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await get_response(request)
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            content: Any = response.streaming_content
            response.streaming_content = in_pieces(iter(content))
        return response

    return middleware


async def in_pieces(content: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes, read in the thread that views run in."""
    while piece := await sync_to_async(_next)(content):
        yield piece


def _next(content: Iterator[bytes]) -> bytes:
    return b"".join(islice(content, CHUNKS))
