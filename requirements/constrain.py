"""Resolve every dependency afresh on each Python given and write `constraints.txt`.

    python3 requirements/constrain.py python3.11 python3.12 python3.13

The Pythons go from oldest to newest. A package whose version differs between them gets one
line for each range of Pythons, told apart by an environment marker.
"""

import json
import re
import subprocess
import sys
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# Written by `make constraints`: the versions that the project is tested with.\n"
Release = tuple[str, str | None]  # a Python such as "3.11", and the package's version there


def resolve(python: str) -> tuple[str, dict[str, str]]:
    """The Python's own version and what pip would install there, without installing it."""
    command = [python, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    report = subprocess.run(
        [*command, "--report", "-", f"{ROOT}[dev]"], check=True, stdout=subprocess.PIPE
    )
    parsed = json.loads(report.stdout)
    found = {
        re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower(): item["metadata"]["version"]
        for item in parsed["install"]
        if "dir_info" not in item["download_info"]
    }
    return parsed["environment"]["python_version"], found


def lines(name: str, releases: list[Release]) -> list[str]:
    """The package's line or lines. A Python that does not install it needs no line."""
    if len({version for _, version in releases if version}) == 1:
        return [f"{name}=={next(version for _, version in releases if version)}"]
    ranges = [(v, [p for p, _ in group]) for v, group in groupby(releases, key=lambda r: r[1])]
    result = []
    for index, (version, pythons) in enumerate(ranges):
        bounds = [f'python_version >= "{pythons[0]}"'] if index else []
        if index + 1 < len(ranges):
            bounds.append(f'python_version < "{ranges[index + 1][1][0]}"')
        if version:
            result.append(f"{name}=={version} ; {' and '.join(bounds)}")
    return result


def main(pythons: list[str]) -> None:
    resolved = [resolve(python) for python in pythons]
    names = sorted({name for _, found in resolved for name in found})
    merged = [
        line
        for name in names
        for line in lines(name, [(version, found.get(name)) for version, found in resolved])
    ]
    (ROOT / "requirements" / "constraints.txt").write_text(HEADER + "\n".join(merged) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:] or ["python3"])
