"""A PostgreSQL cluster of this run's own, which may be stopped without harm to anybody."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.ports import free_port

# PostgreSQL refuses to run as root; either of these owns nothing of ours.
UNPRIVILEGED = ("postgres", "nobody")
# Debian keeps the server's programs off the PATH.
DEBIAN = "/usr/lib/postgresql"


@dataclass(frozen=True)
class Cluster:
    """A cluster in ``folder`` on a port of its own, which nothing but loopback reaches."""

    programs: Path
    folder: Path
    port: int
    user: str | None

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def own(self, folder: Path) -> None:
        """Give the folder to the user that the server runs as."""
        if self.user:
            os.chown(folder, pwd.getpwnam(self.user).pw_uid, -1)
            folder.chmod(0o700)

    def create(self) -> None:
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")

    def start(self) -> None:
        """Start, and return once it takes connections."""
        options = f"-p {self.port} -h 127.0.0.1 -k {self.folder}"
        log = str(self.folder / "postgres.log")
        self._run("pg_ctl", "start", "--wait", f"--options={options}", f"--log={log}")

    def stop(self) -> None:
        """Stop at once, cutting every connection, as a restart for an upgrade does."""
        self._run("pg_ctl", "stop", "--wait", "--mode=fast")

    def _run(self, program: str, *arguments: str) -> None:
        # A server that pg_ctl starts would keep a pipe open for ever: nothing is captured.
        with (self.folder / "commands.log").open("ab") as log:
            done = subprocess.run(
                [str(self.programs / program), f"--pgdata={self.data}", *arguments],
                cwd=self.folder, user=self.user, stdout=log, stderr=log, timeout=120,
            )  # fmt: skip
        assert done.returncode == 0, (self.folder / "commands.log").read_text()[-2000:]


@contextmanager
def own_cluster() -> Iterator[Cluster | None]:
    """A running cluster; None where PostgreSQL's server programs are not installed."""
    programs = programs_folder()
    if programs is None:
        yield None
        return
    with TemporaryDirectory(prefix="editorial-cluster-", ignore_cleanup_errors=True) as name:
        cluster = Cluster(programs, Path(name), free_port(), _user())
        cluster.own(cluster.folder)
        cluster.create()
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


def programs_folder() -> Path | None:
    """Where initdb and pg_ctl are, the newest version first."""
    found = sorted(Path(DEBIAN).glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    return found[-1].parent if found else None


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in UNPRIVILEGED if name in known)
