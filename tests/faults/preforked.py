"""A server that is back at once: its process is forked from one that has imported the site.

    python -m tests.faults.preforked <port>

Each line on standard input starts one; its process id is printed, and an empty line at its end.
Imports cost seconds of a restart, and a kill can break nothing in them. The parent opens no
connection to the database, has one thread, and serves nobody.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from signal import SIGKILL, Signals

from tests.live.asking import say
from tests.live.site import ROOT, LiveSite


@dataclass
class Preforked:
    """The site's server, as often as it is killed."""

    site: LiveSite
    parent: "subprocess.Popen[str]"
    pid: int = 0

    def start(self) -> None:
        self._say()
        self.pid = int(self._line())
        self.site.wait(self.parent)

    def end(self, by: Signals) -> None:
        """The signal, and the end of the process."""
        os.kill(self.pid, by)
        self._line()
        self.pid = 0

    def _say(self) -> None:
        assert self.parent.stdin is not None
        self.parent.stdin.write("\n")
        self.parent.stdin.flush()

    def _line(self) -> str:
        assert self.parent.stdout is not None
        return self.parent.stdout.readline()


@contextmanager
def preforked(site: LiveSite) -> Iterator[Preforked]:
    """Nothing is served until ``start``."""
    command = [sys.executable, "-m", "tests.faults.preforked", str(site.port)]
    with site.log.open("a") as log:
        parent = subprocess.Popen(
            command, cwd=ROOT, env=site.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
        )  # fmt: skip
    with parent:
        server = Preforked(site, parent)
        try:
            yield server
        finally:
            if server.pid:
                server.end(SIGKILL)
            assert parent.stdin is not None
            parent.stdin.close()


def main(port: int) -> None:
    import fastmcp.server.sessions
    import uvicorn
    from django.urls import get_resolver

    from cms.asgi import application

    # What the first request would import: two seconds of work that is not what is tried here.
    assert fastmcp.server.sessions
    assert get_resolver().url_patterns
    for _ in sys.stdin:
        pid = os.fork()
        if not pid:
            uvicorn.run(application, port=port, access_log=False, timeout_graceful_shutdown=20)
            os._exit(0)
        say(str(pid))
        os.waitpid(pid, 0)
        say("")


if __name__ == "__main__":
    main(int(sys.argv[1]))
