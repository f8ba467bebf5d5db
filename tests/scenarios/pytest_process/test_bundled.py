"""pytest-json-report for a tests' environment that lacks it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from checks.adapters.pytest_process.bundled import provide_json_report

MODULES = (
    "import sys; sys.path.insert(0, sys.argv[1])\n"
    "from pytest_jsonreport import plugin, serialize\n"
    "print(plugin.__spec__.origin, plugin.__file__, serialize.__file__)"
)


def test_coverage_does_not_count_the_copy(tmp_path: Path) -> None:
    """coverage.py ignores modules whose `__file__` looks like this, if its last part is that of the file."""
    provide_json_report(Path("/another/python"), tmp_path)
    command = [sys.executable, "-c", MODULES, str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    copy = str(tmp_path / "pytest_jsonreport" / "plugin.py")
    assert ran.stdout.split() == [copy, "<pytest-check-runs>/plugin.py", "<pytest-check-runs>/serialize.py"]


def test_our_own_python_needs_no_copy(tmp_path: Path) -> None:
    provide_json_report(Path(sys.executable), tmp_path)
    assert [*tmp_path.iterdir()] == []
