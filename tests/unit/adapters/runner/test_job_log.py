"""Without a check run the first failures become errors of the step, once each."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest

from checks.adapters.runner.job_files import RunnerFiles
from checks.adapters.runner.job_log import JobLog
from checks.core.model.check_run import Annotation, AnnotationLevel, CheckRun, Conclusion, Output, Published, Status
from checks.core.model.ports import Urgency
from tests.support.rerun.check_runs import OPEN

RUNNING = replace(OPEN, name="pytest (unit)", output=Output(title="1 of 3", summary=""))


def completed(conclusion: Conclusion, title: str) -> CheckRun:
    output = Output(title=title, summary="")
    return replace(RUNNING, status=Status.COMPLETED, output=output, completed_at=1.0, conclusion=conclusion)


def annotation(number: int, level: AnnotationLevel = AnnotationLevel.FAILURE, details: str = "") -> Annotation:
    return Annotation(
        path="tests/test_a.py",
        line=number,
        level=level,
        title=f"tests/test_a.py::test_{number}",
        message="AssertionError: assert 1 == 2",
        raw_details=details,
    )


def logged(run: CheckRun, *batches: list[Annotation]) -> list[str]:
    """Return the lines printed for batches during the run and then the completion."""
    stream = BytesIO()
    publisher = JobLog(RunnerFiles({"GITHUB_ACTIONS": "true"}, stream))
    published = publisher.create(RUNNING)
    assert stream.getvalue().startswith("Cannot create the check run “pytest (unit)”.".encode())
    stream.truncate(stream.seek(0))
    for batch in batches:
        publisher.update(published, RUNNING, batch)
    assert stream.getvalue() == b""
    publisher.update(published, run, [])
    return stream.getvalue().decode().splitlines()


FAILURE = completed(Conclusion.FAILURE, "2 failed, 1 passed in 1 s")


def test_failures_are_printed_as_errors_and_notices_are_not() -> None:
    assert logged(FAILURE, [annotation(1, AnnotationLevel.NOTICE)], [annotation(2), annotation(3, details="E x")]) == [
        "::error title=tests/test_a.py%3A%3Atest_2,file=tests/test_a.py,line=2::AssertionError: assert 1 == 2",
        "::error title=tests/test_a.py%3A%3Atest_3,file=tests/test_a.py,line=3::AssertionError: assert 1 == 2%0A%0AE x",
        "pytest (unit): failure, 2 failed, 1 passed in 1 s",
    ]


@pytest.mark.parametrize(("failures", "errors", "note_count"), [(9, 9, 0), (10, 10, 0), (11, 10, 1), (1250, 10, 1)])
def test_first_ten_failures_are_printed_as_errors(failures: int, errors: int, note_count: int) -> None:
    log = logged(FAILURE, *([annotation(number)] for number in range(1, failures + 1)))
    assert sum(line.startswith("::error ") for line in log) == errors
    assert sum(line.startswith("Showing only the first 10 failures") for line in log) == note_count


@pytest.mark.parametrize(("in_actions", "more"), [("true", " See the job summary for more."), ("", "")])
def test_only_a_workflow_has_a_job_summary_to_see(in_actions: str, more: str) -> None:
    stream = BytesIO()
    publisher = JobLog(RunnerFiles({"GITHUB_ACTIONS": in_actions}, stream))
    publisher.update(Published(id=""), FAILURE, [annotation(number) for number in range(1, 12)])
    assert f"\nShowing only the first 10 failures.{more}\n" in stream.getvalue().decode()


def test_failed_run_without_failures_is_printed_as_an_error() -> None:
    run = completed(Conclusion.ACTION_REQUIRED, "install failed")
    assert logged(run) == ["::error title=pytest (unit)::install failed"]


def test_passing_run_is_printed_as_one_line() -> None:
    assert logged(completed(Conclusion.SUCCESS, "3 passed in 1 s"), [annotation(1, AnnotationLevel.NOTICE)]) == [
        "pytest (unit): success, 3 passed in 1 s"
    ]


def test_completion_sent_twice_is_printed_once() -> None:
    stream = BytesIO()
    publisher = JobLog(RunnerFiles({}, stream))
    publisher.update(Published(id=""), FAILURE, [annotation(1)])
    printed = stream.getvalue()
    publisher.update(Published(id=""), FAILURE, [])
    assert stream.getvalue() == printed
    assert publisher.seconds_until_ready(Urgency.LIVE) == 0.0


NOT_CREATED = "Cannot create the check run “pytest (unit)”."
CREATED = {
    ("true", True): f"{NOT_CREATED} The results are in this log, in the job summary and in the outputs.",
    ("", True): f"{NOT_CREATED} The results are printed here.",
    ("true", False): "Nothing was run, and no check run was created.",
    ("", False): "Nothing was run, and no check run was created.",
}


@pytest.mark.parametrize(("situation", "expected"), CREATED.items())
def test_promised_places_of_results_exist(situation: tuple[str, bool], expected: str) -> None:
    stream = BytesIO()
    JobLog(RunnerFiles({"GITHUB_ACTIONS": situation[0]}, stream), has_results=situation[1]).create(RUNNING)
    assert stream.getvalue().decode() == f"{expected}\n"


def test_refused_run_has_no_verdict_in_the_log() -> None:
    stream = BytesIO()
    publisher = JobLog(RunnerFiles({}, stream), has_results=False)
    publisher.update(Published(id=""), completed(Conclusion.ACTION_REQUIRED, "1 invalid input"), [])
    assert stream.getvalue() == b""
