"""A small filesystem of memory, to be filled up."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .fault import NotRun

FILLER = "filler"
CHUNK = 64 * 1024


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """``folder`` on a filesystem of its own, with what was in it. Raises NotRun without root."""
    aside = folder.with_name(f"{folder.name}-aside")
    shutil.move(folder, aside)
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)],
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise NotRun("a small filesystem cannot be mounted: that takes root")
    try:
        shutil.copytree(aside, folder, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, *, leave: int = 0) -> None:
    """Write until nothing fits any more, but for ``leave`` bytes."""
    with (folder / FILLER).open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"0" * CHUNK)
        except OSError:
            file.truncate(max(0, file.tell() - leave))
    assert leave or not os.statvfs(folder).f_bavail


def empty(folder: Path) -> None:
    (folder / FILLER).unlink()
