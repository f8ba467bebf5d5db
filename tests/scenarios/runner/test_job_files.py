"""The job's files contain only our values, and tests cannot run commands in the log."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest

from checks.adapters.runner.job_files import RunnerFiles
from checks.core.model.limits import JOB_SUMMARY_BYTES
from tests.support.planted import Plant, every_plant, run_with_timeout
from tests.support.rules import rule

VARIABLES = ("GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY", "GITHUB_ENV")


class Job:
    """A job's folder and log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stream = BytesIO()
        self.files = RunnerFiles(
            {"GITHUB_ACTIONS": "true", **{name: str(folder / name) for name in VARIABLES}}, self.stream
        )

    def read(self, name: str) -> str:
        return (self.folder / name).read_bytes().decode()

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def records(self, name: str) -> dict[str, str]:
        """Parse ``name<<delimiter`` records like the runner."""
        values: dict[str, str] = {}
        remaining = self.read(name)
        while remaining:
            head, _, remaining = remaining.partition("\n")
            key, _, delimiter = head.partition("<<")
            values[key], _, remaining = remaining.partition(f"\n{delimiter}\n")
        return values

    @property
    def log(self) -> list[str]:
        return self.stream.getvalue().decode().splitlines()


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


NASTY = {
    "empty": "",
    "lines": "a\nb=c\nd<<EOF\nEOF",
    "equals": "a=b",
    "carriage return": "a\rb",
    "letters": "é🙂\u2028",
}


def test_outputs_and_state_hold_any_value(job: Job) -> None:
    job.files.outputs(NASTY)
    job.files.state(NASTY)
    assert job.records("GITHUB_OUTPUT") == job.records("GITHUB_STATE") == NASTY


def test_lone_surrogate_in_an_output_is_replaced(job: Job) -> None:
    job.files.outputs({"a": "x\ud800y"})
    assert job.records("GITHUB_OUTPUT") == {"a": "x?y"}


def test_empty_removes_what_the_tests_wrote(job: Job) -> None:
    job.write("GITHUB_ENV", "LD_PRELOAD=theirs\n")
    job.files.empty(["GITHUB_ENV", "GITHUB_PATH"])
    assert (job.read("GITHUB_ENV"), job.log) == ("", [])


def test_outputs_and_state_replace_what_the_tests_wrote(job: Job) -> None:
    for name in ("GITHUB_OUTPUT", "GITHUB_STATE"):
        job.write(name, "conclusion=success\nleft<<open\n")
    job.files.outputs({"conclusion": "failure"})
    job.files.state({"check_run": "1"})
    job.files.state({"check_run": "2"})
    assert job.records("GITHUB_OUTPUT") == {"conclusion": "failure"}
    assert job.records("GITHUB_STATE") == {"check_run": "2"}


@rule("The tests' side: a pipe, a link or a folder is in place of a file of the runner")
@rule("Impersonating the action: a link, a pipe, a folder, a hard link or a huge file in place of a file of the runner")
@every_plant
@pytest.mark.parametrize("name", ["GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"])
def test_anything_planted_at_a_written_file_is_replaced(job: Job, name: str, plant: Plant) -> None:
    plant(job.folder / name)
    elsewhere = job.folder / "elsewhere"
    original = elsewhere.read_text() if elsewhere.exists() else ""
    for write in (job.files.outputs, job.files.state):
        run_with_timeout(partial(write, {"a": "1"}))
    run_with_timeout(lambda: job.files.summary("ours"))
    assert (job.folder / name).is_file()
    assert not (job.folder / name).is_symlink()
    assert job.log == []
    if name == "GITHUB_STEP_SUMMARY":
        assert job.read(name).endswith("ours\n")
    else:
        assert job.records(name) == {"a": "1"}
    assert (elsewhere.read_text() if elsewhere.exists() else "") == original


@every_plant
def test_anything_planted_at_an_emptied_file_is_replaced(job: Job, plant: Plant) -> None:
    plant(job.folder / "GITHUB_ENV")
    run_with_timeout(lambda: job.files.empty(["GITHUB_ENV"]))
    assert (job.folder / "GITHUB_ENV").is_file()
    assert job.read("GITHUB_ENV") == ""


@rule("The tests' side: the disk is full when outputs are written")
@rule("Impersonating the action: a full disk when outputs are written")
def test_tests_outputs_are_removed_if_ours_cannot_be_written(tmp_path: Path) -> None:
    """A limit of 1 KiB per file simulates a full disk."""
    (tmp_path / "output").write_text("conclusion=success\n")
    script = (
        "import os, resource, signal, sys\nfrom checks.adapters.runner.job_files import RunnerFiles\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nresource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))\n"
        "RunnerFiles(os.environ, sys.stdout.buffer).outputs({'conclusion': 'failure', 'failed-tests': 'x' * 5000})"
    )
    environ = {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_ACTIONS": "true"}
    completed = subprocess.run([sys.executable, "-c", script], env=environ, check=True, capture_output=True, text=True)
    assert completed.stdout == "::warning::Could not write GITHUB_OUTPUT: File too large.\n"
    assert list(tmp_path.iterdir()) == []


def test_delimiter_differs_in_each_write(job: Job) -> None:
    job.files.outputs({"a": "1"})
    first = job.read("GITHUB_OUTPUT")
    job.files.outputs({"a": "1"})
    assert first != job.read("GITHUB_OUTPUT")


def test_summary_is_appended_to_that_of_the_tests(job: Job) -> None:
    job.write("GITHUB_STEP_SUMMARY", "theirs")
    job.files.summary("# ours")
    assert job.read("GITHUB_STEP_SUMMARY") == "theirs\n# ours\n"


@pytest.mark.parametrize("spare", [-1, 0, 1])
def test_summary_of_the_tests_is_dropped_beyond_the_limit(job: Job, spare: int) -> None:
    our_summary = "x" * 1000
    job.write("GITHUB_STEP_SUMMARY", "t" * (JOB_SUMMARY_BYTES - len(f"\n{our_summary}\n") - spare))
    job.files.summary(our_summary)
    written = job.read("GITHUB_STEP_SUMMARY")
    assert written.endswith(f"{our_summary}\n")
    assert len(written) <= JOB_SUMMARY_BYTES
    assert written.startswith("t" if spare >= 0 else "x")


def test_write_errors_are_logged_as_warnings(tmp_path: Path) -> None:
    job = Job(tmp_path / "gone")
    job.files.outputs({"a": "1"})
    job.files.state({"a": "1"})
    job.files.summary("# ours")
    assert job.log == [
        "::warning::Could not write GITHUB_OUTPUT: No such file or directory.",
        "::warning::Could not write GITHUB_STATE: No such file or directory.",
        "::warning::Could not write the job summary: No such file or directory.",
    ]


def test_only_the_log_is_written_outside_a_workflow() -> None:
    stream = BytesIO()
    files = RunnerFiles({}, stream)
    files.outputs({"a": "1"})
    files.state({"a": "1"})
    files.summary("# ours")
    files.open_fence("Tests")
    files.log("in between")
    files.close_fence()
    assert stream.getvalue() == b"in between\n"


def test_fence_encloses_test_output_and_holds_back_our_lines(job: Job) -> None:
    job.files.log("before")
    job.files.open_fence("Tests: 100%")
    job.stream.write(b"::error::from a test\nwithout a line end")
    job.files.log("::notice::held back")
    job.files.close_fence()
    job.files.log("after")
    _, _, stop, *_ = log = job.log
    token = stop.removeprefix("::stop-commands::")
    assert len(token) == 32
    assert log == [
        "before",
        "::group::Tests: 100%25",
        f"::stop-commands::{token}",
        "::error::from a test",
        "without a line end",
        f"::{token}::",
        "::endgroup::",
        "::notice::held back",
        "after",
    ]


def test_each_fence_has_its_own_token(job: Job) -> None:
    for _ in range(2):
        job.files.open_fence("Tests")
        job.files.close_fence()
    tokens = [line for line in job.log if line.startswith("::stop-commands::")]
    assert len(set(tokens)) == 2


def test_closing_an_unopened_fence_prints_nothing(job: Job) -> None:
    job.files.close_fence()
    assert job.log == []


def test_log_accepts_any_text(job: Job) -> None:
    job.files.log("é🙂\ud800")
    assert job.log == ["é🙂\\ud800"]


def test_log_line_precedes_the_output_of_a_child_process() -> None:
    script = """
import subprocess, sys
from checks.adapters.runner.job_files import RunnerFiles
files = RunnerFiles({"GITHUB_ACTIONS": "true"}, sys.stdout.buffer)
files.open_fence("Tests")
subprocess.run([sys.executable, "-c", "print('from the child')"], check=True)
files.close_fence()
"""
    printed = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    lines = printed.splitlines()
    assert lines[0] == "::group::Tests"
    assert lines[2] == "from the child"
    assert lines[-1] == "::endgroup::"
