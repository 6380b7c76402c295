"""All faults, in the order of the table."""

from importlib import import_module

from .fault import Fault

MODULES = (
    "unsafe_sqlite",
    "killing",
    "stopping_postgres",
    "full_disk",
    "terminating",
    "workers",
    "agents",
    "retrying",
    "racing",
    "leaving",
    "soaking",
)


def faults() -> list[Fault]:
    """Of each module its ``FAULTS``."""
    return [fault for name in MODULES for fault in import_module(f"{__package__}.{name}").FAULTS]
