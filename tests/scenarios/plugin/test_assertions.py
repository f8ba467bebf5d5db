"""Diffs of failed assertions in a preview, where no variable says that this is CI."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.rules import rule
from tests.support.runner.environments import environment
from tests.support.runner.plugin_run import PluginRun

SUITE = {
    "test_a.py": """
def test_a():
    left = [f"line {number} " + "x" * 50 for number in range(30)]
    assert left == left[:-1]
""",
}
LAST_LINES = ("line 28", "line 29")
OPTION = "--check-runs-whole-diffs"
VERSIONS = [
    pytest.param("3.8", "8.3", id="pytest8.3", marks=pytest.mark.slow),
    pytest.param("3.9", "8.4", id="pytest8.4", marks=pytest.mark.slow),
    pytest.param("3.13", "9", id="pytest9"),
]


def error_of(run: PluginRun, folder: Path) -> str:
    """Return the lines of the exception."""
    (details,) = [stage.details for stage in run.run(folder).item("::test_a").stages if stage.details is not None]
    return "\n".join(line for line in details.traceback.splitlines() if line.startswith("E "))


@rule("Annotations: an assertion that compares long values")
@pytest.mark.parametrize(("python", "version"), VERSIONS)
def test_diff_is_whole_without_a_variable_for_ci(python: str, version: str, tmp_path: Path) -> None:
    error = error_of(PluginRun(project=SUITE, python=environment(python, version), arguments=("-q", OPTION)), tmp_path)
    assert [line for line in LAST_LINES if line not in error] == []
    assert "truncated" not in error


@pytest.mark.parametrize(
    "setting",
    [
        "[pytest]\ntruncation_limit_lines = 5\n",
        "[pytest]\ntruncation_limit_chars = 100\n",
        "[pytest]\naddopts = -o truncation_limit_lines=5\n",
    ],
)
def test_setting_of_the_user_still_counts(setting: str, tmp_path: Path) -> None:
    assert "line 15" not in error_of(PluginRun(project={**SUITE, "pytest.ini": setting}, arguments=(OPTION,)), tmp_path)


def test_settings_of_the_user_may_be_numbers_of_toml(tmp_path: Path) -> None:
    setting = "[pytest]\ntruncation_limit_lines = 5\nverbosity_assertions = 0\n"
    assert "line 15" not in error_of(
        PluginRun(project={**SUITE, "pytest.toml": setting}, arguments=(OPTION,)), tmp_path
    )


@pytest.mark.slow
def test_diff_is_whole_in_workers_of_xdist(tmp_path: Path) -> None:
    error = error_of(PluginRun(project=SUITE, arguments=("-p", "xdist", "-n1", OPTION)), tmp_path)
    assert [line for line in LAST_LINES if line not in error] == []
