"""Import our libraries, not modules of the tests.

Libraries import modules when they first need them, such as the codec of a response's charset. Tests running as root
could replace such a module, or put one into an empty place of `sys.path`, and so run code in the action's process.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib.machinery import BuiltinImporter, FrozenImporter
from typing import NoReturn


class _Forbidden:
    """Takes the place of the finders of files, and says why a module is missing."""

    @staticmethod
    def find_spec(name: str, *_: object) -> NoReturn:
        raise ModuleNotFoundError(f"{name} was not imported before the tests started", name=name)


def prefer_installed(environ: Mapping[str, str]) -> None:
    """Search ``PYTHONPATH`` and the current folder last: a project's own ``jinja2`` there is for its tests alone."""
    with suppress(FileNotFoundError):  # the current folder was deleted
        for_tests = {os.path.abspath(path) for path in ["", *environ.get("PYTHONPATH", "").split(os.pathsep)]}  # noqa: PTH100 - as Python
        sys.path.sort(key=lambda path: os.path.abspath(path) in for_tests)  # noqa: PTH100 - it is stable


def forbid() -> None:
    """Let this process import nothing from files from now on. Modules that are loaded remain available."""
    sys.meta_path[:] = [BuiltinImporter, FrozenImporter, _Forbidden]
