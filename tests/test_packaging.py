"""The metadata that the package index shows, and the versions that the project is tested with."""

import re
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ["mcp_server", "media_tools"]
LOCKED = re.compile(r'[a-z0-9-]+==[\w.+!]+( ; python_version [<>=]+ "3\.\d+"( and .*)?)?')


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def constraints() -> list[str]:
    lines = (ROOT / "requirements" / "constraints.txt").read_text().splitlines()
    return [line for line in lines if not line.startswith("#")]


def test_the_wheel_holds_the_plugin_only(pyproject: dict[str, Any]) -> None:
    assert pyproject["tool"]["hatch"]["build"]["targets"]["wheel"] == {"packages": PACKAGES}


@pytest.mark.parametrize("package", PACKAGES)
def test_types_are_published(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()


def test_the_version_is_written_once(pyproject: dict[str, Any]) -> None:
    declared = pyproject["project"]["version"]

    assert version(pyproject["project"]["name"]) == declared
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            assert f'"{declared}"' not in file.read_text(), file


def test_the_license_is_in_the_wheel(pyproject: dict[str, Any]) -> None:
    assert pyproject["project"]["license"] == "BSD-3-Clause"
    assert pyproject["project"]["license-files"] == ["LICENSE"]
    assert (ROOT / "LICENSE").read_text().startswith("BSD 3-Clause License")


def test_this_python_is_a_declared_one(pyproject: dict[str, Any]) -> None:
    this = f"Programming Language :: Python :: {sys.version_info[0]}.{sys.version_info[1]}"

    assert this in pyproject["project"]["classifiers"]


def test_constraints_are_plain_versions(constraints: list[str]) -> None:
    """No addresses and no hashes: the same file serves every index and mirror."""
    assert [line for line in constraints if not LOCKED.fullmatch(line)] == []


def test_every_direct_dependency_is_constrained(
    pyproject: dict[str, Any], constraints: list[str]
) -> None:
    project = pyproject["project"]
    wanted = [project["dependencies"], *project["optional-dependencies"].values()]
    names = {Requirement(line).name.lower() for group in wanted for line in group}
    locked = {Requirement(line).name for line in constraints}

    assert names - locked - {project["name"]} == set()


@pytest.mark.parametrize("name", ["django", "wagtail", "fastmcp"])
def test_the_installed_version_is_the_constrained_one(name: str, constraints: list[str]) -> None:
    """Also that exactly one of several lines for a package is meant for this Python."""
    lines = [line for line in map(Requirement, constraints) if line.name == name]
    here = [line for line in lines if line.marker is None or line.marker.evaluate()]

    assert [str(line.specifier) for line in here] == [f"=={version(name)}"]


def test_the_changelog_has_room_for_the_next_change() -> None:
    assert "\n## [Unreleased]\n" in (ROOT / "CHANGELOG.md").read_text()
