"""Environments with certain packages, such as those for the suites in `tests/cases`."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from tempfile import mkdtemp

from tests.support import needs

ROOT = Path(__file__).parents[2]
_CACHE = ROOT / ".cache" / "environments"


@cache
def python_with(name: str) -> Path:
    """Return the Python of an environment with ``requirements/cases/<name>.txt``.

    It is made once and kept until the requirements change. Workers that make it at the same time do no harm.
    """
    requirements = ROOT / "requirements" / "cases" / f"{name}.txt"
    digest = sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = _CACHE / f"{name}-{digest}"
    if not folder.exists():
        _CACHE.mkdir(parents=True, exist_ok=True)
        made = Path(mkdtemp(prefix=f"{name}-", dir=_CACHE))
        _make(made, requirements)
        try:
            made.rename(folder)
        except OSError:  # another worker was faster
            shutil.rmtree(made)
    return folder / "bin" / "python"


def _make(folder: Path, requirements: Path) -> None:
    uv = needs.uv()
    commands = [
        [uv, "venv", "--quiet", "--clear", "--no-config", "--no-project", "--relocatable", "--python", sys.executable],
        [uv, "pip", "install", "--quiet", "--no-config", "--require-hashes", "--requirement", str(requirements)],
    ]
    try:
        subprocess.run([*commands[0], str(folder)], check=True, capture_output=True, text=True)
        install = [*commands[1], "--python", str(folder / "bin" / "python")]
        subprocess.run(install, check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        needs.missing(f"the environment for {requirements.name} cannot be made: {error.stderr.strip()[-500:]}")


def copy_packages(names: Iterable[str], python: Path) -> None:
    """Copy packages and what they require from this environment to that of `python`, which has the same version."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    folder = python.parents[1] / "lib" / version / "site-packages"
    for name in _with_requirements(names):
        for file in metadata.files(name) or ():
            if ".." not in file.parts and file.suffix != ".pyc":
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), folder / file)


def _with_requirements(names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = [*names]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            required = [line for line in metadata.requires(name) or () if ";" not in line]
            waiting += [re.split(r"[^\w.-]", line)[0] for line in required]
    return found
