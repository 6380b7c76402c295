"""kill -9 while clients write: what was acknowledged is there, what was not is whole or absent."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from signal import SIGKILL
from threading import Event
from time import perf_counter, sleep

from tests.live.asking import say
from tests.live.site import LiveSite

from . import inspecting
from .fault import Fault, Outcome
from .preforked import Preforked, preforked
from .scene import Scene
from .writers import Ledger, Refusal, Write, all_at_work, clients

CLIENTS = 4
KILLS, QUICK = 100, 5
# Seconds after the first answer; some kills hit the first writes of a fresh process.
LATEST = 1.5
SEED = 20260728
# Only these calls take a key; the others are told apart by the revision that they started from.
WITH_KEY = ("create_blog_post", "upload_image")


@dataclass
class Tally:
    """What all kills of a run came to."""

    acknowledged: list[Write] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    restarts: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        cut = self.counts["whole"] + self.counts["absent"] + self.counts["half"]
        refused = f", {self.counts['refused']} of them refused in words" * bool(
            self.counts["refused"]
        )
        return (
            f"{self.counts['kills']} kills; {self.counts['lost']} lost of "
            f"{len(self.acknowledged):,} acknowledged writes; of {cut} cut off{refused} "
            f"{self.counts['whole']} whole, {self.counts['absent']} absent, "
            f"{self.counts['half']} half; {self.counts['once']} of {cut} once after a retry; "
            f"{self.counts['torn']} torn; {self.counts['rowless']} files without a row; "
            f"restart {max(self.restarts):.1f} s at most"
        )

    @property
    def is_clean(self) -> bool:
        # A file that was on the disk before its row was committed stays there: nobody was left to
        # remove it, and nothing leads to it.
        return not self.wrong


def run(scene: Scene) -> Outcome:
    tally, random = Tally(), Random(SEED)
    with (
        scene.unserved_site() as site,
        preforked(site) as server,
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        server.start()
        writing = clients(site, CLIENTS)
        for _ in range(scene.rounds(KILLS, QUICK)):
            moment = random.uniform(0, LATEST)

            def kill(first: Event, moment: float = moment) -> None:
                first.wait(120)
                sleep(moment)
                server.end(SIGKILL)

            ledgers = all_at_work(pool, writing, kill)
            _after_a_kill(scene, site, server, ledgers, tally)
        server.end(SIGKILL)
        _at_the_end(scene, site, tally)
    for line in tally.wrong:
        say(line)
    return Outcome(str(tally), met=tally.is_clean)


def _after_a_kill(
    scene: Scene, site: LiveSite, server: Preforked, ledgers: list[Ledger], tally: Tally
) -> None:
    """Count what the kill left, start again, and send what was cut off once more."""
    tally.counts["kills"] += 1
    done = [write for ledger in ledgers for write in ledger.done]
    cut = [ledger.pending for ledger in ledgers if ledger.pending]
    tally.acknowledged += done
    tally.counts["refused"] += sum(bool(ledger.refused) for ledger in ledgers)
    scene.inspect(site, inspecting.settle)
    _lost(scene, site, done, tally)
    _torn(scene, site, tally)
    before = scene.inspect(site, inspecting.traces, cut)
    tally.counts.update(map(state, before))
    tally.wrong += [
        f"half a write: {write} {parts}"
        for write, parts in zip(cut, before, strict=True)
        if state(parts) == "half"
    ]
    started = perf_counter()
    server.start()
    tally.restarts.append(perf_counter() - started)
    for write, parts in zip(cut, before, strict=True):
        _again(site, write, state(parts), tally)
    after = scene.inspect(site, inspecting.traces, cut)
    tally.counts["once"] += sum(state(parts) == "whole" for parts in after)
    tally.wrong += [
        f"not once after a retry: {write} {parts}"
        for write, parts in zip(cut, after, strict=True)
        if state(parts) != "whole"
    ]


def _again(site: LiveSite, write: Write, state: str, tally: Tally) -> None:
    """The same call once more; one that happened and has no key is refused as a conflict."""
    try:
        answer = write.sent(site).answer or {}
    except Refusal as refusal:
        if write.tool in WITH_KEY or state != "whole":
            tally.wrong.append(f"the retry was refused: {refusal}")
        return
    if write.tool in WITH_KEY and bool(answer.get("replayed")) != (state == "whole"):
        tally.wrong.append(f"{write.tool} was {state}, and the retry said {answer}")


def _at_the_end(scene: Scene, site: LiveSite, tally: Tally) -> None:
    """All acknowledged writes once more: no later kill may have undone one."""
    scene.inspect(site, inspecting.settle)
    _lost(scene, site, tally.acknowledged, tally)
    _torn(scene, site, tally)
    left = scene.inspect(site, inspecting.rowless_files)
    tally.counts["rowless"] = len(left)


def _lost(scene: Scene, site: LiveSite, done: list[Write], tally: Tally) -> None:
    for write, parts in zip(done, scene.inspect(site, inspecting.traces, done), strict=True):
        if state(parts) != "whole":
            tally.counts["lost"] += 1
            tally.wrong.append(f"acknowledged, and not there: {write} {parts}")


def _torn(scene: Scene, site: LiveSite, tally: Tally) -> None:
    found = scene.inspect(site, inspecting.torn)
    tally.counts["torn"] += len(found)
    tally.wrong += found


def state(parts: inspecting.Parts) -> str:
    """``whole``: each part once; ``absent``: none; anything else is ``half``."""
    counts = set(parts.values())
    return {frozenset({1}): "whole", frozenset({0}): "absent"}.get(frozenset(counts), "half")


FAULTS = (
    Fault(
        "kill",
        "kill -9 during writes",
        "0 acknowledged writes lost, 0 torn page, revision or log entry, find_problems() empty",
        run,
    ),
)
