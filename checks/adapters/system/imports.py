"""Forbid imports from files that tests may have changed.

Libraries import modules when they first need them, such as the codec of a response's charset. Tests running as root
could replace such a module, or put one into an empty place of `sys.path`, and so run code in the action's process.
"""

from __future__ import annotations

import sys
from importlib.machinery import BuiltinImporter, FrozenImporter
from typing import NoReturn


class _Forbidden:
    """Takes the place of the finders of files, and says why a module is missing."""

    @staticmethod
    def find_spec(name: str, *_: object) -> NoReturn:
        raise ModuleNotFoundError(f"{name} was not imported before the tests started", name=name)


def forbid() -> None:
    """Let this process import nothing from files from now on. Modules that are loaded remain available."""
    sys.meta_path[:] = [BuiltinImporter, FrozenImporter, _Forbidden]
