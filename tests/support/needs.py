"""What a test needs and a machine may not have: it skips with the reason, and fails instead where REQUIRE_ALL is 1."""

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
    """End the test."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"REQUIRE_ALL: {reason}", pytrace=False)
    pytest.skip(reason)


def program(name: str) -> str:
    """The path of a program on PATH."""
    return shutil.which(name) or missing(f"{name} is not on PATH")


def linux() -> None:
    """Where the tests' processes can be closed in, found and ended."""
    if sys.platform != "linux":
        missing("needs Linux")


def root() -> None:
    """What a job's container runs as."""
    linux()
    if os.geteuid() != 0:
        missing("needs root")


def mounts_of_its_own() -> tuple[str, ...]:
    """What starts a command whose mounts nobody else sees, as root."""
    root()
    command = (program("unshare"), "--mount")
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        missing("cannot create a mount namespace")
    return command


def landlock() -> None:
    """What keeps the tests from writing the runner's files."""
    try:
        Sandbox((), ())
    except SandboxUnavailableError as error:
        missing(f"no Landlock: {error}")


def uv() -> str:
    """The path of uv: beside the Python that runs the tests, else on PATH."""
    return shutil.which("uv", path=Path(sys.executable).parent) or program("uv")


def chromium() -> str:
    """The path of Chromium, or of a browser made from it."""
    found = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    return next(found, None) or missing("neither Chromium nor Chrome is on PATH")


def python(version: str) -> Path:
    """A CPython of that minor version, such as ``3.8``."""
    return _python(version) or missing(f"CPython {version} is neither on PATH nor in pyenv's folder")


@cache
def _python(version: str) -> Path | None:
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for found in [shutil.which(f"python{version}"), *sorted(pyenv.glob(f"versions/{version}.*/bin/python"))]:
        # pyenv's shims are on PATH also for what its settings leave out.
        if found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0:
            return Path(found)
    return None
