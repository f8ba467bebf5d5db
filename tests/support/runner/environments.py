"""Create virtual environments with other versions of CPython and pytest, once each, in ``.cache/environments``."""

from __future__ import annotations

import fcntl
import subprocess
from pathlib import Path

from tests.support import needs

_FOLDER = Path(__file__).parents[3] / ".cache" / "environments"

_ALWAYS = ("pytest", "pytest-json-report", "pytest-xdist")

#: For each pytest series, the versions of its plugins for the CPythons that it supports.
_PINS = {
    "7.4": ("pytest==7.4.4", "pytest-rerunfailures==14.0", "pytest-subtests==0.13.1"),
    "8.3": ("pytest==8.3.5", "pytest-rerunfailures==14.0", "pytest-subtests==0.13.1"),
    "8.4": ("pytest==8.4.2", "pytest-rerunfailures==16.0.1", "pytest-subtests==0.15.0"),
    "9": ("pytest==9.2.0", "pytest-rerunfailures==16.7"),
}
_PINS_OF_ALL = (
    "pytest-json-report==1.5.0",
    "pytest-metadata==3.1.1",
    "pytest-timeout==2.4.0",
    "pytest-xdist==3.6.1; python_version < '3.9'",
    "pytest-xdist==3.8.0; python_version >= '3.9'",
    "hypothesis==6.113.0; python_version < '3.9'",
    "hypothesis==6.141.1; python_version >= '3.9'",
)


def environment(python: str, pytest: str, *extras: str) -> Path:
    """Return the Python of an environment with pytest, pytest-json-report, pytest-xdist and the pinned `extras`.

    `python` is a minor version from ``3.8`` to ``3.13``; `pytest` is ``7.4``, ``8.3`` (the last on 3.8), ``8.4``
    (on 3.9 and later) or ``9`` (on 3.10 and later).
    """
    names = sorted({*extras, *_ALWAYS})
    folder = _FOLDER / "-".join([f"py{python}", f"pytest{pytest}", *sorted({*extras} - {*_ALWAYS})])
    pins = "\n".join((*_PINS[pytest], *_PINS_OF_ALL))
    made_from = folder / "made-from"
    if not _has_text(made_from, pins):
        _FOLDER.mkdir(parents=True, exist_ok=True)
        with Path(f"{folder}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _has_text(made_from, pins):
                _make(folder, python=needs.python(python), names=names, pins=pins)
                made_from.write_text(pins)
    return folder / "bin" / "python"


def _has_text(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


def _make(folder: Path, *, python: Path, names: list[str], pins: str) -> None:
    uv = needs.uv()
    _run(uv, "venv", "--no-config", "--clear", "--python", str(python), str(folder))
    constraints = folder / "constraints.txt"
    constraints.write_text(pins)
    target = str(folder / "bin" / "python")
    _run(uv, "pip", "install", "--no-config", "--python", target, "--constraints", str(constraints), *names)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        needs.missing(f"{' '.join(command[:2])}: {done.stderr.strip()}")
