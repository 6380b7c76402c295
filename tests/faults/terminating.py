"""SIGTERM while clients write, as at every deployment: who was let in is answered."""

from concurrent.futures import ThreadPoolExecutor
from random import Random
from signal import SIGTERM
from threading import Event
from time import perf_counter, sleep

from tests.live.asking import say

from . import inspecting
from .fault import Fault, Outcome
from .killing import state
from .preforked import preforked
from .scene import Scene
from .writers import Write, all_at_work, clients

CLIENTS = 8
ROUNDS, QUICK = 20, 3
LATEST, SEED = 1.5, 20260729


def run(scene: Scene) -> Outcome:
    random, done, cut = Random(SEED), list[Write](), list[Write]()
    refused, longest = list[str](), 0.0
    with (
        scene.unserved_site() as site,
        preforked(site) as server,
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        server.start()
        writing = clients(site, CLIENTS)
        rounds = scene.rounds(ROUNDS, QUICK)
        for number in range(rounds):
            moment = random.uniform(0, LATEST)
            seconds = list[float]()

            def terminate(first: Event, moment: float = moment) -> None:
                first.wait(60)
                sleep(moment)
                started = perf_counter()
                server.end(SIGTERM)
                seconds.append(perf_counter() - started)  # noqa: B023 - called in this round

            ledgers = all_at_work(pool, writing, terminate)
            longest = max(longest, *seconds)
            done += [write for ledger in ledgers for write in ledger.done]
            cut += [ledger.pending for ledger in ledgers if ledger.pending]
            refused += [ledger.refused for ledger in ledgers if ledger.refused]
            if number < rounds - 1:
                server.start()
        scene.inspect(site, inspecting.settle)
        missing = scene.inspect(site, inspecting.traces, done)
        unanswered = scene.inspect(site, inspecting.traces, cut)
        wrong = scene.inspect(site, inspecting.torn)
        rowless = len(scene.inspect(site, inspecting.rowless_files))
    lost = sum(state(parts) != "whole" for parts in missing)
    silent = [
        write for write, parts in zip(cut, unanswered, strict=True) if state(parts) != "absent"
    ]
    for line in [*wrong, *refused, *map(str, silent)]:
        say(line)
    return Outcome(
        f"{rounds} times; {lost} lost of {len(done):,} acknowledged writes; {len(silent)} replies "
        f"lost; {len(cut) - len(refused)} further calls found the door closed and {len(refused)} "
        f"were refused in words: {len(cut) - len(silent)} of these {len(cut)} wrote nothing; "
        f"{len(wrong)} torn, {rowless} files without a row; the process ended within "
        f"{longest:.1f} s",
        met=not (lost or silent or wrong or rowless),
    )


FAULTS = (Fault("sigterm", "SIGTERM under load", "0 replies lost", run),)
