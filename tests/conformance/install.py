"""What the checks come from: Node, the suite, the Inspector and older SDKs, in an ignored folder.

Nothing of it is needed by the plugin or by any other test, so it is in no list of dependencies.
"""

import platform
import shutil
import subprocess
import sys
from pathlib import Path

from tests.live.site import ROOT

FOLDER = ROOT / "var" / "conformance"
SUITE = "@modelcontextprotocol/conformance"
INSPECTOR = "@modelcontextprotocol/inspector"
TYPESCRIPT = "@modelcontextprotocol/sdk"
CLIENT = "@modelcontextprotocol/client"
NODE_MAJOR = "22"
# Folder → package and version, as npm takes it.
NPM = {
    "suite": (SUITE, "0.2.0-alpha.12"),
    "inspector": (INSPECTOR, "2.12"),
    "typescript-1.10": (TYPESCRIPT, "1.10"),
    "typescript-1.32": (TYPESCRIPT, "1.32"),
    "typescript-2.4": (CLIENT, "2.4"),
}
# Folder → version of the package `mcp`, and what has to be installed with it.
PYTHON = {
    # It imports a function that later versions of pydantic do not have.
    "python-1.9.4": ("1.9.4", "pydantic<2.12"),
    "python-1.27.2": ("1.27.2",),
}
QUIET = ("--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error")


def install() -> None:
    """Everything that is not there yet. Raises SystemExit with a sentence where that fails."""
    _npm("node", _node_package(), NODE_MAJOR)
    for folder, (package, version) in NPM.items():
        _npm(folder, package, version)
    for folder, (version, *others) in PYTHON.items():
        _pip(folder, f"mcp=={version}", others)


def node() -> Path:
    """The program itself; npm's package holds nothing else."""
    return FOLDER / "node" / "node_modules" / _node_package() / "bin" / "node"


def program(folder: str, name: str) -> list[str]:
    """A command of an installed package, run by our Node and not by the machine's."""
    return [str(node()), str(FOLDER / folder / "node_modules" / ".bin" / name)]


def python(folder: str) -> str:
    return str(FOLDER / folder / "bin" / "python")


def _node_package() -> str:
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}
    system, kind = platform.system().lower(), platform.machine().lower()
    return f"node-{system}-{machine.get(kind, kind)}"


def _npm(folder: str, package: str, version: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm was not found, and the conformance suite comes from there.")
    target = FOLDER / folder
    wanted = f"{package}@{version}"
    if _is_there(target, wanted):
        return
    _start_afresh(target)
    (target / "package.json").write_text('{"private": true}\n')
    _run([npm, "install", *QUIET, wanted], target, wanted)


def _pip(folder: str, wanted: str, others: list[str]) -> None:
    target = FOLDER / folder
    if _is_there(target, wanted):
        return
    _start_afresh(target)
    _run([sys.executable, "-m", "venv", str(target)], target, wanted)
    _run([python(folder), "-m", "pip", "install", "--quiet", *others, wanted], target, wanted)


def _is_there(target: Path, wanted: str) -> bool:
    stamp = target / "installed"
    return stamp.exists() and stamp.read_text() == wanted


def _start_afresh(target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)


def _run(command: list[str], target: Path, wanted: str) -> None:
    done = subprocess.run(command, cwd=target, capture_output=True, text=True)
    if done.returncode != 0:
        sys.stderr.write(done.stderr[-2000:])
        raise SystemExit(f"{wanted} could not be installed, so there is nothing to check with.")
    if command[-1] == wanted:
        (target / "installed").write_text(wanted)
