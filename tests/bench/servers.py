"""One server process at a time, and what it takes of the machine."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 600
# Of the shell only what both servers are given alike; the last two choose the memory allocator.
KEPT = ("PATH", "HOME", "LANG", "PYTHONMALLOC", "GLIBC_TUNABLES")
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Site:
    """How a site is started: an interpreter, a settings module, an application."""

    python: str
    settings: str
    application: str
    # Answers as soon as the process serves.
    ready: str

    def environment(self, folder: Path, database_url: str) -> dict[str, str]:
        """Nothing from the shell that could make one server differ from the other."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return {
            **kept,
            "DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": self.settings,
            "VAR_DIR": str(folder),
        }

    def run(self, folder: Path, database_url: str, *arguments: str) -> None:
        """A command of the site, to its end; raises SystemExit with what it wrote."""
        done = subprocess.run(
            [self.python, *arguments], cwd=ROOT, env=self.environment(folder, database_url),
            capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stderr[-3000:]}")


OURS = Site(sys.executable, "tests.bench.ours.settings", "cms.asgi:application", "/mcp/health")
ALONE = Site(sys.executable, "", "tests.bench.alone:application", "/ready")
NOTHING = Site(sys.executable, "", "tests.bench.nothing:application", "/")


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Seconds of processor time that the process has used, all threads together."""
        # The command's name, in brackets, may hold spaces.
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def memory(self) -> float:
        """Resident memory in MB."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


@contextmanager
def served(site: Site, folder: Path, database_url: str) -> Iterator[Server]:
    """The site in one uvicorn process on a free loopback port, the same options for each."""
    port = free_port()
    log = folder / f"server-{port}.log"
    command = [
        *(site.python, "-m", "uvicorn", site.application, "--host", "127.0.0.1"),
        *("--port", str(port), "--no-access-log", "--log-level", "warning"),
        # A slow case must not cost the connection of a client that waits.
        *("--timeout-keep-alive", "300"),
    ]
    with log.open("w") as sink:
        process = subprocess.Popen(
            command, cwd=ROOT, env=site.environment(folder, database_url), stdout=sink, stderr=sink
        )
        try:
            _wait(port, process, log)
            # The first request imports what the site's addresses need.
            url = f"http://127.0.0.1:{port}{site.ready}"
            httpx.get(url, trust_env=False, timeout=START_SECONDS).raise_for_status()
            yield Server(port, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until the port answers: cheap to ask, because the server needs the processor."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"the server did not start: {log.read_text()[-3000:]}")
