"""The database goes away and comes back: PostgreSQL is stopped, SQLite's lock is kept by others."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from time import perf_counter

from tests.live.asking import ask, say
from tests.live.site import LiveSite

from .answers import Answer, Call, all_asked, longest, others
from .cluster import Cluster
from .fault import Fault, NotRun, Outcome
from .scene import SQLITE, Scene

WHO = "admin"
CLIENTS, EACH, QUICK = 8, 8, 2
STOPS = 3
MOST_SECONDS = 5.0


def run(scene: Scene) -> Outcome:
    if scene.database == "SQLite":
        return _locked(scene)
    if scene.cluster is None:
        raise NotRun("the server is not this run's own")
    return _stopped(scene, scene.cluster)


def _stopped(scene: Scene, cluster: Cluster) -> Outcome:
    down, after = list[Answer](), list[Answer]()
    number = CLIENTS * scene.rounds(EACH, QUICK)
    with scene.site() as site:
        page = _page(site)
        all_asked(site, WHO, _mixed(page, "before", number), CLIENTS)
        for stop in range(scene.rounds(STOPS, 1)):
            cluster.stop()
            try:
                down += all_asked(site, WHO, _mixed(page, f"down {stop}", number), CLIENTS)
            finally:
                cluster.start()
            after += all_asked(site, WHO, _mixed(page, f"after {stop}", number), CLIENTS)
    clean = [answer for answer in down if answer.is_sentence]
    failed = [answer for answer in after if not answer.worked]
    say(others(down, lambda answer: answer.is_sentence) or "while down: sentences only")
    say(others(after, lambda answer: answer.worked) or "after: no failure")
    return Outcome(
        f"{scene.rounds(STOPS, 1)} stops; while down {len(clean)} of {len(down)} calls got the "
        f"sentence, in {longest(down):.1f} s at most; after it {len(failed)} failures of "
        f"{len(after)}, the first calls included, {longest(after):.1f} s at most",
        met=len(clean) == len(down) and longest(down) < MOST_SECONDS and not failed,
    )


def _locked(scene: Scene) -> Outcome:
    """Another program keeps SQLite's write lock for longer than the site waits for it."""
    number = scene.rounds(CLIENTS, QUICK)
    with scene.site() as site:
        page = _page(site)
        with closing(sqlite3.connect(site.folder / SQLITE, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with ThreadPoolExecutor(1) as pool:
                reading = pool.submit(all_asked, site, WHO, [_read(page)] * number, 2)
                writes = all_asked(
                    site, WHO, [_write(page, f"x{n}") for n in range(number)], number
                )
                reads = reading.result()
            other.execute("ROLLBACK")
        started = perf_counter()
        after = all_asked(site, WHO, _mixed(page, "after", CLIENTS * EACH), CLIENTS)
        seconds = perf_counter() - started
    clean = [answer for answer in writes if answer.is_sentence]
    failed = [answer for answer in after if not answer.worked]
    worked = [answer for answer in reads if answer.worked]
    say(others(writes, lambda answer: answer.is_sentence) or "while locked: sentences only")
    say(others(after, lambda answer: answer.worked) or "after: no failure")
    return Outcome(
        "has no server to stop; with the write lock kept by another program "
        f"{len(clean)} of {len(writes)} writes got the sentence, after {longest(writes):.0f} s "
        f"(the timeout is 20 s), and {len(worked)} of {len(reads)} reads worked, in "
        f"{longest(reads):.1f} s at most; after it {len(failed)} failures of {len(after)} "
        f"in {seconds:.0f} s",
        met=len(clean) == len(writes) and len(worked) == len(reads) and not failed,
    )


def _page(site: LiveSite) -> int:
    return int(ask(site, WHO, "find_page", url="/blog/")["id"])


def _read(page: int) -> Call:
    return "get_page_content", {"page_id": page}


def _write(page: int, title: str) -> Call:
    return "create_blog_post", {"parent_id": page, "title": title, "body": "Text."}


def _mixed(page: int, title: str, number: int) -> list[Call]:
    kinds = [_read(page), ("search_pages", {"query": "moss"})]
    return [_write(page, f"{title} {n}") if n % 3 == 2 else kinds[n % 3] for n in range(number)]


FAULTS = (
    Fault(
        "postgres",
        "PostgreSQL stopped, restarted",
        "a clean sentence in < 5 s while down, 0 failures after recovery",
        run,
    ),
)
