from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from checks.core.model.settings import Settings
from checks.core.pytest_process.command_line import environment_commands, install_command, pytest_command
from tests.support.runner.environments import environment

LAUNCHER = Path(__file__).parents[3] / "checks" / "plugin" / "pytest_check_runs_child.py"
PLUGIN_OPTIONS = ["-p", "pytest_check_runs_child", "--check-runs-folder=/f"]
REPORT_OPTIONS = ["-p", "pytest_jsonreport"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param(Settings(show_locals=False), [*PLUGIN_OPTIONS, *REPORT_OPTIONS], id="nothing"),
        pytest.param(Settings(), [*PLUGIN_OPTIONS, "--check-runs-locals", *REPORT_OPTIONS], id="locals"),
        pytest.param(
            Settings(show_locals=False, pytest_args=("-k", "a b", "tests", "--color=no")),
            ["-k", "a b", "tests", "--color=no", *PLUGIN_OPTIONS, *REPORT_OPTIONS],
            id="arguments",
        ),
        pytest.param(
            Settings(show_locals=False, workers="auto", pytest_args=("-n3",)),
            ["-p", "xdist", "--numprocesses=auto", "-n3", *PLUGIN_OPTIONS, *REPORT_OPTIONS],
            id="workers",
        ),
        pytest.param(
            Settings(show_locals=False, pytest_args=("-q", "--", "-tests", "--")),
            ["-q", *PLUGIN_OPTIONS, *REPORT_OPTIONS, "--", "-tests", "--"],
            id="paths behind dashes",
        ),
    ],
)
def test_pytest_command_puts_our_options_last(settings: Settings, expected: list[str]) -> None:
    command = pytest_command(settings, launcher=("python", "child.py"), folder="/f")
    assert list(command) == ["python", "child.py", *expected]


def test_pytest_command_requests_colours_if_they_are_shown() -> None:
    command = pytest_command(Settings(), launcher=(), folder="/f", in_colour=True)
    assert "--check-runs-color" in command


def test_pytest_command_requests_whole_diffs_outside_of_ci() -> None:
    command = pytest_command(Settings(), launcher=(), folder="/f", has_whole_diffs=True)
    assert "--check-runs-whole-diffs" in command


def test_pytest_command_waits_for_what_failed_before_until_a_time() -> None:
    command = pytest_command(Settings(), launcher=(), folder="/f", failed_until=1234.5)
    assert "--check-runs-failed-first=1234.500" in command


@pytest.mark.parametrize(
    ("shell", "expected"),
    [("/usr/bin/bash", ["-eo", "pipefail"]), ("sh", ["-e"])],
)
def test_install_command_stops_at_the_first_failure(shell: str, expected: list[str]) -> None:
    assert install_command("a\nb | c", shell=shell) == (shell, *expected, "-c", "a\nb | c")


def test_environment_is_installed_from_the_lock_file() -> None:
    venv_command, pip_command = environment_commands("3.9", uv="uv", folder="/e", requirements="/tests.txt")
    assert venv_command[:2] == ("uv", "venv")
    assert venv_command[-3:] == ("--python", "3.9", "/e")
    assert {"--seed", "--no-config"} < {*venv_command}
    assert pip_command[-5:] == ("--python", "/e", "--require-hashes", "-r", "/tests.txt")


# -- with pytest itself

PROJECT = {
    "tests/test_a.py": "def test_first(): pass\ndef test_second(): pass\n",
    "log/keep": "",
    "2": "",
}
OLDEST, MIDDLE, NEWEST = ("3.8", "7.4"), ("3.11", "8.4"), ("3.13", "9")
FIRST = ("-k", "first", "tests")
USER_REPORT = ("--json-report", "--json-report-file=theirs.json", "--json-report-omit", "log", "--")
NO_REPORT = ("-p", "no:pytest_jsonreport", "-p", "no:json_report")
ADDOPTS = "-p no:pytest_jsonreport -p no:xdist --json-report-summary --color=no"
NO_AUTOLOAD = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


@pytest.mark.parametrize(
    ("versions", "arguments", "addopts", "workers", "environ"),
    [
        pytest.param(OLDEST, FIRST, "", "2", {}, id="7.4", marks=pytest.mark.slow),
        pytest.param(MIDDLE, FIRST, "", "2", {}, id="8.4", marks=pytest.mark.slow),
        pytest.param(NEWEST, FIRST, "", "2", {}, id="9", marks=pytest.mark.slow),
        pytest.param(OLDEST, ("-k", "first", "--", "tests"), "", "", {}, id="paths behind dashes"),
        pytest.param(OLDEST, (*USER_REPORT, "tests/test_a.py::test_first"), "", "", {}, id="their own report"),
        pytest.param(
            NEWEST,
            (*USER_REPORT, "tests/test_a.py::test_first"),
            "",
            "",
            {},
            id="their own report on 9",
            marks=pytest.mark.slow,
        ),
        pytest.param(OLDEST, (*FIRST, *NO_REPORT), "", "", {}, id="no report", marks=pytest.mark.slow),
        pytest.param(NEWEST, (*FIRST, *NO_REPORT), "", "", {}, id="no report on 9", marks=pytest.mark.slow),
        pytest.param(OLDEST, FIRST, ADDOPTS, "2", {}, id="addopts", marks=pytest.mark.slow),
        pytest.param(NEWEST, FIRST, ADDOPTS, "2", {}, id="addopts on 9"),
        pytest.param(OLDEST, (*FIRST, "-n1"), "", "2", NO_AUTOLOAD, id="no autoload", marks=pytest.mark.slow),
        pytest.param(NEWEST, (*FIRST, "-n1"), "", "2", NO_AUTOLOAD, id="no autoload on 9"),
    ],
)
def test_pytest_accepts_our_options_with_those_of_the_user(
    versions: tuple[str, str],
    arguments: tuple[str, ...],
    addopts: str,
    workers: str,
    environ: dict[str, str],
    tmp_path: Path,
) -> None:
    for path, text in PROJECT.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "tests" / "pytest.ini").write_text(f"[pytest]\naddopts = {addopts}\n")
    stream, report = tmp_path / "channel", tmp_path / "report.json"
    command = pytest_command(
        Settings(pytest_args=arguments, workers=workers),
        launcher=(str(environment(*versions)), str(LAUNCHER)),
        folder=str(tmp_path),
    )
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    events = [json.loads(line) for line in stream.read_text().splitlines() if line]
    assert events[-1]["event"] == "end"
    assert [event["root"] for event in events if event["event"] == "session"] == [str(tmp_path / "tests")]
    assert json.loads(report.read_text())["summary"]["passed"] == 1
    assert (tmp_path / "theirs.json").exists() is ("--json-report" in arguments)
