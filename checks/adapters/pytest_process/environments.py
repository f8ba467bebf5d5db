"""Choose the Python environment of the tests: an existing one, or another CPython from uv."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...core.model.errors import CheckError, Problem
from ...core.pytest_process.command_line import environment_commands

#: Locked requirements of a new environment, for CPython 3.8 and later.
_PACKAGE = Path(__file__).parents[2]
_FILE = Path("requirements", "tests.txt")
_REQUIREMENTS = next(filter(Path.is_file, (_PACKAGE / _FILE, _PACKAGE.parent / _FILE)))  # installed, or a checkout


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A Python for the tests, with the commands that create it if it does not exist yet.

    `venv` is its folder if it is a virtual environment, else empty.
    """

    python: Path
    venv: str = ""
    commands: tuple[tuple[str, ...], ...] = ()


def existing(environ: Mapping[str, str]) -> Environment:
    """Return the Python that ``CHECKS_PYTHON`` names, else the action's own. Raises `CheckError`."""
    name = environ.get("CHECKS_PYTHON", "")
    python = shutil.which(name, path=environ.get("PATH")) if name else sys.executable
    if not python:
        raise CheckError(
            Problem(
                what=f"CHECKS_PYTHON is {name!r}",
                why="the program was not found.",
                remedy="Set it to the path of a Python that has pytest, or unset it.",
            )
        )
    # Not resolved, since a virtual environment's Python is a symbolic link.
    path = Path(python).absolute()
    venv = path.parents[1]
    return Environment(python=path, venv=str(venv) if (venv / "pyvenv.cfg").is_file() else "")


def planned(version: str, *, folder: Path, environ: Mapping[str, str]) -> Environment:
    """Return a virtual environment with another CPython, to be created in `folder`. Raises `CheckError` without uv."""
    uv = shutil.which("uv", path=environ.get("PATH")) or shutil.which("uv", path=Path(sys.executable).parent)
    if uv is None:
        raise CheckError(
            Problem(
                what=f"Input `python-version` is {version!r}",
                why="uv, which creates this environment, is not installed.",
                remedy="Install uv (pip install uv), or set CHECKS_PYTHON to a Python that has pytest.",
            )
        )
    commands = environment_commands(version, uv=uv, folder=str(folder), requirements=str(_REQUIREMENTS))
    return Environment(python=folder / "bin" / "python", venv=str(folder), commands=commands)
