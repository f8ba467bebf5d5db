"""One short run with the faults of a plan, and what must hold of it whatever they were.

``python -m tests.support.soak.soak 500`` makes so many and prints the figures; a second number is the first seed.
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
from tests.support.runner.rehearsal import ENVIRON, Rehearsal, Replay, Stage, job_token, recorded
from tests.support.soak.plan import Plan

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
    """What a run says when nothing fails at GitHub."""

    conclusion: str
    status: ExitStatus
    annotations: Counter[Key]


@dataclass(frozen=True, kw_only=True)
class Soaked:
    """A run and its post step; `has_given_up`: the main step left something to the post step."""

    plan: Plan
    status: ExitStatus
    conclusion: str
    has_given_up: bool
    log: str
    summary: str
    requests: int
    faulted: int
    runs: list[dict[str, object]]
    annotations: Counter[Key]


def soak(plan: Plan, seed: int) -> Soaked:
    """Run as the plan says; then GitHub's troubles are over, and the post step comes."""
    cancelling = _Cancelling(plan)
    with TemporaryDirectory() as name, GithubServer(on_request=cancelling.on_request) as github:
        credentials = None if plan.is_app else job_token(github)
        rehearsal = Rehearsal(github, Path(name), credentials, seed=seed, budget_seconds=plan.budget_seconds)
        cancelling.rehearsal = rehearsal
        github.world.refuses = plan.refuses
        for fault in plan.faults:
            github.fault(fault)
        status = _run(plan, rehearsal, Path(name), cancelling)
        has_given_up = rehearsal.unfinished is not None
        github.mend()
        rehearsal.finish()
        return Soaked(
            plan=plan,
            status=status,
            conclusion=rehearsal.outputs["conclusion"],
            has_given_up=has_given_up,
            log=rehearsal.log,
            summary=rehearsal.summary,
            requests=len(github.requests),
            faulted=github.faulted,
            runs=github.runs,
            annotations=Counter(
                (one["annotation_level"], one["title"]) for run in github.runs for one in github.annotations(run["id"])
            ),
        )


def hold(soaked: Soaked) -> None:
    """Raises `AssertionError` where something does not hold."""
    plan, wanted = soaked.plan, expected(soaked.plan)
    own = {wanted.conclusion, Conclusion.CANCELLED} if plan.cancelling_request is not None else {wanted.conclusion}
    assert soaked.conclusion in own
    assert soaked.status == wanted.status or soaked.conclusion == Conclusion.CANCELLED
    assert soaked.summary
    assert not soaked.has_given_up or plan.is_cancelled or plan.has_outage
    if not soaked.runs:
        assert plan.has_outage
        assert "::warning::GitHub " in soaked.log
        return
    (run,) = soaked.runs
    assert (run["status"], run["conclusion"]) == ("completed", soaked.conclusion)
    _hold_annotations(soaked, wanted, run)


def _hold_annotations(soaked: Soaked, wanted: Expected, run: dict[str, object]) -> None:
    plan, came = soaked.plan, soaked.annotations
    # A request may cancel the tests in their midst: what ran then has an annotation of its own.
    allowed = wanted.annotations | Counter(set(came)) if plan.cancelling_request is not None else wanted.annotations
    assert not came - allowed, "more than once, or never told"
    if plan.is_cancelled or soaked.has_given_up:
        return
    left_out = {key for key in wanted.annotations if plan.is_left_out(key[-1])}
    assert set(wanted.annotations - came) == left_out
    assert (f"did not take {len(left_out)} annotation" in str(run["output"])) == bool(left_out)


class _Cancelling:
    """Cancels the job as the plan says."""

    rehearsal: Rehearsal

    def __init__(self, plan: Plan) -> None:
        self.are_tests_over = False
        self._plan = plan
        self._requests = 0

    def on_request(self, request: RecordedRequest) -> None:
        """At a request: where the tests are over, its answer waits until the main thread has noticed."""
        del request
        self._requests += 1
        if self._requests == self._plan.cancelling_request:
            self.rehearsal.cancel.set()
            if self.are_tests_over:
                self.rehearsal.cancel.noticed.wait(1)

    def before(self, chunk: int) -> None:
        """At a chunk of the tests' lines, or at their end."""
        if chunk == self._plan.cancelling_chunk:
            self.rehearsal.cancel.set()
        self.are_tests_over = chunk == self._plan.chunks


def _run(plan: Plan, rehearsal: Rehearsal, folder: Path, cancelling: _Cancelling) -> ExitStatus:
    if not plan.is_real:
        return rehearsal.run(_stage(plan, rehearsal, cancelling.before))
    (folder / "test_it.py").write_text(TESTS, encoding="utf-8")
    with LocalWorkspace(folder, ".", environ=ENVIRON, sink=lambda _: None) as workspace:
        return rehearsal.run(workspace, Settings(pytest_args=_arguments(plan)))


def _stage(plan: Plan, rehearsal: Rehearsal, before: Callable[[int], object]) -> Stage:
    recording = recorded(TESTS, *_arguments(plan))
    if plan.killed < 1.0:
        recording = recording.killed_after(int(plan.killed * len(recording.lines)))
    return Stage(
        place=recording.repository, tests=Replay(recording, rehearsal.clock, chunks=plan.chunks, before=before)
    )


def _arguments(plan: Plan) -> tuple[str, ...]:
    return ("-k", plan.only) if plan.only else ()


def expected(plan: Plan) -> Expected:
    """By a publisher that takes everything."""
    return _expected(replace(plan, faults=(), cancelling_request=None, refused=(), is_real=False, has_outage=False))


@cache
def _expected(plan: Plan) -> Expected:
    publisher = FakePublisher()
    cancelling = _Cancelling(plan)
    with TemporaryDirectory() as folder, GithubServer() as github:
        cancelling.rehearsal = rehearsal = Rehearsal(github, Path(folder))
        status = rehearsal.run(_stage(plan, rehearsal, cancelling.before), Settings(), publisher)
    last, _ = publisher.updates[-1]
    came = [each for _, batch in publisher.updates for each in batch]
    return Expected(
        conclusion=str(last.conclusion),
        status=status,
        annotations=Counter((each.level.value, each.title) for each in came),
    )


def main(runs: int, first: int = 0) -> None:
    requests = faulted = violations = 0
    for seed in range(first, first + runs):
        soaked = soak(Plan.of(seed), seed)
        requests, faulted = requests + soaked.requests, faulted + soaked.faulted
        try:
            hold(soaked)
        except AssertionError as error:
            violations += 1
            sys.stdout.write(f"seed {seed}: {error}\n")
    sys.stdout.write(f"{runs} runs, {requests} requests, {faulted} of them with a fault, {violations} violations\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
