"""The table of all decisions: what was wished, and what was there, to what is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.events.intent_types import (
    CommitPushed,
    Intent,
    RepositoryRef,
    RerunRequested,
    SuiteRerequested,
    WorkflowRunCompleted,
)
from checks.core.github.external_id import ExternalId, RunKind, compose
from checks.core.model.check_run import Conclusion, Output, RemoteCheckRun, Status
from checks.core.model.delivery import DeliveryResult, DeliveryStatus
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
    """A check run of the App's; `of` are the parts of its external id, or just `external_id`."""
    parts = {"workflow": "tests.yml", "run_id": "17", "job": "pytest", "category": name, "kind": RunKind.COMPLETE} | of
    status, conclusion = STATES[state]
    return RemoteCheckRun(
        id=str(number),
        app=("4711", "Iv23liOctopus"),
        name=name,
        head_sha=HEAD,
        head_branch="feature",
        external_id=of["external_id"] if "external_id" in of else compose(ExternalId(**parts)),
        status=status,
        conclusion=conclusion,
        output=Output(title="3 failed", summary="s"),
        started_at=at,
        page=f"https://github.test/octo/demo/runs/{number}",
    )


def requested(number: int, earlier: int, state: str = "queued", at: float = 300.0, **of: Any) -> RemoteCheckRun:
    """A re-run that was asked for; `run_id` is empty until its dispatch has gone out."""
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
WAITS = requested(8, 1)
DISPATCHED = requested(8, 1, run_id="18")
UNTOLD = requested(8, 1, run_id="0")
NOT_STARTED = requested(8, 1, "action_required")
ADOPTED = run(8, "running", 300.0, earlier="1", run_id="18", kind=RunKind.TESTS)
RERUN_PASSED = run(8, "success", 300.0, earlier="1", run_id="18")
REPEATED = requested(8, 1, "failure", kind=RunKind.REPUBLISHED)
PUBLISHED = run(1, kind=RunKind.PUBLISHED)
FOREIGN = run(1, external_id="deploy-17")
OLDER = run(1, external_id="pcr/1;tests.yml;17;1;pytest;unit;whole")
NO_WORKFLOW = run(1, workflow="")


def pressed(of: RemoteCheckRun = A, which: RerunScope = RerunScope.FAILED, **more: Any) -> RerunRequested:
    return RerunRequested(
        repository_ref=REPOSITORY_REF, sender="octocat", run=of, which=which, **({"is_native": False} | more)
    )


def native(of: RemoteCheckRun = A) -> RerunRequested:
    return pressed(of, RerunScope.ALL, is_native=True)


def suite(head_branch: str = "feature", asked_at: float = 200.0) -> SuiteRerequested:
    return SuiteRerequested(
        repository_ref=REPOSITORY_REF, sender="octocat", head_sha=HEAD, head_branch=head_branch, asked_at=asked_at
    )


def ended(conclusion: str = "failure", **more: Any) -> WorkflowRunCompleted:
    parts: dict[str, Any] = {"run_id": "17", "attempt": 1, "workflow": "tests.yml", "commits": (HEAD,), "page": PAGE}
    return WorkflowRunCompleted(repository_ref=REPOSITORY_REF, conclusion=conclusion, **(parts | more))


PUSHED = CommitPushed(repository_ref=REPOSITORY_REF, head_sha=OTHER, base_sha=HEAD)


def seen(*runs: RemoteCheckRun, permission: str = "write", origin: Origin | None = None) -> RepositoryState:
    return RepositoryState(permission=permission, runs=runs, origin=origin)


def origin(branch: str = "v1", repository: str = "octo/demo", head_sha: str = HEAD) -> Origin:
    return Origin(repository=repository, branch=branch, head_sha=head_sha, workflow="tests.yml")


def again(*orders: Order, ref: str = "feature") -> StartRerun:
    return StartRerun(repository_ref=REPOSITORY_REF, orders=orders, ref=ref, sender="octocat")


def order(of: RemoteCheckRun = A, which: RerunScope = RerunScope.FAILED, queued: str = "") -> Order:
    return Order(run=of, which=which, queued=queued)


def everything(*runs: RemoteCheckRun) -> StartRerun:
    return again(*(order(one, RerunScope.ALL) for one in runs))


def repeat(of: RemoteCheckRun, reason: str, *, has_buttons: bool = False) -> RepublishVerdict:
    return RepublishVerdict(repository_ref=REPOSITORY_REF, run=of, reason=reason, has_buttons=has_buttons)


def done(reason: str) -> DeliveryResult:
    return DeliveryResult(status=DeliveryStatus.DONE, reason=reason)


def refused(reason: str) -> DeliveryResult:
    return DeliveryResult(status=DeliveryStatus.REFUSED, reason=reason)


def branchless(of: RemoteCheckRun = A) -> RemoteCheckRun:
    return replace(of, head_branch="")


NEWER = "there is a newer run of this check, {}: its buttons are the ones to press"
AGAIN_BEFORE = done("it was answered before, by check run 8")
RUNS_YET = done("it has not come to its end yet")
NOT_OURS = "its external id is none of ours"
NOT_BY_WORKFLOW = "no workflow has run its tests: there is none to be started again"
NOT_HERE = "the commit is a fork's, or on no branch: a workflow cannot be started there"
IN_QUEUE = "the commit is a merge queue's: put the pull request into the queue again"
NO_ACCESS = "@octocat has no write access here (read)"
NONE_LEFT = done("none of our check runs there has not been run again since")
QUEUE = "gh-readonly-queue/main/pr-7-c0ffee"

PRESSED: dict[str, tuple[Intent, RepositoryState, Decision]] = {
    # the run itself
    "nothing of it is there any more": (pressed(), seen(), again(order())),
    "it failed": (pressed(), seen(A), again(order())),
    "it failed, all tests": (pressed(which=RerunScope.ALL), seen(A), again(order(which=RerunScope.ALL))),
    "it failed, GitHub's button": (native(), seen(A), again(order(which=RerunScope.ALL))),
    "it passed": (pressed(DOCS, RerunScope.ALL), seen(DOCS), again(order(DOCS, RerunScope.ALL))),
    "its results are not whole": (
        pressed(run(1, kind=RunKind.TESTS)),
        seen(),
        again(order(run(1, kind=RunKind.TESTS))),
    ),
    "GitHub gave it up": (native(run(1, "stale")), seen(), everything(run(1, "stale"))),
    "it is queued": (pressed(run(1, "queued")), seen(run(1, "queued")), RUNS_YET),
    "it runs": (native(run(1, "running")), seen(run(1, "running")), RUNS_YET),
    "it has ended since the event": (pressed(run(1, "running")), seen(A), again(order())),
    "it runs since the event, as was not foreseen": (pressed(A), seen(run(1, "running")), RUNS_YET),
    "older ones of its name are there": (pressed(run(5)), seen(A, run(5)), again(order(run(5)))),
    "a newer one of its name is there": (pressed(run(5)), seen(A, run(5), run(6)), refused(NEWER.format(6))),
    "a newer one that failed, GitHub's button": (native(run(5)), seen(run(5), run(6)), refused(NEWER.format(6))),
    "a newer one, by nobody who may": (
        native(run(5)),
        seen(run(5), run(6), permission="read"),
        refused(NEWER.format(6)),
    ),
    "GitHub's button has put it back to queued": (
        native(replace(A, status=Status.QUEUED, conclusion=None)),
        seen(replace(A, status=Status.QUEUED, conclusion=None)),
        everything(replace(A, status=Status.QUEUED, conclusion=None)),
    ),
    "it waits for its tests, GitHub's button": (native(WAITS), seen(WAITS), RUNS_YET),
    # what came after it
    "a queued run waits for its dispatch": (pressed(), seen(A, WAITS), again(order(queued="8"))),
    "a queued run waits, GitHub's button": (native(), seen(A, WAITS), again(order(which=RerunScope.ALL, queued="8"))),
    "two queued runs wait": (pressed(), seen(A, WAITS, requested(9, 1)), again(order(queued="9"))),
    "one was dispatched, one waits": (pressed(), seen(A, DISPATCHED, requested(9, 1)), again(order(queued="9"))),
    "its re-run is dispatched": (pressed(), seen(A, DISPATCHED), AGAIN_BEFORE),
    "its re-run is dispatched, by whom is untold": (pressed(), seen(A, UNTOLD), AGAIN_BEFORE),
    "its re-run runs": (pressed(), seen(A, ADOPTED), AGAIN_BEFORE),
    "its re-run is completed": (native(), seen(A, RERUN_PASSED), AGAIN_BEFORE),
    "its re-run could not be started": (pressed(), seen(A, NOT_STARTED), AGAIN_BEFORE),
    "its verdict was repeated, as somebody else may not": (native(), seen(A, REPEATED), everything(A)),
    "its verdict was repeated, and it waits": (
        native(),
        seen(A, WAITS, replace(REPEATED, id="9")),
        again(order(A, RerunScope.ALL, "8")),
    ),
    "what came after it is queued, and no re-run": (
        pressed(),
        seen(A, run(8, "queued", earlier="1", run_id="", kind=RunKind.TESTS)),
        AGAIN_BEFORE,
    ),
    "the latest of two re-runs is named": (
        pressed(),
        seen(A, RERUN_PASSED, run(9, "running", earlier="1")),
        done("it was answered before, by check run 9"),
    ),
    "another run's re-run is there": (pressed(run(5)), seen(A, run(5), DISPATCHED), refused(NEWER.format(8))),
    # what it is
    "a re-run of a re-run": (pressed(RERUN_PASSED), seen(A, RERUN_PASSED), again(order(RERUN_PASSED))),
    "one that could not be started": (pressed(NOT_STARTED), seen(A, NOT_STARTED), again(order(NOT_STARTED))),
    "a repeated verdict": (native(REPEATED), seen(A, REPEATED), everything(REPEATED)),
    "one that no job has taken at a push": (
        native(run(1, "cancelled", kind=RunKind.EXPECTED)),
        seen(),
        everything(run(1, "cancelled", kind=RunKind.EXPECTED)),
    ),
    "published": (pressed(PUBLISHED), seen(PUBLISHED), refused(NOT_BY_WORKFLOW)),
    "published, GitHub's button": (native(PUBLISHED), seen(PUBLISHED), repeat(PUBLISHED, NOT_BY_WORKFLOW)),
    "of no workflow": (pressed(NO_WORKFLOW), seen(), refused(NOT_BY_WORKFLOW)),
    "of no workflow, GitHub's button": (native(NO_WORKFLOW), seen(), repeat(NO_WORKFLOW, NOT_BY_WORKFLOW)),
    "not ours": (pressed(FOREIGN), seen(FOREIGN), refused(NOT_OURS)),
    "not ours, GitHub's button": (native(FOREIGN), seen(FOREIGN), repeat(FOREIGN, NOT_OURS)),
    "of an older version": (native(OLDER), seen(OLDER), repeat(OLDER, NOT_OURS)),
    "not ours, answered before": (
        native(FOREIGN),
        seen(FOREIGN, run(8, "failure", earlier="1", kind=RunKind.REPUBLISHED, workflow="")),
        AGAIN_BEFORE,
    ),
    # who asks
    "by an admin": (pressed(), seen(A, permission="admin"), again(order())),
    "by a maintainer": (pressed(), seen(A, permission="maintain"), again(order())),
    **{
        f"by one with {permission} access": (
            pressed(),
            seen(A, permission=permission),
            refused(f"@octocat has no write access here ({permission})"),
        )
        for permission in ("triage", "read", "none", "WRITE", "", "a-custom-role")
    },
    "by a reader, GitHub's button": (
        native(),
        seen(A, permission="read"),
        repeat(A, NO_ACCESS, has_buttons=True),
    ),
    "by a reader, twice": (native(), seen(A, REPEATED, permission="read"), AGAIN_BEFORE),
    "by a reader, while it waits for somebody else": (native(), seen(A, WAITS, permission="read"), refused(NO_ACCESS)),
    "by a reader, while a queued run waits": (
        pressed(),
        seen(A, WAITS, permission="read"),
        refused(NO_ACCESS),
    ),
    # where
    "no branch, its workflow run is gone": (pressed(branchless()), seen(A), refused(NOT_HERE)),
    "no branch, its workflow run is a fork's": (
        pressed(branchless()),
        seen(A, origin=origin(repository="mallory/demo")),
        refused(NOT_HERE),
    ),
    "no branch, its workflow run's repository is gone": (
        pressed(branchless()),
        seen(A, origin=origin(repository="")),
        refused(NOT_HERE),
    ),
    "no branch, its workflow run was on another commit": (
        pressed(branchless()),
        seen(A, origin=origin("main", head_sha=BASE)),
        refused(NOT_HERE),
    ),
    "no branch, nor has its workflow run one": (pressed(branchless()), seen(A, origin=origin("")), refused(NOT_HERE)),
    "a fork's, GitHub's button": (native(branchless()), seen(A), repeat(A, NOT_HERE)),
    "a fork's, by a reader": (native(branchless()), seen(A, permission="read"), repeat(A, NOT_HERE)),
    "a tag": (pressed(branchless()), seen(A, origin=origin("v1")), again(order(), ref="v1")),
    "a branch goes before the workflow run's": (pressed(), seen(A, origin=origin("v1")), again(order())),
    "a merge queue's": (pressed(replace(A, head_branch=QUEUE)), seen(A), refused(IN_QUEUE)),
    "a merge queue's, by the workflow run": (
        pressed(branchless()),
        seen(A, origin=origin(QUEUE)),
        refused(IN_QUEUE),
    ),
    "a merge queue's, GitHub's button": (native(replace(A, head_branch=QUEUE)), seen(A), repeat(A, IN_QUEUE)),
}

SUITE: dict[str, tuple[Intent, RepositoryState, Decision]] = {
    "nothing of ours is there": (suite(), seen(), NONE_LEFT),
    "some failed": (suite(), seen(A, DOCS, LINT), everything(A, LINT)),
    "all passed": (suite(), seen(run(1, "success"), DOCS), everything(run(1, "success"), DOCS)),
    **{
        f"one is {state}": (suite(), seen(run(1, state), DOCS), everything(run(1, state)))
        for state in ("failure", "timed_out", "cancelled", "action_required", "stale")
    },
    **{
        f"one is {state}, which passes": (suite(), seen(run(1, state), DOCS), everything(run(1, state), DOCS))
        for state in ("success", "neutral", "skipped")
    },
    "one runs": (suite(), seen(run(1, "running"), LINT), everything(LINT)),
    "one is queued": (suite(), seen(run(1, "queued"), DOCS), everything(DOCS)),
    "all run": (suite(), seen(run(1, "running")), NONE_LEFT),
    "the latest of a name counts": (suite(), seen(A, DOCS, run(5, "success")), everything(run(5, "success"), DOCS)),
    "one failed again": (suite(), seen(A, DOCS, run(5, earlier="1")), everything(run(5, earlier="1"))),
    "begun in the second of the click": (suite(), seen(run(1, at=200.0)), everything(run(1, at=200.0))),
    "begun after it was asked for": (suite(), seen(run(1, at=201.0)), NONE_LEFT),
    "put up in answer in the second of the click": (
        suite(),
        seen(A, requested(8, 1, "action_required", 200.0)),
        NONE_LEFT,
    ),
    # once more
    "all dispatched": (suite(), seen(A, DOCS, DISPATCHED), NONE_LEFT),
    "all dispatched, one runs": (suite(), seen(A, DOCS, ADOPTED), NONE_LEFT),
    "all have run again": (suite(), seen(A, DOCS, RERUN_PASSED), NONE_LEFT),
    "all have run again and failed": (suite(), seen(A, DOCS, run(8, at=300.0, earlier="1")), NONE_LEFT),
    "another's came after it": (suite(), seen(A, DOCS, run(8, at=300.0, external_id="deploy-17")), NONE_LEFT),
    "one could not be started": (suite(), seen(A, DOCS, NOT_STARTED), NONE_LEFT),
    "half dispatched": (suite(), seen(A, LINT, DISPATCHED), everything(LINT)),
    "half put up, none dispatched": (
        suite(),
        seen(A, LINT, WAITS),
        again(order(A, RerunScope.ALL, "8"), order(LINT, RerunScope.ALL)),
    ),
    "all put up, half dispatched": (
        suite(),
        seen(A, LINT, DISPATCHED, requested(9, 3, name="lint")),
        again(order(LINT, RerunScope.ALL, "9")),
    ),
    "what waits, and its verdict was repeated for another": (
        suite(),
        seen(A, WAITS, replace(REPEATED, id="9")),
        again(order(A, RerunScope.ALL, "8")),
    ),
    "what waits though it had not failed": (
        suite(),
        seen(A, DOCS, requested(8, 2, name="docs")),
        again(order(A, RerunScope.ALL), order(DOCS, RerunScope.ALL, "8")),
    ),
    "of two that wait for one": (suite(), seen(A, WAITS, requested(9, 1)), again(order(A, RerunScope.ALL, "9"))),
    "what waits was put up before": (
        suite(),
        seen(A, requested(8, 1, at=150.0)),
        again(order(A, RerunScope.ALL, "8")),
    ),
    "what waits is for an older one": (suite(), seen(run(0), A, requested(8, 0)), NONE_LEFT),
    "asked for once more": (suite(asked_at=400.0), seen(A, DOCS, RERUN_PASSED), everything(RERUN_PASSED, DOCS)),
    # what they are
    "a published one beside": (
        suite(),
        seen(PUBLISHED, run(2, "failure", name="docs")),
        everything(run(2, name="docs")),
    ),
    "a published one that failed beside one that passed": (suite(), seen(PUBLISHED, DOCS), everything(DOCS)),
    "a foreign one beside": (suite(), seen(FOREIGN, LINT), everything(LINT)),
    "only published": (suite(), seen(PUBLISHED), repeat(PUBLISHED, NOT_BY_WORKFLOW)),
    "only published, answered before": (
        suite(),
        seen(PUBLISHED, run(8, at=300.0, kind=RunKind.PUBLISHED, earlier="1")),
        done(f"it was answered before: {NOT_BY_WORKFLOW}"),
    ),
    "only foreign": (suite(), seen(FOREIGN), repeat(FOREIGN, NOT_OURS)),
    "repeated verdicts": (suite(asked_at=400.0), seen(A, REPEATED), everything(REPEATED)),
    # who asks, and where
    "by a reader": (suite(), seen(DOCS, A, permission="read"), repeat(A, NO_ACCESS, has_buttons=True)),
    "by a reader, all passed": (suite(), seen(DOCS, permission="read"), repeat(DOCS, NO_ACCESS, has_buttons=True)),
    "by a reader, twice": (
        suite(),
        seen(DOCS, A, REPEATED, permission="read"),
        done(f"it was answered before: {NO_ACCESS}"),
    ),
    "by a reader, nothing there": (suite(), seen(permission="read"), refused(NO_ACCESS)),
    "a fork's": (suite(""), seen(A, origin=origin(repository="mallory/demo")), repeat(A, NOT_HERE)),
    "on no branch": (suite(""), seen(A), repeat(A, NOT_HERE)),
    "of a comment's workflow run": (suite(""), seen(A, origin=origin("main", head_sha=BASE)), repeat(A, NOT_HERE)),
    "a tag": (suite(""), seen(A, origin=origin("v1")), again(order(which=RerunScope.ALL), ref="v1")),
    "a merge queue's": (suite(QUEUE), seen(A), repeat(A, IN_QUEUE)),
}

NOTHING_LEFT = done("workflow run 17 has left no check run incomplete")
QUEUED_OURS = requested(8, 1, run_id="17")
AWAITED = run(8, "queued", run_id="", attempt=0, job="", kind=RunKind.EXPECTED)
RUNNING = run(8, "running", kind=RunKind.TESTS)
LONG = "a-workflow-with-a-name-of-more-than-forty-characters.yml"


def lost(of: RemoteCheckRun, conclusion: Conclusion, title: str, why: str) -> Orphan:
    return Orphan(run=of, conclusion=conclusion, title=title, reason=f"The [workflow run]({PAGE}) has ended {why}")


def no_job(of: RemoteCheckRun, conclusion: Conclusion, said: str) -> CompleteOrphans:
    why = (
        f"({said}), and no job of it has run this category. See that a job of it has this category and check name, "
        "and that nothing cancels it."
    )
    return CompleteOrphans(repository_ref=REPOSITORY_REF, orphans=(lost(of, conclusion, "No job has run this", why),))


def machine(of: RemoteCheckRun, conclusion: Conclusion, said: str, title: str = "lost · 3 failed") -> CompleteOrphans:
    why = f"({said}), and the job with these tests was lost before it could tell."
    return CompleteOrphans(repository_ref=REPOSITORY_REF, orphans=(lost(of, conclusion, title, why),))


ENDS: dict[str, tuple[Intent, RepositoryState, Decision]] = {
    "nothing is incomplete": (ended(), seen(), NOTHING_LEFT),
    "all is completed": (ended(), seen(A, DOCS), NOTHING_LEFT),
    "queued for it, it failed": (
        ended(),
        seen(QUEUED_OURS),
        no_job(QUEUED_OURS, Conclusion.ACTION_REQUIRED, "failure"),
    ),
    "queued for it, it passed": (
        ended("success"),
        seen(QUEUED_OURS),
        no_job(QUEUED_OURS, Conclusion.ACTION_REQUIRED, "success"),
    ),
    "queued for it, cancelled": (
        ended("cancelled"),
        seen(QUEUED_OURS),
        no_job(QUEUED_OURS, Conclusion.CANCELLED, "cancelled"),
    ),
    "in progress, it failed": (ended(), seen(RUNNING), machine(RUNNING, Conclusion.FAILURE, "failure")),
    "in progress, it passed": (ended("success"), seen(RUNNING), machine(RUNNING, Conclusion.FAILURE, "success")),
    "in progress, timed out": (ended("timed_out"), seen(RUNNING), machine(RUNNING, Conclusion.FAILURE, "timed_out")),
    "in progress, cancelled": (
        ended("cancelled"),
        seen(RUNNING),
        machine(RUNNING, Conclusion.CANCELLED, "cancelled"),
    ),
    "in progress without a title": (
        ended(),
        seen(replace(RUNNING, output=Output(title="", summary=""))),
        machine(replace(RUNNING, output=Output(title="", summary="")), Conclusion.FAILURE, "failure", "lost"),
    ),
    "awaited since the push": (ended(), seen(AWAITED), no_job(AWAITED, Conclusion.CANCELLED, "failure")),
    "awaited, by another workflow": (ended(workflow="lint.yml"), seen(AWAITED), NOTHING_LEFT),
    "awaited, by a workflow whose name is cut": (
        ended(workflow=LONG),
        seen(replace(AWAITED, external_id=run(8, workflow=LONG, kind=RunKind.EXPECTED, run_id="").external_id)),
        no_job(
            replace(AWAITED, external_id=run(8, workflow=LONG, kind=RunKind.EXPECTED, run_id="").external_id),
            Conclusion.CANCELLED,
            "failure",
        ),
    ),
    "waits for its dispatch": (ended(), seen(WAITS), NOTHING_LEFT),
    "dispatched, to what is untold": (ended(), seen(UNTOLD), NOTHING_LEFT),
    "dispatched before, to what is untold": (
        ended(dispatched_at=UNTOLD.started_at),
        seen(UNTOLD),
        no_job(UNTOLD, Conclusion.ACTION_REQUIRED, "failure"),
    ),
    "dispatched after, to what is untold": (ended(dispatched_at=UNTOLD.started_at - 1), seen(UNTOLD), NOTHING_LEFT),
    "dispatched to another workflow that is untold": (
        ended(dispatched_at=UNTOLD.started_at, workflow="lint.yml"),
        seen(UNTOLD),
        NOTHING_LEFT,
    ),
    "another workflow run's": (
        ended(run_id="16"),
        seen(RUNNING),
        done("workflow run 16 has left no check run incomplete"),
    ),
    "a former attempt's": (ended(attempt=2), seen(RUNNING), machine(RUNNING, Conclusion.FAILURE, "failure")),
    "a later attempt's": (ended(attempt=1), seen(run(8, "running", attempt=2, kind=RunKind.TESTS)), NOTHING_LEFT),
    "published, in progress": (
        ended(),
        seen(run(8, "running", kind=RunKind.PUBLISHED)),
        machine(run(8, "running", kind=RunKind.PUBLISHED), Conclusion.FAILURE, "failure"),
    ),
    "not ours": (ended(), seen(run(8, "running", external_id="deploy-17")), NOTHING_LEFT),
    "several": (
        ended(),
        seen(A, RUNNING, AWAITED, run(9, "running", external_id="x")),
        CompleteOrphans(
            repository_ref=REPOSITORY_REF,
            orphans=(
                *machine(RUNNING, Conclusion.FAILURE, "failure").orphans,
                *no_job(AWAITED, Conclusion.CANCELLED, "failure").orphans,
            ),
        ),
    ),
}

NOTHING_NEW = done("the base commit has no category that is not there")


def based(*base_runs: RemoteCheckRun, there: Sequence[RemoteCheckRun] = (), event: str = "push") -> RepositoryState:
    return RepositoryState(runs=tuple(there), base_runs=base_runs, base_events={"17": event})


def awaits(*runs: RemoteCheckRun) -> QueueExpected:
    return QueueExpected(repository_ref=REPOSITORY_REF, runs=runs, head_sha=OTHER)


PUSHES: dict[str, tuple[Intent, RepositoryState, Decision]] = {
    "the base has none": (PUSHED, based(), NOTHING_NEW),
    "the base has some": (PUSHED, based(A, DOCS), awaits(A, DOCS)),
    "the base's are nightly": (PUSHED, based(A, event="schedule"), NOTHING_NEW),
    "the base's are of a pull request": (PUSHED, based(A, event="pull_request"), awaits(A)),
    "the base's ran again": (PUSHED, based(RERUN_PASSED, event="workflow_dispatch"), awaits(RERUN_PASSED)),
    "the base's still run": (PUSHED, based(RUNNING, WAITS), awaits(WAITS)),
    "one is there": (PUSHED, based(A, DOCS, there=[run(9)]), awaits(DOCS)),
    "all are there": (PUSHED, based(A, there=[run(9, "queued")]), NOTHING_NEW),
    "awaited before": (PUSHED, based(A, there=[AWAITED]), NOTHING_NEW),
    "a name is taken by another": (PUSHED, based(A, there=[run(9, external_id="x")]), NOTHING_NEW),
    "the latest of a name counts": (PUSHED, based(A, run(5)), awaits(run(5))),
    "the base's was awaited itself": (PUSHED, based(AWAITED), awaits(AWAITED)),
    "the base's are repeated": (PUSHED, based(REPEATED), awaits(REPEATED)),
    "the base's are published": (PUSHED, based(PUBLISHED), NOTHING_NEW),
    "the base's are not ours": (PUSHED, based(FOREIGN, OLDER), NOTHING_NEW),
    "the base's are of no workflow": (PUSHED, based(NO_WORKFLOW), NOTHING_NEW),
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


@pytest.mark.parametrize(("intent", "there", "decision"), TABLE.values(), ids=TABLE)
def test_decide_follows_the_table(intent: Intent, there: RepositoryState, decision: Decision) -> None:
    assert decide(intent, there) == decision


def test_orphan_reason_names_workflow_run_without_page() -> None:
    decision = decide(ended(page=""), seen(RUNNING))
    assert isinstance(decision, CompleteOrphans)
    assert decision.orphans[0].reason.startswith("The workflow run 17 has ended (failure), and")


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
) | st.builds(run, st.integers(1, 9), external_id=st.text(max_size=20))
INTENTS = st.builds(pressed, RUNS, st.sampled_from(RerunScope), is_native=st.booleans()) | st.sampled_from(
    [suite(), suite(""), suite(QUEUE), ended(), ended("cancelled"), PUSHED]
)
REPOSITORY_STATES = st.builds(
    RepositoryState,
    permission=st.sampled_from(["write", "read"]),
    runs=st.lists(RUNS, max_size=5, unique_by=lambda one: one.id).map(
        lambda runs: tuple(sorted(runs, key=lambda one: int(one.id)))
    ),
    base_runs=st.lists(RUNS, max_size=3, unique_by=lambda one: one.id).map(tuple),
    origin=st.none() | st.just(origin()) | st.just(origin(repository="mallory/demo")),
)


@given(INTENTS, REPOSITORY_STATES)
def test_rerun_needs_write_access_branch_and_workflow(intent: Intent, there: RepositoryState) -> None:
    decision = decide(intent, there)
    if isinstance(decision, StartRerun):
        assert there.permission == "write"
        assert decision.ref
        assert decision.orders
        assert len({one.run.id for one in decision.orders}) == len(decision.orders)
        is_put_back = isinstance(intent, RerunRequested) and intent.is_native  # by GitHub's own button, on some servers
        allowed = {Status.COMPLETED, Status.QUEUED} if is_put_back else {Status.COMPLETED}
        assert {one.run.status for one in decision.orders} <= allowed


@given(INTENTS, REPOSITORY_STATES)
def test_carried_out_decision_is_not_repeated(intent: Intent, there: RepositoryState) -> None:
    """The same event again finds what the first one left, and does nothing."""
    decision = decide(intent, there)
    gone, new = carried_out(decision)
    left = [one for one in there.runs if one.id not in gone]
    after = decide(intent, replace(there, runs=(*left, *new)))
    assert isinstance(decision, DeliveryResult) or isinstance(after, DeliveryResult)


def carried_out(decision: Decision) -> tuple[set[str], list[RemoteCheckRun]]:
    """The ids of the runs that are other ones afterwards, and those that are there instead."""
    match decision:
        case StartRerun(orders=orders):
            earlier = [(100 + number, one.run) for number, one in enumerate(orders)]
            new = [requested(number, int(one.id), name=one.name, run_id="99") for number, one in earlier]
            return {one.queued for one in orders}, new
        case RepublishVerdict(run=one):
            return set(), [requested(100, int(one.id), "failure", name=one.name, kind=RunKind.REPUBLISHED)]
        case QueueExpected(runs=runs):
            return set(), [replace(AWAITED, id="100", name=one.name) for one in runs]
        case CompleteOrphans(orphans=each):
            return {one.run.id for one in each}, []
        case DeliveryResult():
            return set(), []
