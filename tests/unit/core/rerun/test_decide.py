"""The table of decisions: from an intent and the repository state to a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.github.external_id import canonical
from checks.core.model.check_run import Conclusion, Output, RemoteCheckRun, Status
from checks.core.model.delivery import DeliveryResult, DeliveryStatus
from checks.core.model.identity import Identity, RunKind
from checks.core.model.intents import (
    CommitPushed,
    RepositoryRef,
    RerunIntent,
    RerunRequested,
    SuiteRerequested,
    WorkflowRunCompleted,
)
from checks.core.model.rerun import RerunScope
from checks.core.model.session import CarriedOverCounts
from checks.core.rerun.decide import decide
from checks.core.rerun.decision import (
    CompleteOrphans,
    Decision,
    Order,
    Origin,
    Orphan,
    QueueExpected,
    RepositoryState,
    RepublishVerdict,
    StartRerun,
)

HEAD, BASE, OTHER = "a" * 40, "b" * 40, "c" * 40
REPOSITORY_REF = RepositoryRef(full_name="octo/demo", installation_id=42)
STATES = {
    "queued": (Status.QUEUED, None),
    "running": (Status.IN_PROGRESS, None),
    **{conclusion.value: (Status.COMPLETED, conclusion) for conclusion in Conclusion},
    "stale": (Status.COMPLETED, None),
}
PAGE = "https://github.test/octo/demo/actions/runs/17"


def run(number: int, state: str = "failure", at: float = 100.0, name: str = "unit", **of: Any) -> RemoteCheckRun:
    """Return a check run of the App. `of` has the parts of its identity, or `identity`."""
    parts = {"workflow": "tests.yml", "run_id": "17", "job": "pytest", "category": name, "kind": RunKind.COMPLETE} | of
    status, conclusion = STATES[state]
    return RemoteCheckRun(
        id=str(number),
        app=("4711", "Iv23liOctopus"),
        name=name,
        head_sha=HEAD,
        head_branch="feature",
        identity=of["identity"] if "identity" in of else canonical(Identity(**parts)),
        status=status,
        conclusion=conclusion,
        output=Output(title="3 failed", summary="s"),
        started_at=at,
        page=f"https://github.test/octo/demo/runs/{number}",
    )


def placeholder(number: int, earlier: int, state: str = "queued", at: float = 300.0, **of: Any) -> RemoteCheckRun:
    """Return a placeholder run. `run_id` is empty until its dispatch."""
    parts: dict[str, Any] = {
        "run_id": "",
        "attempt": 0,
        "job": "",
        "kind": RunKind.PLACEHOLDER,
        "earlier": str(earlier),
    }
    return run(number, state, at, **(parts | of))


A = run(1)
DOCS = run(2, "success", name="docs")
LINT = run(3, "failure", name="lint")
WAITS = placeholder(8, 1)
DISPATCHED = placeholder(8, 1, run_id="18")
UNKNOWN = placeholder(8, 1, run_id="0")
NOT_STARTED = placeholder(8, 1, "action_required")
CLAIMED = run(8, "running", 300.0, earlier="1", run_id="18", kind=RunKind.TESTS)
RERUN_PASSED = run(8, "success", 300.0, earlier="1", run_id="18")
REPUBLISHED = placeholder(8, 1, "failure", kind=RunKind.REPUBLISHED)
PUBLISHED = run(1, kind=RunKind.PUBLISHED)
FOREIGN = run(1, identity=None)
NO_WORKFLOW = run(1, workflow="")
MANUAL = run(1, "action_required", kind=RunKind.MANUAL)
BRANCHLESS = replace(A, head_branch="")


def pressed(of: RemoteCheckRun = A, scope: RerunScope = RerunScope.FAILED, **more: Any) -> RerunRequested:
    return RerunRequested(
        repository_ref=REPOSITORY_REF, sender="octocat", run=of, scope=scope, **({"is_native": False} | more)
    )


def native(of: RemoteCheckRun = A) -> RerunRequested:
    return pressed(of, RerunScope.ALL, is_native=True)


def suite(head_branch: str = "feature", asked_at: float = 200.0) -> SuiteRerequested:
    return SuiteRerequested(
        repository_ref=REPOSITORY_REF, sender="octocat", head_sha=HEAD, head_branch=head_branch, asked_at=asked_at
    )


def completed_workflow(conclusion: str = "failure", **more: Any) -> WorkflowRunCompleted:
    parts: dict[str, Any] = {"run_id": "17", "attempt": 1, "workflow": "tests.yml", "commits": (HEAD,), "page": PAGE}
    return WorkflowRunCompleted(repository_ref=REPOSITORY_REF, conclusion=conclusion, **(parts | more))


PUSHED = CommitPushed(repository_ref=REPOSITORY_REF, head_sha=OTHER, base=HEAD)


def state_of(*runs: RemoteCheckRun, permission: str = "write", origin: Origin | None = None) -> RepositoryState:
    return RepositoryState(permission=permission, runs=runs, origins={"17": origin} if origin else {})


def origin(branch: str = "v1", repository: str = "octo/demo", head_sha: str = HEAD) -> Origin:
    return Origin(repository=repository, branch=branch, head_sha=head_sha, workflow="tests.yml")


def ended(conclusion: str, status: str = "completed", attempt: int = 1) -> Origin:
    """Return a workflow run as the API shows it."""
    return replace(origin("feature"), status=status, conclusion=conclusion, attempt=attempt, page=PAGE)


def start_rerun(*orders: Order, refs: tuple[str, ...] = ("feature",)) -> StartRerun:
    ordered = tuple(replace(item, refs=refs) for item in orders)
    return StartRerun(repository_ref=REPOSITORY_REF, orders=ordered, sender="octocat")


def order(of: RemoteCheckRun = A, scope: RerunScope = RerunScope.FAILED, queued: str = "") -> Order:
    return Order(run=of, scope=scope, queued=queued)


def rerun_all(*runs: RemoteCheckRun) -> StartRerun:
    return start_rerun(*(order(item, RerunScope.ALL) for item in runs))


def republish(of: RemoteCheckRun, reason: str, *, has_buttons: bool = False) -> RepublishVerdict:
    return RepublishVerdict(repository_ref=REPOSITORY_REF, run=of, reason=reason, has_buttons=has_buttons)


def done(reason: str) -> DeliveryResult:
    return DeliveryResult(status=DeliveryStatus.DONE, reason=reason)


def refused(reason: str) -> DeliveryResult:
    return DeliveryResult(status=DeliveryStatus.REFUSED, reason=reason)


NEWER = "check run {} of this check is newer: use its buttons instead"
AGAIN_BEFORE = done("it was already answered by check run 8")
RUNS_YET = done("the check run is not completed yet")
NOT_OURS = "its external id was not written by this action"
NOT_BY_WORKFLOW = "its tests were not run by a workflow, so no workflow can be started"
NO_TESTS = "a manual check has no tests to re-run"
NOT_HERE = "the commit is from a fork or on no branch, so a workflow cannot be started for it"
IN_QUEUE = "the commit is from a merge queue: add the pull request to the queue again"
NO_ACCESS = "@octocat has no write access to this repository (read)"
NONE_LEFT = done("no check run of this App on the commit is left to re-run")
QUEUE = "gh-readonly-queue/main/pr-7-c0ffee"

PRESSED: dict[str, tuple[RerunIntent, RepositoryState, Decision]] = {
    # the run itself
    "nothing of it is there any more": (pressed(), state_of(), start_rerun(order())),
    "it failed": (pressed(), state_of(A), start_rerun(order())),
    "it failed, all tests": (pressed(scope=RerunScope.ALL), state_of(A), start_rerun(order(scope=RerunScope.ALL))),
    "it failed, GitHub's button": (native(), state_of(A), start_rerun(order(scope=RerunScope.ALL))),
    "it passed": (pressed(DOCS, RerunScope.ALL), state_of(DOCS), start_rerun(order(DOCS, RerunScope.ALL))),
    "its results are not whole": (
        pressed(run(1, kind=RunKind.TESTS)),
        state_of(),
        start_rerun(order(run(1, kind=RunKind.TESTS))),
    ),
    "GitHub gave it up": (native(run(1, "stale")), state_of(), rerun_all(run(1, "stale"))),
    "it is queued": (pressed(run(1, "queued")), state_of(run(1, "queued")), RUNS_YET),
    "it runs": (native(run(1, "running")), state_of(run(1, "running")), RUNS_YET),
    "it has ended since the event": (pressed(run(1, "running")), state_of(A), start_rerun(order())),
    "it runs since the event, as was not foreseen": (pressed(A), state_of(run(1, "running")), RUNS_YET),
    "older ones of its name are there": (pressed(run(5)), state_of(A, run(5)), start_rerun(order(run(5)))),
    "a newer one of its name is there": (pressed(run(5)), state_of(A, run(5), run(6)), refused(NEWER.format(6))),
    "a newer one that failed, GitHub's button": (native(run(5)), state_of(run(5), run(6)), refused(NEWER.format(6))),
    "a newer one, by nobody who may": (
        native(run(5)),
        state_of(run(5), run(6), permission="read"),
        refused(NEWER.format(6)),
    ),
    "GitHub's button has put it back to queued": (
        native(replace(A, status=Status.QUEUED, conclusion=None)),
        state_of(replace(A, status=Status.QUEUED, conclusion=None)),
        rerun_all(replace(A, status=Status.QUEUED, conclusion=None)),
    ),
    "it waits for its tests, GitHub's button": (native(WAITS), state_of(WAITS), RUNS_YET),
    # what came after it
    "a queued run waits for its dispatch": (pressed(), state_of(A, WAITS), start_rerun(order(queued="8"))),
    "a queued run waits, GitHub's button": (
        native(),
        state_of(A, WAITS),
        start_rerun(order(scope=RerunScope.ALL, queued="8")),
    ),
    "two queued runs wait": (pressed(), state_of(A, WAITS, placeholder(9, 1)), start_rerun(order(queued="9"))),
    "one was dispatched, one waits": (
        pressed(),
        state_of(A, DISPATCHED, placeholder(9, 1)),
        start_rerun(order(queued="9")),
    ),
    "its re-run is dispatched": (pressed(), state_of(A, DISPATCHED), AGAIN_BEFORE),
    "its re-run is dispatched, its workflow run unknown": (pressed(), state_of(A, UNKNOWN), AGAIN_BEFORE),
    "its re-run runs": (pressed(), state_of(A, CLAIMED), AGAIN_BEFORE),
    "its re-run is completed": (native(), state_of(A, RERUN_PASSED), AGAIN_BEFORE),
    "its re-run could not be started": (pressed(), state_of(A, NOT_STARTED), AGAIN_BEFORE),
    "its verdict was repeated, as somebody else may not": (native(), state_of(A, REPUBLISHED), rerun_all(A)),
    "its verdict was repeated, and it waits": (
        native(),
        state_of(A, WAITS, replace(REPUBLISHED, id="9")),
        start_rerun(order(A, RerunScope.ALL, "8")),
    ),
    "what came after it is queued, and no re-run": (
        pressed(),
        state_of(A, run(8, "queued", earlier="1", run_id="", kind=RunKind.TESTS)),
        AGAIN_BEFORE,
    ),
    "the latest of two re-runs is named": (
        pressed(),
        state_of(A, RERUN_PASSED, run(9, "running", earlier="1")),
        done("it was already answered by check run 9"),
    ),
    "another run's re-run is there": (pressed(run(5)), state_of(A, run(5), DISPATCHED), refused(NEWER.format(8))),
    # what it is
    "a re-run of a re-run": (pressed(RERUN_PASSED), state_of(A, RERUN_PASSED), start_rerun(order(RERUN_PASSED))),
    "one that could not be started": (pressed(NOT_STARTED), state_of(A, NOT_STARTED), start_rerun(order(NOT_STARTED))),
    "a repeated verdict": (native(REPUBLISHED), state_of(A, REPUBLISHED), rerun_all(REPUBLISHED)),
    "one that no job has taken at a push": (
        native(run(1, "cancelled", kind=RunKind.EXPECTED)),
        state_of(),
        rerun_all(run(1, "cancelled", kind=RunKind.EXPECTED)),
    ),
    "a manual check": (pressed(A), state_of(MANUAL), refused(NO_TESTS)),
    "a manual check, GitHub's button": (native(A), state_of(MANUAL), refused(NO_TESTS)),
    "published": (pressed(PUBLISHED), state_of(PUBLISHED), refused(NOT_BY_WORKFLOW)),
    "published, GitHub's button": (native(PUBLISHED), state_of(PUBLISHED), republish(PUBLISHED, NOT_BY_WORKFLOW)),
    "of no workflow": (pressed(NO_WORKFLOW), state_of(), refused(NOT_BY_WORKFLOW)),
    "of no workflow, GitHub's button": (native(NO_WORKFLOW), state_of(), republish(NO_WORKFLOW, NOT_BY_WORKFLOW)),
    "not ours": (pressed(FOREIGN), state_of(FOREIGN), refused(NOT_OURS)),
    "not ours, GitHub's button": (native(FOREIGN), state_of(FOREIGN), republish(FOREIGN, NOT_OURS)),
    "not ours, answered before": (
        native(FOREIGN),
        state_of(FOREIGN, run(8, "failure", earlier="1", kind=RunKind.REPUBLISHED, workflow="")),
        AGAIN_BEFORE,
    ),
    # who asks
    "by an admin": (pressed(), state_of(A, permission="admin"), start_rerun(order())),
    "by a maintainer": (pressed(), state_of(A, permission="maintain"), start_rerun(order())),
    **{
        f"by one with {permission} access": (
            pressed(),
            state_of(A, permission=permission),
            refused(f"@octocat has no write access to this repository ({permission})"),
        )
        for permission in ("triage", "read", "none", "WRITE", "", "a-custom-role")
    },
    "by a reader, GitHub's button": (
        native(),
        state_of(A, permission="read"),
        republish(A, NO_ACCESS, has_buttons=True),
    ),
    "by a reader, twice": (native(), state_of(A, REPUBLISHED, permission="read"), AGAIN_BEFORE),
    "by a reader, while it waits for somebody else": (
        native(),
        state_of(A, WAITS, permission="read"),
        refused(NO_ACCESS),
    ),
    "by a reader, while a queued run waits": (
        pressed(),
        state_of(A, WAITS, permission="read"),
        refused(NO_ACCESS),
    ),
    # where
    "no branch, its workflow run is gone": (pressed(BRANCHLESS), state_of(A), refused(NOT_HERE)),
    "no branch, its workflow run is a fork's": (
        pressed(BRANCHLESS),
        state_of(A, origin=origin(repository="mallory/demo")),
        refused(NOT_HERE),
    ),
    "no branch, its workflow run's repository is gone": (
        pressed(BRANCHLESS),
        state_of(A, origin=origin(repository="")),
        refused(NOT_HERE),
    ),
    "no branch, its workflow run was on another commit": (
        pressed(BRANCHLESS),
        state_of(A, origin=origin("main", head_sha=BASE)),
        refused(NOT_HERE),
    ),
    "no branch, nor has its workflow run one": (
        pressed(BRANCHLESS),
        state_of(A, origin=origin("")),
        refused(NOT_HERE),
    ),
    "a fork's, GitHub's button": (native(BRANCHLESS), state_of(A), republish(A, NOT_HERE)),
    "a fork's, by a reader": (native(BRANCHLESS), state_of(A, permission="read"), republish(A, NOT_HERE)),
    "a tag": (pressed(BRANCHLESS), state_of(A, origin=origin("v1")), start_rerun(order(), refs=("v1",))),
    "the workflow run's ref goes before the suite's": (
        pressed(),
        state_of(A, origin=origin("v1")),
        start_rerun(order(), refs=("v1", "feature")),
    ),
    "the workflow run's ref is that of the suite": (
        pressed(),
        state_of(A, origin=origin("feature")),
        start_rerun(order()),
    ),
    "the workflow run was on another commit": (
        pressed(),
        state_of(A, origin=origin("main", head_sha=BASE)),
        start_rerun(order()),
    ),
    "the ref of a re-run is that of the first run": (
        pressed(RERUN_PASSED),
        state_of(A, RERUN_PASSED, origin=origin("v1")),
        start_rerun(order(RERUN_PASSED), refs=("v1", "feature")),
    ),
    "a merge queue's commit that is on main now": (
        pressed(replace(A, head_branch=QUEUE)),
        state_of(A, origin=origin("main")),
        start_rerun(order(), refs=("main",)),
    ),
    "a merge queue's workflow run on a commit that is on a branch now": (
        pressed(),
        state_of(A, origin=origin(QUEUE)),
        start_rerun(order()),
    ),
    "a merge queue's": (pressed(replace(A, head_branch=QUEUE)), state_of(A), refused(IN_QUEUE)),
    "a merge queue's, by the workflow run": (
        pressed(BRANCHLESS),
        state_of(A, origin=origin(QUEUE)),
        refused(IN_QUEUE),
    ),
    "a merge queue's, GitHub's button": (native(replace(A, head_branch=QUEUE)), state_of(A), republish(A, IN_QUEUE)),
}

SUITE: dict[str, tuple[RerunIntent, RepositoryState, Decision]] = {
    "no check run of this App": (suite(), state_of(), NONE_LEFT),
    "some failed": (suite(), state_of(A, DOCS, LINT), rerun_all(A, LINT)),
    "all passed": (suite(), state_of(run(1, "success"), DOCS), rerun_all(run(1, "success"), DOCS)),
    **{
        f"one is {state}": (suite(), state_of(run(1, state), DOCS), rerun_all(run(1, state)))
        for state in ("failure", "timed_out", "cancelled", "action_required", "stale")
    },
    **{
        f"one is {state}, which passes": (suite(), state_of(run(1, state), DOCS), rerun_all(run(1, state), DOCS))
        for state in ("success", "neutral", "skipped")
    },
    "one runs": (suite(), state_of(run(1, "running"), LINT), rerun_all(LINT)),
    "one is queued": (suite(), state_of(run(1, "queued"), DOCS), rerun_all(DOCS)),
    "all run": (suite(), state_of(run(1, "running")), NONE_LEFT),
    "the latest of a name counts": (suite(), state_of(A, DOCS, run(5, "success")), rerun_all(run(5, "success"), DOCS)),
    "one failed again": (suite(), state_of(A, DOCS, run(5, earlier="1")), rerun_all(run(5, earlier="1"))),
    "begun in the second of the click": (suite(), state_of(run(1, at=200.0)), rerun_all(run(1, at=200.0))),
    "begun after it was asked for": (suite(), state_of(run(1, at=201.0)), NONE_LEFT),
    "created in answer in the second of the click": (
        suite(),
        state_of(A, placeholder(8, 1, "action_required", 200.0)),
        NONE_LEFT,
    ),
    # once more
    "all dispatched": (suite(), state_of(A, DOCS, DISPATCHED), NONE_LEFT),
    "all dispatched, one runs": (suite(), state_of(A, DOCS, CLAIMED), NONE_LEFT),
    "all have run again": (suite(), state_of(A, DOCS, RERUN_PASSED), NONE_LEFT),
    "all have run again and failed": (suite(), state_of(A, DOCS, run(8, at=300.0, earlier="1")), NONE_LEFT),
    "another's came after it": (suite(), state_of(A, DOCS, run(8, at=300.0, identity=None)), NONE_LEFT),
    "one could not be started": (suite(), state_of(A, DOCS, NOT_STARTED), NONE_LEFT),
    "half dispatched": (suite(), state_of(A, LINT, DISPATCHED), rerun_all(LINT)),
    "half queued, none dispatched": (
        suite(),
        state_of(A, LINT, WAITS),
        start_rerun(order(A, RerunScope.ALL, "8"), order(LINT, RerunScope.ALL)),
    ),
    "all queued, half dispatched": (
        suite(),
        state_of(A, LINT, DISPATCHED, placeholder(9, 3, name="lint")),
        start_rerun(order(LINT, RerunScope.ALL, "9")),
    ),
    "what waits, and its verdict was repeated for another": (
        suite(),
        state_of(A, WAITS, replace(REPUBLISHED, id="9")),
        start_rerun(order(A, RerunScope.ALL, "8")),
    ),
    "what waits though it had not failed": (
        suite(),
        state_of(A, DOCS, placeholder(8, 2, name="docs")),
        start_rerun(order(A, RerunScope.ALL), order(DOCS, RerunScope.ALL, "8")),
    ),
    "of two that wait for one": (
        suite(),
        state_of(A, WAITS, placeholder(9, 1)),
        start_rerun(order(A, RerunScope.ALL, "9")),
    ),
    "what waits was queued before": (
        suite(),
        state_of(A, placeholder(8, 1, at=150.0)),
        start_rerun(order(A, RerunScope.ALL, "8")),
    ),
    "what waits is for an older one": (suite(), state_of(run(0), A, placeholder(8, 0)), NONE_LEFT),
    "asked for once more": (suite(asked_at=400.0), state_of(A, DOCS, RERUN_PASSED), rerun_all(RERUN_PASSED, DOCS)),
    # what they are
    "a published one beside": (
        suite(),
        state_of(PUBLISHED, run(2, "failure", name="docs")),
        rerun_all(run(2, name="docs")),
    ),
    "a published one that failed beside one that passed": (suite(), state_of(PUBLISHED, DOCS), rerun_all(DOCS)),
    "a foreign one beside": (suite(), state_of(FOREIGN, LINT), rerun_all(LINT)),
    "only published": (suite(), state_of(PUBLISHED), republish(PUBLISHED, NOT_BY_WORKFLOW)),
    "only published, answered before": (
        suite(),
        state_of(PUBLISHED, run(8, at=300.0, kind=RunKind.PUBLISHED, earlier="1")),
        done(f"it was already answered: {NOT_BY_WORKFLOW}"),
    ),
    "only foreign": (suite(), state_of(FOREIGN), republish(FOREIGN, NOT_OURS)),
    "repeated verdicts": (suite(asked_at=400.0), state_of(A, REPUBLISHED), rerun_all(REPUBLISHED)),
    # who asks, and where
    "by a reader": (suite(), state_of(DOCS, A, permission="read"), republish(A, NO_ACCESS, has_buttons=True)),
    "by a reader, all passed": (
        suite(),
        state_of(DOCS, permission="read"),
        republish(DOCS, NO_ACCESS, has_buttons=True),
    ),
    "by a reader, twice": (
        suite(),
        state_of(DOCS, A, REPUBLISHED, permission="read"),
        done(f"it was already answered: {NO_ACCESS}"),
    ),
    "by a reader, nothing there": (suite(), state_of(permission="read"), refused(NO_ACCESS)),
    "a fork's": (suite(""), state_of(A, origin=origin(repository="mallory/demo")), republish(A, NOT_HERE)),
    "on no branch": (suite(""), state_of(A), republish(A, NOT_HERE)),
    "of a comment's workflow run": (
        suite(""),
        state_of(A, origin=origin("main", head_sha=BASE)),
        republish(A, NOT_HERE),
    ),
    "a tag": (suite(""), state_of(A, origin=origin("v1")), start_rerun(order(scope=RerunScope.ALL), refs=("v1",))),
    "a merge queue's": (suite(QUEUE), state_of(A), republish(A, IN_QUEUE)),
}

NOTHING_LEFT = done("workflow run 17 left no check run incomplete")
EARLY = DeliveryResult(status=DeliveryStatus.IGNORED, reason="workflow run 17 has not completed")
QUEUED_OURS = placeholder(8, 1, run_id="17")
EXPECTED = run(8, "queued", run_id="", attempt=0, job="", kind=RunKind.EXPECTED)
RUNNING = run(8, "running", kind=RunKind.TESTS)
LONG = "a-workflow-with-a-name-of-more-than-forty-characters.yml"


def orphan(of: RemoteCheckRun, conclusion: Conclusion, title: str, why: str) -> Orphan:
    return Orphan(run=of, conclusion=conclusion, title=title, reason=f"The [workflow run]({PAGE}) completed {why}")


def no_job(of: RemoteCheckRun, conclusion: Conclusion, ended_as: str) -> CompleteOrphans:
    why = (
        f"({ended_as}), but none of its jobs ran this category. Make sure that a job has this category and check name, "
        "and that nothing cancels it."
    )
    return CompleteOrphans(
        repository_ref=REPOSITORY_REF, orphans=(orphan(of, conclusion, "No job ran these tests", why),)
    )


def machine(
    of: RemoteCheckRun, conclusion: Conclusion, ended_as: str, title: str = "job lost · 3 failed"
) -> CompleteOrphans:
    why = f"({ended_as}), but the job that ran these tests was lost before it reported."
    return CompleteOrphans(repository_ref=REPOSITORY_REF, orphans=(orphan(of, conclusion, title, why),))


ENDS: dict[str, tuple[RerunIntent, RepositoryState, Decision]] = {
    "nothing is incomplete": (completed_workflow(), state_of(), NOTHING_LEFT),
    "all is completed": (completed_workflow(), state_of(A, DOCS), NOTHING_LEFT),
    "a manual check was put back to queued": (
        completed_workflow(),
        state_of(run(1, "queued", kind=RunKind.MANUAL)),
        NOTHING_LEFT,
    ),
    "queued for it, it failed": (
        completed_workflow(),
        state_of(QUEUED_OURS),
        no_job(QUEUED_OURS, Conclusion.ACTION_REQUIRED, "failure"),
    ),
    "queued for it, it passed": (
        completed_workflow("success"),
        state_of(QUEUED_OURS),
        no_job(QUEUED_OURS, Conclusion.ACTION_REQUIRED, "success"),
    ),
    "queued for it, cancelled": (
        completed_workflow("cancelled"),
        state_of(QUEUED_OURS),
        no_job(QUEUED_OURS, Conclusion.CANCELLED, "cancelled"),
    ),
    "in progress, it failed": (
        completed_workflow(),
        state_of(RUNNING),
        machine(RUNNING, Conclusion.FAILURE, "failure"),
    ),
    "in progress, it passed": (
        completed_workflow("success"),
        state_of(RUNNING),
        machine(RUNNING, Conclusion.FAILURE, "success"),
    ),
    "in progress, timed out": (
        completed_workflow("timed_out"),
        state_of(RUNNING),
        machine(RUNNING, Conclusion.FAILURE, "timed_out"),
    ),
    "in progress, cancelled": (
        completed_workflow("cancelled"),
        state_of(RUNNING),
        machine(RUNNING, Conclusion.CANCELLED, "cancelled"),
    ),
    "in progress without a title": (
        completed_workflow(),
        state_of(replace(RUNNING, output=Output(title="", summary=""))),
        machine(replace(RUNNING, output=Output(title="", summary="")), Conclusion.FAILURE, "failure", "job lost"),
    ),
    "awaited since the push": (
        completed_workflow(),
        state_of(EXPECTED),
        no_job(EXPECTED, Conclusion.CANCELLED, "failure"),
    ),
    "awaited, by another workflow": (completed_workflow(workflow="lint.yml"), state_of(EXPECTED), NOTHING_LEFT),
    "awaited, by a workflow whose name is cut": (
        completed_workflow(workflow=LONG),
        state_of(replace(EXPECTED, identity=run(8, workflow=LONG, kind=RunKind.EXPECTED, run_id="").identity)),
        no_job(
            replace(EXPECTED, identity=run(8, workflow=LONG, kind=RunKind.EXPECTED, run_id="").identity),
            Conclusion.CANCELLED,
            "failure",
        ),
    ),
    "waits for its dispatch": (completed_workflow(), state_of(WAITS), NOTHING_LEFT),
    "dispatched, to an unknown workflow run": (completed_workflow(), state_of(UNKNOWN), NOTHING_LEFT),
    "dispatched before, to an unknown workflow run": (
        completed_workflow(dispatched_at=UNKNOWN.started_at),
        state_of(UNKNOWN),
        no_job(UNKNOWN, Conclusion.ACTION_REQUIRED, "failure"),
    ),
    "dispatched after, to an unknown workflow run": (
        completed_workflow(dispatched_at=UNKNOWN.started_at - 1),
        state_of(UNKNOWN),
        NOTHING_LEFT,
    ),
    "dispatched to another, unknown workflow run": (
        completed_workflow(dispatched_at=UNKNOWN.started_at, workflow="lint.yml"),
        state_of(UNKNOWN),
        NOTHING_LEFT,
    ),
    "another workflow run's": (
        completed_workflow(run_id="16"),
        state_of(RUNNING),
        done("workflow run 16 left no check run incomplete"),
    ),
    "a former attempt's": (
        completed_workflow(attempt=2),
        state_of(RUNNING),
        machine(RUNNING, Conclusion.FAILURE, "failure"),
    ),
    "a later attempt's": (
        completed_workflow(attempt=1),
        state_of(run(8, "running", attempt=2, kind=RunKind.TESTS)),
        NOTHING_LEFT,
    ),
    "published, in progress": (
        completed_workflow(),
        state_of(run(8, "running", kind=RunKind.PUBLISHED)),
        machine(run(8, "running", kind=RunKind.PUBLISHED), Conclusion.FAILURE, "failure"),
    ),
    "not ours": (completed_workflow(), state_of(run(8, "running", identity=None)), NOTHING_LEFT),
    "the event came early": (
        completed_workflow(),
        state_of(RUNNING, QUEUED_OURS, EXPECTED, origin=ended("", "in_progress")),
        EARLY,
    ),
    "the next attempt has begun": (completed_workflow(), state_of(RUNNING, origin=ended("", "queued", 2)), EARLY),
    "the state may not be read": (
        completed_workflow(),
        state_of(RUNNING, origin=ended("", "")),
        machine(RUNNING, Conclusion.FAILURE, "failure"),
    ),
    "the next attempt was cancelled": (
        completed_workflow("failure"),
        state_of(RUNNING, origin=ended("cancelled", attempt=2)),
        machine(RUNNING, Conclusion.CANCELLED, "cancelled"),
    ),
    "another workflow run on the commit is over": (
        completed_workflow(run_id="16"),
        state_of(RUNNING, origin=ended("failure")),
        machine(RUNNING, Conclusion.FAILURE, "failure"),
    ),
    "GitHub's button has put a completed one back to queued": (
        completed_workflow(),
        state_of(replace(A, status=Status.QUEUED, conclusion=None), origin=ended("failure")),
        NOTHING_LEFT,
    ),
    "several": (
        completed_workflow(),
        state_of(A, RUNNING, replace(EXPECTED, id="10"), run(9, "running", identity=None)),
        CompleteOrphans(
            repository_ref=REPOSITORY_REF,
            orphans=(
                *machine(RUNNING, Conclusion.FAILURE, "failure").orphans,
                *no_job(replace(EXPECTED, id="10"), Conclusion.CANCELLED, "failure").orphans,
            ),
        ),
    ),
}

NOTHING_NEW = done("no category of the base commit is missing")


def push_state(
    *base_runs: RemoteCheckRun, existing: Sequence[RemoteCheckRun] = (), event: str = "push"
) -> RepositoryState:
    return RepositoryState(
        runs=tuple(existing), base_runs=base_runs, origins={"17": replace(origin("main"), event=event)}
    )


def queue_expected(*runs: RemoteCheckRun) -> QueueExpected:
    return QueueExpected(repository_ref=REPOSITORY_REF, runs=runs, head_sha=OTHER)


PUSHES: dict[str, tuple[RerunIntent, RepositoryState, Decision]] = {
    "the base has none": (PUSHED, push_state(), NOTHING_NEW),
    "the base has some": (PUSHED, push_state(A, DOCS), queue_expected(A, DOCS)),
    "the base has a manual one": (PUSHED, push_state(MANUAL, DOCS), queue_expected(DOCS)),
    "the base's are nightly": (PUSHED, push_state(A, event="schedule"), NOTHING_NEW),
    "the base's are of a pull request": (PUSHED, push_state(A, event="pull_request"), queue_expected(A)),
    "the base's ran again": (PUSHED, push_state(RERUN_PASSED, event="workflow_dispatch"), queue_expected(RERUN_PASSED)),
    "the base's still run": (PUSHED, push_state(RUNNING, WAITS), queue_expected(WAITS)),
    "one is there": (PUSHED, push_state(A, DOCS, existing=[run(9)]), queue_expected(DOCS)),
    "all are there": (PUSHED, push_state(A, existing=[run(9, "queued")]), NOTHING_NEW),
    "awaited before": (PUSHED, push_state(A, existing=[EXPECTED]), NOTHING_NEW),
    "a name is taken by another": (PUSHED, push_state(A, existing=[run(9, identity=None)]), NOTHING_NEW),
    "the latest of a name counts": (PUSHED, push_state(A, run(5)), queue_expected(run(5))),
    "the base's was awaited itself": (PUSHED, push_state(EXPECTED), queue_expected(EXPECTED)),
    "the base's are repeated": (PUSHED, push_state(REPUBLISHED), queue_expected(REPUBLISHED)),
    "the base's are published": (PUSHED, push_state(PUBLISHED), NOTHING_NEW),
    "the base's are not ours": (PUSHED, push_state(FOREIGN), NOTHING_NEW),
    "the base's are of no workflow": (PUSHED, push_state(NO_WORKFLOW), NOTHING_NEW),
}

TABLE = {
    f"{intent_events}: {case}": row
    for intent_events, rows in [
        ("a button", PRESSED),
        ("the suite's button", SUITE),
        ("ended", ENDS),
        ("pushed", PUSHES),
    ]
    for case, row in rows.items()
}


@pytest.mark.parametrize(("intent", "state", "decision"), TABLE.values(), ids=TABLE)
def test_decide_follows_the_table(intent: RerunIntent, state: RepositoryState, decision: Decision) -> None:
    assert decide(intent, state) == decision


def test_orphan_reason_names_workflow_run_without_page() -> None:
    decision = decide(completed_workflow(page=""), state_of(RUNNING))
    assert isinstance(decision, CompleteOrphans)
    assert decision.orphans[0].reason.startswith("The workflow run 17 completed (failure), but")


RUNS = st.builds(
    run,
    st.integers(1, 9),
    st.sampled_from(sorted(STATES)),
    st.sampled_from([100.0, 200.0, 300.0]),
    st.sampled_from(["unit", "docs"]),
    workflow=st.sampled_from(["tests.yml", ""]),
    run_id=st.sampled_from(["", "0", "17", "18"]),
    attempt=st.integers(0, 2),
    kind=st.sampled_from(RunKind),
    earlier=st.sampled_from(["", "1", "2", "3"]),
    counts=st.builds(CarriedOverCounts, failed=st.integers(0, 3)),
) | st.builds(run, st.integers(1, 9), identity=st.none())
INTENTS = st.builds(pressed, RUNS, st.sampled_from(RerunScope), is_native=st.booleans()) | st.sampled_from(
    [suite(), suite(""), suite(QUEUE), completed_workflow(), completed_workflow("cancelled"), PUSHED]
)
REPOSITORY_STATES = st.builds(
    RepositoryState,
    permission=st.sampled_from(["write", "read"]),
    runs=st.lists(RUNS, max_size=5, unique_by=lambda item: item.id).map(
        lambda runs: tuple(sorted(runs, key=lambda item: int(item.id)))
    ),
    base_runs=st.lists(RUNS, max_size=3, unique_by=lambda item: item.id).map(tuple),
    origins=st.sampled_from(
        [{}, {"17": None}, {"17": origin()}, {"17": origin(repository="mallory/demo")}, {"17": ended("success")}]
    ),
)


@given(INTENTS, REPOSITORY_STATES)
def test_rerun_needs_write_access_branch_and_workflow(intent: RerunIntent, state: RepositoryState) -> None:
    decision = decide(intent, state)
    if isinstance(decision, StartRerun):
        assert state.permission == "write"
        assert decision.orders
        assert all(item.refs for item in decision.orders)
        assert len({item.run.id for item in decision.orders}) == len(decision.orders)
        is_requeued = isinstance(intent, RerunRequested) and intent.is_native  # on some servers
        allowed = {Status.COMPLETED, Status.QUEUED} if is_requeued else {Status.COMPLETED}
        assert {item.run.status for item in decision.orders} <= allowed


@given(INTENTS, REPOSITORY_STATES)
def test_carried_out_decision_is_not_repeated(intent: RerunIntent, state: RepositoryState) -> None:
    """The same event finds the results of the first one and does nothing."""
    decision = decide(intent, state)
    gone, new = carried_out(decision)
    remaining = [item for item in state.runs if item.id not in gone]
    after = decide(intent, replace(state, runs=(*remaining, *new)))
    assert isinstance(decision, DeliveryResult) or isinstance(after, DeliveryResult)


def carried_out(decision: Decision) -> tuple[set[str], list[RemoteCheckRun]]:
    """Return the ids of the runs that a decision replaces, and their replacements."""
    match decision:
        case StartRerun(orders=orders):
            earlier = [(100 + number, item.run) for number, item in enumerate(orders)]
            new = [placeholder(number, int(item.id), name=item.name, run_id="99") for number, item in earlier]
            return {item.queued for item in orders}, new
        case RepublishVerdict(run=item):
            return set(), [placeholder(100, int(item.id), "failure", name=item.name, kind=RunKind.REPUBLISHED)]
        case QueueExpected(runs=runs):
            return set(), [replace(EXPECTED, id="100", name=item.name) for item in runs]
        case CompleteOrphans(orphans=orphans):
            return {item.run.id for item in orphans}, []
        case DeliveryResult():
            return set(), []
