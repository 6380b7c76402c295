"""The run: per database and size our server, then the official one, then the bare functions."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cases import CASES, READ_LONG, Ask, Case, Facts
from .databases import Databases
from .load import Job, Request, encoded
from .servers import NOTHING, OURS, ROOT, Server, Site, served

WARM_SECONDS = 0.4
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
        """Fill a database, and measure each server on a copy of it."""
        facts = self._fill()
        sites = {"ours": OURS, **({"official": official} if official else {})}
        found: Figures = {
            "engine": self.databases.engine,
            "pages": facts["pages"],
            "functions": self._functions(facts),
            "servers": {name: self._server(name, site, facts) for name, site in sites.items()},
        }
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

    def _server(self, name: str, site: Site, facts: Facts) -> Figures:
        url = self.databases.create(name, "filled")
        if name == "official":
            # Its tables are Wagtail's own, but its documentation asks for this.
            site.run(self.folder, url, "-m", "django", "migrate", "--verbosity", "0")
        found: Figures = {"cases": {}}
        with served(site, self.folder, url) as server:
            for case in CASES:
                ask: Ask | None = getattr(case, name)
                if ask is not None:
                    found["cases"][case.name] = self._case(server, case, ask, name, facts)
                    found.setdefault("memory_first", server.memory())
            found["memory"] = server.memory()
        self.databases.drop(name)
        return found

    def _case(self, server: Server, case: Case, ask: Ask, name: str, facts: Facts) -> Figures:
        token = facts["our_token" if name == "ours" else "official_token"]
        found: Figures = {}
        for clients in self.clients:
            requests = [ask.request(facts, token, number) for number in range(clients)]
            first: list[Request] = []
            if case.before is not None and name == "ours":
                first = [READ_LONG.request(facts, token, number) for number in range(clients)]
            self.load.run(Job(server.port, WARM_SECONDS, requests, first))
            before = server.cpu()
            figures = self.load.run(Job(server.port, self.seconds, requests, first))
            spent = server.cpu() - before
            answers = figures["good"] + figures["failed"] + len(first)
            found[str(clients)] = figures | {"cpu": spent / answers * 1000}
            print(_line(self, name, case.name, clients, found[str(clients)]), flush=True)
            if figures["p50"] > TOO_SLOW:
                # With more clients at once it would take minutes, and say the same.
                break
        return found


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
