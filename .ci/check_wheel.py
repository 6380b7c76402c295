"""Build the wheel, check that it holds the plugin and nothing else, and import it on its own."""

import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "requirements" / "constraints.txt"
PACKAGES = ("mcp_server", "media_tools")
IGNORED = ("__pycache__",)


def run(*command: str | Path, cwd: Path = ROOT) -> None:
    # PYTHONPATH would let the checkout answer for the wheel.
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    subprocess.run(command, check=True, cwd=cwd, env=env)


def build(folder: Path) -> Path:
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, ROOT)
    return next(folder.glob("*.whl"))


def in_checkout(package: str) -> set[str]:
    """Every file of the package: templates, static files, locales, migrations, py.typed."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / package).rglob("*")
        if path.is_file() and not any(part in IGNORED for part in path.parts)
    }


def check_contents(names: set[str]) -> None:
    expected = set[str]().union(*(in_checkout(package) for package in PACKAGES))
    expected |= {f"{package}/py.typed" for package in PACKAGES}
    packaged = {name for name in names if ".dist-info/" not in name}
    for title, wrong in (("missing", expected - packaged), ("too much", packaged - expected)):
        if wrong:
            sys.exit(f"The wheel is wrong, {title}:\n  " + "\n  ".join(sorted(wrong)))


def check_import(wheel: Path, folder: Path) -> None:
    """In an environment of its own, away from the checkout."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "-c", CONSTRAINTS, wheel)
    run(python, "-c", "import mcp_server, media_tools", cwd=folder)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel = build(folder)
        names = set(zipfile.ZipFile(wheel).namelist())
        print("\n".join(sorted(names)))
        check_contents(names)
        check_import(wheel, folder)
        print(f"{wheel.name}: {len(names)} files, nothing but the plugin, and it imports alone.")


if __name__ == "__main__":
    main()
