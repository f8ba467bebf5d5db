"""Let pytest find the action's copy of pytest-json-report in an environment that has none.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

import importlib.util
import os
import sys

from pytest_check_runs_stream import hidden_from_coverage, never_fail

__file__ = hidden_from_coverage(__file__)


@never_fail
def find_json_report() -> None:
    """If this environment has no pytest-json-report, append the folder with the action's copy to `sys.path`."""
    options = [argument for argument in sys.argv if argument.startswith("--check-runs-folder=")]
    packages = os.path.join(options[-1].partition("=")[2], "packages")
    if os.path.isdir(packages) and importlib.util.find_spec("pytest_jsonreport") is None:
        sys.path.append(packages)
