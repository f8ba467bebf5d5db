"""One short run with the faults of a plan, and what must hold in any case.

``python -m tests.support.soak.soak 500`` makes that many, and prints figures; a second number is the first seed.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from checks.adapters.pytest_process.workspace import LocalWorkspace
from checks.core.model.check_run import Conclusion
from checks.core.model.errors import ExitStatus
from checks.core.model.settings import Settings
from tests.support.fakes import FakePublisher
from tests.support.github.server import GithubServer, RecordedRequest
from tests.support.rerun.latest import runs_that_count
from tests.support.runner.rehearsal import ENVIRON, RecordedWorkspace, Rehearsal, Replay, job_token, recorded
from tests.support.soak.plan import FaultPlan

TESTS = """
import pytest, warnings
@pytest.mark.parametrize('n', range(30))
def test_passes(n): pass
@pytest.mark.parametrize('n', range(40))
def test_fails(n): assert n < 0, '☃'
@pytest.mark.parametrize('n', range(4))
def test_skips(n): pytest.skip('why')
@pytest.fixture
def breaks():
    yield
    raise OSError('late')
def test_errors(breaks): assert 0
def test_warns(): warnings.warn('careful')
"""
#: Level and title of an annotation.
Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a run reports without faults."""

    conclusion: str
    status: ExitStatus
    annotations: Counter[Key]


@dataclass(frozen=True, kw_only=True)
class SoakResult:
    """A run and its post step; `left_work_to_post_step`: whether the main step left something to it.

    `counting_runs` are the check runs that count, by their ids and by their times.
    """

    plan: FaultPlan
    status: ExitStatus
    conclusion: str
    left_work_to_post_step: bool
    log: str
    summary: str
    requests: int
    faulted: int
    runs: list[dict[str, object]]
    annotations: Counter[Key]
    counting_runs: tuple[list[int], list[int]]


def soak(plan: FaultPlan, seed: int) -> SoakResult:
    """Run the plan; then GitHub recovers, and the post step runs."""
    cancelling = _Cancelling(plan)
    with TemporaryDirectory() as name, GithubServer(on_request=cancelling.on_request) as github:
        credentials = None if plan.is_app else job_token(github)
        rehearsal = Rehearsal(github, Path(name), credentials, seed=seed, budget_seconds=plan.budget_seconds)
        cancelling.rehearsal = rehearsal
        github.world.refuses = plan.refuses
        for fault in plan.faults:
            github.fault(fault)
        status = _run(plan, rehearsal, Path(name), cancelling)
        left_work_to_post_step = rehearsal.state is not None
        github.mend()
        rehearsal.finish()
        return SoakResult(
            plan=plan,
            status=status,
            conclusion=rehearsal.outputs["conclusion"],
            left_work_to_post_step=left_work_to_post_step,
            log=rehearsal.log,
            summary=rehearsal.summary,
            requests=len(github.requests),
            faulted=github.faulted,
            runs=github.runs,
            annotations=Counter(
                (annotation["annotation_level"], annotation["title"])
                for run in github.runs
                for annotation in github.annotations(run["id"])
            ),
            counting_runs=runs_that_count(github),
        )


def check(result: SoakResult) -> None:
    """Raises `AssertionError` if the result is not as required."""
    plan, expected_result = result.plan, expected(result.plan)
    possible_conclusions = (
        {expected_result.conclusion, Conclusion.CANCELLED}
        if plan.cancelling_request is not None
        else {expected_result.conclusion}
    )
    assert result.conclusion in possible_conclusions
    assert result.status == expected_result.status or result.conclusion == Conclusion.CANCELLED
    assert result.summary
    by_id, by_time = result.counting_runs
    assert by_id == by_time
    assert not result.left_work_to_post_step or plan.is_cancelled or plan.has_outage
    if not result.runs:
        assert plan.has_outage
        assert "::warning::GitHub " in result.log
        return
    (run,) = result.runs
    assert (run["status"], run["conclusion"]) == ("completed", result.conclusion)
    _check_annotations(result, expected_result, run)


def _check_annotations(result: SoakResult, expected_result: Expected, run: dict[str, object]) -> None:
    plan, annotations = result.plan, result.annotations
    # A request may cancel the tests while they run; what ran until then has its annotations.
    allowed = (
        expected_result.annotations | Counter(set(annotations))
        if plan.cancelling_request is not None
        else expected_result.annotations
    )
    assert not annotations - allowed, "annotated twice, or not a result of the tests"
    if plan.is_cancelled or result.left_work_to_post_step:
        return
    left_out = {key for key in expected_result.annotations if plan.is_left_out(key[-1])}
    assert set(expected_result.annotations - annotations) == left_out
    assert (f"GitHub rejected {len(left_out)} annotation" in str(run["output"])) == bool(left_out)


class _Cancelling:
    """Cancels the job according to the plan."""

    rehearsal: Rehearsal

    def __init__(self, plan: FaultPlan) -> None:
        self.are_tests_over = False
        self._plan = plan
        self._requests = 0

    def on_request(self, request: RecordedRequest) -> None:
        """Handle a request: after the tests, its answer waits until the main thread has noticed the cancellation."""
        del request
        self._requests += 1
        if self._requests == self._plan.cancelling_request:
            self.rehearsal.cancel.set()
            if self.are_tests_over:
                self.rehearsal.cancel.noticed.wait(1)

    def before(self, chunk: int) -> None:
        """Handle a chunk of the tests' lines, or their end."""
        if chunk == self._plan.cancelling_chunk:
            self.rehearsal.cancel.set()
        self.are_tests_over = chunk == self._plan.chunks


def _run(plan: FaultPlan, rehearsal: Rehearsal, folder: Path, cancelling: _Cancelling) -> ExitStatus:
    if not plan.is_real:
        return rehearsal.run(_recorded_workspace(plan, rehearsal, cancelling.before))
    (folder / "test_it.py").write_text(TESTS, encoding="utf-8")
    with LocalWorkspace(folder, ".", environ=ENVIRON, sink=lambda _: None) as workspace:
        return rehearsal.run(workspace, Settings(pytest_args=_arguments(plan)))


def _recorded_workspace(plan: FaultPlan, rehearsal: Rehearsal, before: Callable[[int], object]) -> RecordedWorkspace:
    recording = recorded(TESTS, *_arguments(plan))
    if plan.killed < 1.0:
        recording = recording.killed_after(int(plan.killed * len(recording.lines)))
    return RecordedWorkspace(
        recorded_repository=recording.repository,
        tests=Replay(recording, rehearsal.clock, chunks=plan.chunks, before=before),
    )


def _arguments(plan: FaultPlan) -> tuple[str, ...]:
    return ("-k", plan.only) if plan.only else ()


def expected(plan: FaultPlan) -> Expected:
    """Return what a publisher that accepts everything receives."""
    return _expected(replace(plan, faults=(), cancelling_request=None, refused=(), is_real=False, has_outage=False))


@cache
def _expected(plan: FaultPlan) -> Expected:
    publisher = FakePublisher()
    cancelling = _Cancelling(plan)
    with TemporaryDirectory() as folder, GithubServer() as github:
        cancelling.rehearsal = rehearsal = Rehearsal(github, Path(folder))
        status = rehearsal.run(_recorded_workspace(plan, rehearsal, cancelling.before), Settings(), publisher)
    last, _ = publisher.updates[-1]
    annotations = [annotation for _, batch in publisher.updates for annotation in batch]
    return Expected(
        conclusion=str(last.conclusion),
        status=status,
        annotations=Counter((annotation.level.value, annotation.title) for annotation in annotations),
    )


def main(runs: int, first: int = 0) -> None:
    requests = faulted = violations = 0
    for seed in range(first, first + runs):
        result = soak(FaultPlan.from_seed(seed), seed)
        requests, faulted = requests + result.requests, faulted + result.faulted
        try:
            check(result)
        except AssertionError as error:
            violations += 1
            sys.stdout.write(f"seed {seed}: {error}\n")
    sys.stdout.write(f"{runs} runs, {requests} requests, {faulted} of them with a fault, {violations} violations\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
