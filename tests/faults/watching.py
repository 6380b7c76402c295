"""What a process holds, as Linux tells it: memory, threads, files, sockets."""

import os
from dataclasses import dataclass
from pathlib import Path

UNITS = 1024  # /proc counts memory in kB, a report in MB


@dataclass(frozen=True)
class Held:
    """``rss`` in MB; ``files`` are open descriptors without the ``sockets``."""

    rss: float
    threads: int
    sockets: int
    files: int

    def __str__(self) -> str:
        return f"{self.rss:7.1f} {self.threads:8} {self.sockets:8} {self.files:6}"


HEAD = f"{'RSS MB':>7} {'threads':>8} {'sockets':>8} {'files':>6}"


def held_by(pid: int) -> Held:
    """What the process holds now. Raises OSError when it is gone."""
    status = _status(pid)
    sockets, files = _descriptors(pid)
    return Held(int(status["VmRSS"].split()[0]) / UNITS, int(status["Threads"]), sockets, files)


def _status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value for name, _, value in (line.partition(":") for line in lines)}


def _descriptors(pid: int) -> tuple[int, int]:
    sockets = others = 0
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(descriptor)
        except OSError:
            continue  # closed meanwhile
        is_socket = target.startswith("socket:")
        sockets, others = sockets + is_socket, others + (not is_socket)
    return sockets, others
