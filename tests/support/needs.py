"""What a test needs and a machine may lack: skips with the reason, or fails if REQUIRE_ALL is 1."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest

from checks.adapters.system.sandbox import Sandbox, SandboxUnavailableError


def missing(reason: str) -> NoReturn:
    """Skip or fail the test."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"REQUIRE_ALL: {reason}", pytrace=False)
    pytest.skip(reason)


def program(name: str) -> str:
    """Return the path of a program on PATH."""
    return shutil.which(name) or missing(f"{name} is not on PATH")


def linux() -> None:
    """Require Linux, for isolating, finding and ending processes."""
    if sys.platform != "linux":
        missing("needs Linux")


def root() -> None:
    """Require root, as in a job's container."""
    linux()
    if os.geteuid() != 0:
        missing("needs root")


def mounts_of_its_own() -> tuple[str, ...]:
    """Return a command prefix for mounts of its own, as root."""
    root()
    command = (program("unshare"), "--mount")
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        missing("cannot create a mount namespace")
    return command


def landlock() -> None:
    """Require Landlock, which the sandbox uses."""
    try:
        Sandbox((), ())
    except SandboxUnavailableError as error:
        missing(f"no Landlock: {error}")


def uv() -> str:
    """Return the path of uv: next to the tests' Python, else on PATH."""
    return shutil.which("uv", path=Path(sys.executable).parent) or program("uv")


def chromium() -> str:
    """Return the path of Chromium or a browser based on it."""
    found = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    return next(found, None) or missing("neither Chromium nor Chrome is on PATH")


def python(version: str) -> Path:
    """Return a CPython of that minor version, such as ``3.8``."""
    return _python(version) or missing(f"CPython {version} is neither on PATH nor in pyenv's folder")


@cache
def _python(version: str) -> Path | None:
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for found in [shutil.which(f"python{version}"), *sorted(pyenv.glob(f"versions/{version}.*/bin/python"))]:
        # pyenv's shims are on PATH even for versions that are not enabled.
        if found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0:
            return Path(found)
    return None
