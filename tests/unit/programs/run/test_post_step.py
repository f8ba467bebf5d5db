"""The post step completes what the main step left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from checks.adapters.runner.job_files import RunnerFiles
from checks.core.model.check_run import CheckRun as Run
from checks.core.model.check_run import Conclusion, Output, Published, Status
from checks.core.model.identity import Identity, RunKind
from checks.core.model.ports import PublishError
from checks.core.model.session import CarriedOverCounts
from checks.core.runner.post_step_state import PostStepState
from checks.programs.run.create import STARTING
from checks.programs.run.post_step import finish
from tests.support.fakes import FakeClock, FakePublisher
from tests.support.rerun.check_runs import DONE, OPEN


class FakeReader(FakePublisher):
    """A publisher with a check run; `found` is the id of one that may have been created."""

    def __init__(
        self, status: Status = Status.IN_PROGRESS, found: str = "", refuses: str = "", cannot: str = ""
    ) -> None:
        super().__init__(refuses_update=refuses, refuses_create=cannot)
        self.status = status
        self.output = Output(title="1 of 2", summary="| so far |", text="text")
        self.found = found
        self.looked_for: list[Run] = []

    def read(self, published: Published) -> tuple[Status, Output]:
        assert published.id == "17"
        return self.status, self.output

    def find(self, run: Run) -> Published | None:
        self.looked_for.append(run)
        if self.refuses_create:
            raise PublishError(self.refuses_create)
        return Published(id=self.found) if self.found else None


def log_of_finish(
    state: PostStepState, *readers: FakeReader, job_status: str = "success", environ: Mapping[str, str] | None = None
) -> str:
    """Return the log."""
    stream = BytesIO()
    finish(state, job_status, readers, RunnerFiles(environ or {}, stream), FakeClock())
    return stream.getvalue().decode()


def state_of(run: Run = OPEN, published_id: str = "17") -> PostStepState:
    return PostStepState.from_run(Published(id=published_id), run)


@pytest.mark.parametrize(
    ("job_status", "conclusion"), [("cancelled", Conclusion.CANCELLED), ("failure", Conclusion.FAILURE)]
)
def test_killed_run_is_completed_by_job_status(job_status: str, conclusion: Conclusion) -> None:
    reader = FakeReader()
    log_of_finish(state_of(), reader, job_status=job_status)
    ((run, annotations),) = reader.updates
    assert (run.status, run.conclusion, annotations) == (Status.COMPLETED, conclusion, ())
    assert run.output.title == "killed · 1 of 2"
    assert "| so far |" in run.output.summary


@pytest.mark.parametrize("has_job_summary", [True, False])
def test_killed_run_has_a_job_summary_unless_it_is_off(tmp_path: Path, has_job_summary: bool) -> None:
    summary = tmp_path / "summary"
    state = replace(state_of(), has_job_summary=has_job_summary)
    log_of_finish(state, FakeReader(), environ={"GITHUB_STEP_SUMMARY": str(summary)})
    assert summary.exists() is has_job_summary


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (CarriedOverCounts(), ["rerun-all"]),
        (CarriedOverCounts(failed=2, passed=1), ["rerun-failed", "rerun-all"]),
    ],
)
def test_completed_run_has_the_buttons_that_work(counts: CarriedOverCounts, expected: list[str]) -> None:
    identity = Identity(workflow="tests.yml", kind=RunKind.COMPLETE if counts.failed else RunKind.TESTS, counts=counts)
    reader = FakeReader()
    run = replace(DONE, identity=identity)
    log_of_finish(PostStepState.from_run(Published(id="17"), run, has_buttons=True), reader)
    assert [action.identifier for action in reader.updates[0][0].actions] == expected


def test_known_verdict_is_used() -> None:
    reader = FakeReader()
    log_of_finish(state_of(DONE), reader, job_status="cancelled")
    ((run, _),) = reader.updates
    assert (run.conclusion, run.output.title) == (Conclusion.FAILURE, "2 failed")


def test_completed_run_is_left_alone() -> None:
    reader = FakeReader(Status.COMPLETED)
    assert log_of_finish(state_of(DONE), reader) == ""
    assert reader.updates == []


@pytest.mark.parametrize(
    ("run", "status", "expected"),
    [
        pytest.param(DONE, Status.IN_PROGRESS, [Conclusion.FAILURE], id="completed-now"),
        pytest.param(OPEN, Status.IN_PROGRESS, [Conclusion.CANCELLED], id="completed-without-a-verdict"),
        pytest.param(DONE, Status.COMPLETED, [Conclusion.FAILURE], id="completed-by-the-main-step"),
        pytest.param(OPEN, Status.COMPLETED, [], id="completed-by-somebody-else"),
    ],
)
def test_commit_status_ends_with_the_check_run(run: Run, status: Status, expected: Sequence[Conclusion]) -> None:
    reader = FakeReader(status)
    log_of_finish(state_of(run), reader)
    assert reader.commit_states == expected


def test_run_that_may_exist_is_found_and_completed() -> None:
    reader = FakeReader(found="17")
    log_of_finish(state_of(DONE, published_id=""), reader)
    assert [(run.name, run.head_sha, run.identity) for run in reader.looked_for] == [
        ("pytest", "c" * 40, DONE.identity)
    ]
    assert [run.conclusion for run, _ in reader.updates] == [Conclusion.FAILURE]


def test_every_publisher_looks_for_the_run() -> None:
    readers = FakeReader(), FakeReader(found="17")
    log_of_finish(state_of(DONE, published_id=""), *readers)
    assert [len(reader.updates) for reader in readers] == [0, 1]


def test_run_without_a_verdict_that_does_not_exist_needs_nothing() -> None:
    assert log_of_finish(state_of(OPEN, published_id=""), FakeReader(), FakeReader()) == ""


def test_verdict_without_a_check_run_gets_one() -> None:
    readers = FakeReader(), FakeReader()
    log_of_finish(state_of(DONE, published_id=""), *readers)
    assert [[run.output.title for run in reader.created] for reader in readers] == [["2 failed"], []]
    assert [run.conclusion for run, _ in readers[0].updates] == [Conclusion.FAILURE]


def test_check_run_is_created_by_the_next_publisher_if_the_first_never_can() -> None:
    app, token = FakeReader(cannot="not installed"), FakeReader()
    log_of_finish(state_of(DONE, published_id=""), app, token)
    assert [run.conclusion for run, _ in token.updates] == [Conclusion.FAILURE]


def test_check_run_without_any_update_does_not_say_that_tests_are_starting() -> None:
    reader = FakeReader()
    reader.output = STARTING
    log_of_finish(state_of(DONE), reader)
    ((run, _),) = reader.updates
    assert (
        run.output.summary == "The last update could not be sent. The job summary and the JSON report have all results."
    )


def test_re_run_that_claimed_no_check_run_creates_none() -> None:
    reader = FakeReader()
    assert log_of_finish(state_of(replace(DONE, identity=Identity(earlier="12")), published_id=""), reader) == ""
    assert reader.created == []


def test_next_publisher_completes_what_the_first_cannot() -> None:
    readers = FakeReader(refuses="not its own"), FakeReader()
    log_of_finish(state_of(DONE), *readers)
    assert [len(reader.updates) for reader in readers] == [0, 1]


@pytest.mark.parametrize("readers", [(), (FakeReader(refuses="down"),)], ids=["nobody", "refused"])
def test_run_that_cannot_be_completed_is_an_error(readers: Sequence[FakeReader]) -> None:
    with pytest.raises(PublishError):
        log_of_finish(state_of(replace(DONE)), *readers)
