# ruff: noqa: T201 - it prints its figures
"""`python -m tests.media.bench`: what uploads, renditions and previews cost, on SQLite."""

import os
import statistics
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import Any

from PIL import Image

REPEATS = 5
WIDTH = 46
# Name → pixels; a phone's photograph has about 12 million of them.
SIZES = {"0.5 Mpx": (816, 612), "2 Mpx": (1632, 1224), "12 Mpx": (4000, 3000)}


def main() -> None:
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="media-bench-") as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "cms.settings.test", "VAR_DIR": folder}
        os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / 'db.sqlite3'}"
        _set_up()
        print(f"Milliseconds, {REPEATS} runs each: smallest, middle, largest.\n")
        for group in (_pictures, _refusals, _uploads, _renditions, _fetching):
            for name, work in group():
                print(_row(name, work), flush=True)


def _set_up() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _row(name: str, work: Callable[[int], Any]) -> str:
    times = []
    for number in range(REPEATS):
        started = perf_counter()
        work(number)
        times.append((perf_counter() - started) * 1000)
    figures = (min(times), statistics.median(times), max(times))
    return f"{name:{WIDTH}} " + " ".join(f"{figure:9.1f}" for figure in figures)


def photo(size: tuple[int, int], kind: str, seed: int = 0, **options: Any) -> bytes:
    """Something with the detail of a photograph: noise over a gradient."""
    noise = Image.effect_noise(size, 12).convert("L")
    across = Image.linear_gradient("L").resize(size)
    image = Image.merge("RGB", (across, noise, across.transpose(Image.Transpose.ROTATE_180)))
    image.putpixel((0, 0), (seed, 0, 0))
    target = BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def _pictures() -> Iterator[tuple[str, Callable[[int], Any]]]:
    from media_tools.pictures import clean_picture

    for name, size in SIZES.items():
        for kind in ("JPEG", "PNG", "WEBP"):
            content = photo(size, kind)
            label = f"clean {kind} of {name}, {len(content) / 1e6:.1f} MB"
            yield label, lambda _, content=content: clean_picture(content)  # type: ignore[misc]  # the default binds the loop's value


def _refusals() -> Iterator[tuple[str, Callable[[int], Any]]]:
    from mcp_server.errors import Refused
    from media_tools.pictures import clean_picture

    from .hostile import bomb, gif

    def refused(content: bytes) -> None:
        try:
            clean_picture(content)
        except Refused:
            return
        raise AssertionError("not refused")

    bomb_bytes, frames = bomb(), gif(300_000)
    yield f"refuse 121 Mpx PNG of {len(bomb_bytes):,} bytes", lambda _: refused(bomb_bytes)
    yield f"refuse GIF of 300,000 frames, {len(frames):,} bytes", lambda _: refused(frames)


def _uploads() -> Iterator[tuple[str, Callable[[int], Any]]]:
    from django.test import Client

    from mcp_server.registry import registry
    from mcp_server.transport.arguments import Arguments
    from mcp_server.transport.call import call
    from media_tools.mcp_tools import upload_image
    from tests.world import build_world

    editor = build_world().actor("editor")
    spec = registry.get("upload_image")
    assert spec is not None
    arguments = Arguments(spec)

    def by_call(content: bytes) -> None:
        data = b64encode(content).decode()
        answer = call(editor, spec, arguments, {"title": "Photo", "data": data}, {})
        assert not answer.is_error, answer.content

    def by_ticket(content: bytes) -> None:
        url = str(getattr(upload_image(editor, "Photo"), "upload_url", ""))
        path = url[url.index("/mcp-upload/") :]
        answer = Client().put(path, content, content_type="image/jpeg")
        assert answer.status_code in (200, 201), answer.content

    for name in ("0.5 Mpx", "2 Mpx"):
        files = [photo(SIZES[name], "JPEG", seed) for seed in range(REPEATS)]
        yield f"upload_image by data, JPEG of {name}", lambda n, files=files: by_call(files[n])  # type: ignore[misc]  # the default binds the loop's value
    yield "upload_image, the same file again", lambda _: by_call(files[0])
    large = [photo(SIZES["12 Mpx"], "JPEG", seed) for seed in range(REPEATS)]
    yield "ticket and PUT, JPEG of 12 Mpx", lambda n: by_ticket(large[n])


def _renditions() -> Iterator[tuple[str, Callable[[int], Any]]]:
    from django.contrib.auth import get_user_model
    from wagtail.images import get_image_model

    from mcp_server.actor import Actor
    from mcp_server.api import rendition_filters
    from media_tools.mcp_tools import get_image

    actor = Actor(get_user_model().objects.get(username="editor"))
    image = get_image_model().objects.order_by("-width").first()
    assert image is not None
    large = image.pk
    filters = list(rendition_filters())[:8]
    for name, given in (("width-800", ["width-800"]), (f"{len(filters)} filters", filters)):

        def anew(_: int, given: list[str] = given) -> None:
            for rendition in image.renditions.all():
                rendition.delete()
            get_image(actor, large, given)

        yield f"get_image of 12 Mpx, {name}, made", anew
        yield f"get_image of 12 Mpx, {name}, there", lambda _, g=given: get_image(actor, large, g)  # type: ignore[misc]  # the default binds the loop's value
    yield "get_image of 12 Mpx, preview", lambda _: get_image(actor, large, [], preview=True)


def _fetching() -> Iterator[tuple[str, Callable[[int], Any]]]:
    from mcp_server.errors import Refused
    from media_tools.fetching import fetch

    from .servers import outside, reaching

    def refused(_: int) -> None:
        try:
            fetch("http://169.254.169.254/latest/meta-data/", 1000)
        except Refused:
            return
        raise AssertionError("not refused")

    content = photo(SIZES["2 Mpx"], "JPEG")
    with outside(lambda handler: handler.send(content)) as server:
        url, network = f"http://a.example:{server.port}/x.jpg", reaching(server)
        label = f"fetch {len(content) / 1e6:.1f} MB from loopback"
        yield label, lambda _: fetch(url, 10_000_000, network=network)
    yield "refuse to fetch a link-local address", refused


if __name__ == "__main__":
    main()
