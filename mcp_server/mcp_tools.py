"""Imports every module of ``tools/``, ``resources/`` and ``prompts/``.

A new tool, resource or prompt is one function in one file, and nothing to add here.
"""

from importlib import import_module
from pkgutil import iter_modules

from . import prompts, resources, tools

for package in (tools, resources, prompts):
    for module in iter_modules(package.__path__, f"{package.__name__}."):
        import_module(module.name)
