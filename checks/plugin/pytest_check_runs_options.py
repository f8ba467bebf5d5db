"""The plugin's options, which the action sets.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pytest_check_runs_stream import hidden_from_coverage

if TYPE_CHECKING:
    import pytest

__file__ = hidden_from_coverage(__file__)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options for the action's command line; pytest-xdist passes them on to its workers."""
    group = parser.getgroup("check-runs", "reporting to a check run (set by the action)")
    group.addoption("--check-runs-folder", metavar="FOLDER", help="where to write the event stream and the JSON report")
    group.addoption("--check-runs-locals", action="store_true", help="include local variables in tracebacks")
    group.addoption("--check-runs-color", action="store_true", help="colour the output even if it is not a terminal")
    group.addoption("--check-runs-whole-diffs", action="store_true", help="do not shorten the diffs of assertions")
    group.addoption("--check-runs-failed-first", metavar="TIME", type=float, help="wait so long for what failed before")


def enable_colour(config: pytest.Config) -> None:
    """Enable colour for the job log, before pytest's reporter is created, unless the user made a choice."""
    is_asked = config.getoption("check_runs_color") and config.getoption("color", "") == "auto"
    if is_asked and not os.environ.keys() & {"NO_COLOR", "PY_COLORS", "FORCE_COLOR"}:
        config.option.color = "yes"
