"""No room on the disk: for an uploaded file, and for SQLite's database."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg

from tests.live.asking import ask, say
from tests.live.site import LiveSite

from . import inspecting
from .answers import Answer, Call, all_asked, longest, others
from .cluster import Cluster
from .fault import Fault, NotRun, Outcome
from .scene import Scene
from .small_disk import empty, fill, small_disk
from .writers import noise

WHO = "admin"
CLIENTS, UPLOADS, QUICK = 4, 40, 8
# Less than a picture has: its file is begun, and breaks off.
LEFT = 24 * 1024


def uploads(scene: Scene) -> Outcome:
    """Pictures that do not fit, and then do."""
    number = scene.rounds(UPLOADS, QUICK)
    with scene.unserved_site() as site:
        media = site.folder / "media"
        with small_disk(media, megabytes=24), site.serving():
            calls = [_upload(n) for n in range(number)]
            before = scene.inspect(site, inspecting.images), _files(media)
            fill(media, leave=LEFT)
            refused = all_asked(site, WHO, calls, CLIENTS)
            put = _put_to_an_upload_address(site)
            rows = scene.inspect(site, inspecting.images) - before[0]
            files = _files(media) - before[1] - 1
            empty(media)
            after = all_asked(site, WHO, calls, CLIENTS)
            torn = scene.inspect(site, inspecting.torn)
            made = scene.inspect(site, inspecting.images) - before[0]
            rowless = len(scene.inspect(site, inspecting.rowless_files))
    clean = sum(answer.is_sentence for answer in refused)
    say(f"{put}\n{refused[0]}\n{others(after, lambda answer: answer.worked)}")
    return Outcome(
        f"{clean} of {number} uploads, and {int(put.is_sentence)} of 1 through an upload address, "
        f"got a sentence; {rows} rows, {files} files left; with room again the same calls made "
        f"{made} of {number}; {rowless} files without a row, {len(torn)} torn",
        met=clean == number == made and put.is_sentence and not (rows or files or rowless or torn),
    )


def database(scene: Scene) -> Outcome:
    """Drafts that do not fit into the database, and then do."""
    number = scene.rounds(UPLOADS, QUICK)
    with (
        scene.unserved_site() as site,
        _disk_of_the_database(scene, site) as folder,
        site.serving(),
    ):
        blog = int(ask(site, WHO, "find_page", url="/blog/")["id"])
        calls = [_draft(blog, n) for n in range(number)]
        fill(folder)
        full = all_asked(site, WHO, calls, CLIENTS)
        reads = all_asked(site, WHO, [("get_page_content", {"page_id": blog})] * 8, CLIENTS)
        empty(folder)
        all_asked(site, WHO, calls, CLIENTS)
        torn = scene.inspect(site, inspecting.torn)
        made = scene.inspect(site, inspecting.posts, "Full ")
    worked = [answer.worked for answer in reads]
    clean = sum(answer.worked or answer.is_sentence for answer in full)
    kept = sum(answer.worked for answer in full)
    say(f"{full[-1]}\n{others(reads, lambda answer: answer.worked)}\n{torn}")
    return Outcome(
        f"{number - kept} of {number} drafts did not fit, {clean - kept} of these got a sentence, "
        f"in {longest(full):.1f} s at most, and {sum(worked)} of {len(worked)} reads worked; with "
        f"room again the same calls made {made} of {number}, {len(torn)} torn",
        met=clean == number == made and kept < number and all(worked) and not torn,
    )


@contextmanager
def _disk_of_the_database(scene: Scene, site: LiveSite) -> Iterator[Path]:
    """A small disk under the site's folder, or under a tablespace of the cluster."""
    if scene.database == "SQLite":
        with small_disk(site.folder, megabytes=32):
            yield site.folder
    elif scene.cluster is None:
        raise NotRun("the server is not this run's own")
    else:
        with _tablespace(scene.cluster, site.environment["DATABASE_URL"]) as folder:
            yield folder


@contextmanager
def _tablespace(cluster: Cluster, url: str) -> Iterator[Path]:
    """The database's tables on a small disk; its log of writes stays where it was."""
    name, folder = url.rpartition("/")[2], cluster.folder / "small"
    folder.mkdir()
    with small_disk(folder, megabytes=64), psycopg.connect(cluster.url, autocommit=True) as server:
        cluster.own(folder)
        server.execute(f"CREATE TABLESPACE small LOCATION '{folder}'".encode())
        server.execute(f'ALTER DATABASE "{name}" SET TABLESPACE small'.encode())
        try:
            yield folder
        finally:
            server.execute(f'ALTER DATABASE "{name}" SET TABLESPACE pg_default'.encode())
            server.execute(b"DROP TABLESPACE small")


def _upload(number: int) -> Call:
    data = base64.b64encode(noise(number)).decode()
    return "upload_image", {"title": f"Noise {number}", "data": data}


def _draft(blog: int, number: int) -> Call:
    # In paragraphs: a very long one is refused before anything is written.
    body = f"Number {number}.\n\n" + ("A text that takes room. " * 100 + "\n\n") * 20
    return "create_blog_post", {"parent_id": blog, "title": f"Full {number}", "body": body}


def _put_to_an_upload_address(site: LiveSite) -> Answer:
    address = ask(site, WHO, "upload_image", title="Put")["upload_url"]
    answer = httpx.put(address, content=noise(-1), trust_env=False, timeout=60)
    try:
        return Answer(str(answer.json()["error"]), answer.elapsed.total_seconds())
    except (ValueError, KeyError):
        return Answer(None, answer.elapsed.total_seconds())


def _files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


FAULTS = (
    Fault(
        "full-media",
        "disk full during an upload",
        "no row, no file left behind",
        uploads,
    ),
    Fault(
        "full-database",
        "disk full under the database",
        "a clean sentence, nothing torn, reading goes on",
        database,
    ),
)
