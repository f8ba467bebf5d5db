"""Measure the floor of start-up: what is imported before the tests start."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from tests.support.runner.jobs import ROOT

from . import processes
from .processes import MeasuredCommand
from .table import Spread

NOTHING, LIBRARIES, EVERYTHING = "nothing", "PyGithub and PyJWT", "everything"
_CODE = {
    NOTHING: "pass",
    LIBRARIES: "import github, jwt",
    EVERYTHING: "import checks.programs.cli, checks.programs.action, checks.programs.run.step",
}


def measure(folder: Path, rounds: Iterable[int]) -> Mapping[str, Spread]:
    """Return the seconds for each, above those of a Python that imports nothing."""
    ways: dict[str, Callable[[], float]] = {name: partial(_seconds, code, folder) for name, code in _CODE.items()}
    found = {name: Spread(seconds) for name, seconds in processes.in_turn(ways, rounds).items()}
    return {name: found[name].above(found[NOTHING]) for name in (LIBRARIES, EVERYTHING)}


def _seconds(code: str, folder: Path) -> float:
    """Return the wall time of a Python as that of the action, which collects no garbage meanwhile."""
    arguments = (sys.executable, "-Es", "-c", f"import gc, os; gc.disable(); {code}; os._exit(0)")
    command = MeasuredCommand(arguments=arguments, folder=ROOT, environ=os.environ, output=folder / "imports.txt")
    usage = processes.measure_with_children(command)
    if usage.status:
        raise RuntimeError(command.output.read_text())
    return usage.wall_seconds
