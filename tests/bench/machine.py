"""What the figures were measured on, without anything that names the machine."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("django", "wagtail", "fastmcp", "mcp", "uvicorn")


def machine() -> dict[str, str]:
    return {
        "processor": f"{os.cpu_count()} × {_field('/proc/cpuinfo', 'model name')}",
        "memory": f"{int(_field('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.0f} GB",
        "python": platform.python_version(),
        "load": f"{os.getloadavg()[0]:.1f}",
        **{name: version(name) for name in PACKAGES},
    }


def _field(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"
