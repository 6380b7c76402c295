"""The official server's own virtual environment: its mcp package is not the one we need."""

import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
CONSTRAINTS = HERE.parents[2] / "requirements" / "constraints.txt"


class NotInstalledError(Exception):
    """The official server cannot be installed here; the text says what pip said."""


def interpreter(folder: Path) -> str:
    """The Python of an environment below ``folder``, made when its packages have changed."""
    constraints = _constraints()
    stamp = folder / "stamp"
    wanted = sha256((REQUIREMENTS.read_text() + constraints + sys.version).encode()).hexdigest()
    python = folder / "venv" / "bin" / "python"
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return str(python)
    print("Installing the official server into an environment of its own …", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    pinned = folder / "constraints.txt"
    pinned.write_text(constraints)
    _run(sys.executable, "-m", "venv", str(folder / "venv"))
    _run(
        *(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--requirement", str(REQUIREMENTS), "--constraint", str(pinned)),
    )
    stamp.write_text(wanted)
    return str(python)


def version() -> str:
    """The official server's version, as it is pinned."""
    found = re.search(r"^wagtail-mcp==(\S+)", REQUIREMENTS.read_text(), re.MULTILINE)
    assert found
    return found[1]


def _constraints() -> str:
    """Our versions of everything that the official server does not pin itself."""
    pinned = set(re.findall(r"^([\w-]+)==", REQUIREMENTS.read_text(), re.MULTILINE))
    lines = CONSTRAINTS.read_text().splitlines(keepends=True)
    return "".join(line for line in lines if line.partition("==")[0] not in pinned)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise NotInstalledError(done.stderr.strip()[-500:])
