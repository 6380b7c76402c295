"""The run: per database and size the bare functions, then both servers, case by case in turn."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cases import CASES, READ_LONG, Ask, Case, Facts
from .databases import Databases
from .load import Job, Request, encoded
from .servers import ALONE, NOTHING, OURS, ROOT, Server, Site, served

WARM_SECONDS = 0.2
ROUNDS = 3
TOO_SLOW = 5_000  # milliseconds
Figures = dict[str, Any]


class Generator:
    """The load generator's process."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(self, job: Job) -> Figures:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{encoded(job)}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("the load generator stopped")
        found: Figures = json.loads(line)
        return found


@contextmanager
def generator() -> Iterator[Generator]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.load"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            yield Generator(process)
        finally:
            process.terminate()


@dataclass(frozen=True)
class Stage:
    """One database of one size, and how long it is asked."""

    databases: Databases
    folder: Path
    pages: int
    clients: Sequence[int]
    seconds: float
    load: Generator

    def measure(self, official: Site | None) -> Figures:
        """Fill a database, and measure each server on a copy of it, case by case in turn.

        FastMCP alone runs beside them, and takes its turn where it is a bound.
        """
        facts = self._fill()
        sites = {"ours": OURS, **({"official": official} if official else {}), "alone": ALONE}
        found: Figures = {
            "engine": self.databases.engine,
            "pages": facts["pages"],
            "functions": self._functions(facts),
            "servers": {name: {"cases": {}} for name in sites},
        }
        with ExitStack() as stack:
            servers = {
                name: stack.enter_context(self._served(name, site)) for name, site in sites.items()
            }
            for case in CASES:
                for name, figures in self._case(case, servers, facts).items():
                    found["servers"][name]["cases"][case.name] = figures
                    found["servers"][name].setdefault("memory_first", servers[name].memory())
            for name, server in servers.items():
                found["servers"][name]["memory"] = server.memory()
        for name in sites.keys() - {"alone"}:
            self.databases.drop(name)
        self.databases.drop("filled")
        return found

    def _fill(self) -> Facts:
        url = self.databases.create("filled", "empty")
        target = self.folder / "facts.json"
        OURS.run(self.folder, url, "-m", "tests.bench.content", str(self.pages), str(target))
        facts: Facts = json.loads(target.read_text())
        return facts

    def _functions(self, facts: Facts) -> Figures:
        url = self.databases.create("functions", "filled")
        done = subprocess.run(
            [OURS.python, "-m", "tests.bench.functions",
             str(self.folder / "facts.json"), str(self.seconds)],
            cwd=ROOT, env=OURS.environment(self.folder, url),
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        self.databases.drop("functions")
        found: Figures = json.loads(done.stdout)
        return found

    @contextmanager
    def _served(self, name: str, site: Site) -> Iterator[Server]:
        url = "" if site is ALONE else self.databases.create(name, "filled")
        if name == "official":
            # Its tables are Wagtail's own, but its documentation asks for this.
            site.run(self.folder, url, "-m", "django", "migrate", "--verbosity", "0")
        with served(site, self.folder, url) as server:
            yield server

    def _case(self, case: Case, servers: dict[str, Server], facts: Facts) -> Figures:
        """By server and number of clients, the round in the middle of several."""
        asked = {name: ask for name in servers if (ask := getattr(case, name)) is not None}
        found: Figures = {name: {} for name in asked}
        for clients in self.clients:
            rounds: dict[str, list[Figures]] = {name: [] for name in asked}
            for _ in range(ROUNDS):
                # Close together: a machine that others share is not always as fast.
                for name in asked:
                    if not any((figures["p50"] or 0) > TOO_SLOW for figures in rounds[name]):
                        rounds[name].append(
                            self._round(servers[name], case, asked[name], name, facts, clients)
                        )
            for name, measured in rounds.items():
                ordered = sorted(measured, key=lambda figures: figures["rate"])
                found[name][str(clients)] = figures = ordered[len(ordered) // 2]
                print(_line(self, name, case.name, clients, figures), flush=True)
                if (figures["p50"] or 0) > TOO_SLOW:
                    # With more clients at once it would take minutes, and say the same.
                    del asked[name]
        return found

    def _round(
        self, server: Server, case: Case, ask: Ask, name: str, facts: Facts, clients: int
    ) -> Figures:
        token = facts["our_token" if name == "ours" else "official_token"]
        requests = [ask.request(facts, token, number) for number in range(clients)]
        first: list[Request] = []
        if case.before is not None and name == "ours":
            first = [READ_LONG.request(facts, token, number) for number in range(clients)]
        self.load.run(Job(server.port, WARM_SECONDS, requests, first))
        before = server.cpu()
        figures = self.load.run(Job(server.port, self.seconds / ROUNDS, requests, first))
        spent = server.cpu() - before
        answers = figures["good"] + figures["failed"] + len(first)
        return figures | {"cpu": spent / answers * 1000}


def ceiling(folder: Path, load: Generator, clients: int, seconds: float) -> Figures:
    """What the generator reaches against an application that does nothing."""
    with served(NOTHING, folder, "") as server:
        ask = Ask("nothing", mark="content")
        facts = {"long_ids": [0]}
        request = ask.request(facts, "none", 0)
        load.run(Job(server.port, WARM_SECONDS, [request] * clients))
        return load.run(Job(server.port, seconds, [request] * clients))


def _line(stage: Stage, server: str, case: str, clients: int, figures: Figures) -> str:
    where = f"{stage.databases.engine:<10} {stage.pages:>6} {server:<8} {case:<24} {clients:>2}"
    if not figures["good"]:
        return f"{where} every answer was wrong: {figures['failure']}"
    wrong = f"  {figures['failed']} wrong: {figures['failure']}" if figures["failed"] else ""
    return (
        f"{where} {figures['rate']:8.1f}/s  p50 {figures['p50']:8.1f}  p95 {figures['p95']:8.1f} ms"
        f"  cpu {figures['cpu']:7.2f} ms  {figures['bytes']:8.0f} bytes{wrong}"
    )
