"""Decisions -> the check runs that are created or updated before (or instead of) tests run.

`now` is in seconds since the epoch, UTC.
"""

from __future__ import annotations

from dataclasses import replace

from ..model.check_run import CheckRun, Conclusion, Output, RemoteCheckRun, Status
from ..model.identity import UNKNOWN_RUN_ID, Identity, RunKind
from ..model.rerun import RerunScope
from ..report.footer import with_footer
from ..text.amounts import pluralize
from ..text.escape import prose
from .buttons import buttons
from .decision import Order, Orphan, RepublishVerdict
from .repository import Dispatched


def placeholder_run(order: Order, sender: str, now: float) -> CheckRun:
    """Return the queued run that waits for a re-run's job."""
    failed = _identity(order.run).counts.failed if order.scope is RerunScope.FAILED else 0
    tests = pluralize(failed, "failed test") if failed else "all tests"
    title = f"Re-run of {tests} requested by @{sender}"
    return CheckRun(
        name=order.run.name,
        head_sha=order.run.head_sha,
        identity=replace(_successor_identity(order.run), kind=RunKind.PLACEHOLDER, job=order.scope.value),
        details_url="",
        status=Status.QUEUED,
        output=Output(title=title, summary=f"{prose(title)}. Previous run: {_link(order.run)}. Waiting for a runner."),
        started_at=now,
    )


def waiting_run(run: RemoteCheckRun) -> CheckRun:
    """Return a placeholder run as it was created, by this process or another one."""
    return CheckRun(
        name=run.name,
        head_sha=run.head_sha,
        identity=_identity(run),
        details_url="",
        status=run.status,
        output=run.output,
        started_at=run.started_at,
    )


def scope_of(run: CheckRun) -> RerunScope:
    """Return which tests a placeholder run waits for."""
    scope = run.identity.job
    return RerunScope(scope) if scope in set(RerunScope) else RerunScope.ALL


def dispatched_run(run: CheckRun, dispatch: Dispatched) -> CheckRun:
    """Return the queued run after its workflow was dispatched, with a link to the workflow run."""
    identity = replace(run.identity, run_id=dispatch.run_id or UNKNOWN_RUN_ID)
    return replace(run, identity=identity, details_url=dispatch.page)


def undispatched_run(run: CheckRun, reason: str, now: float) -> CheckRun:
    """Return the run whose workflow GitHub did not start. Its buttons start another attempt."""
    return replace(
        run,
        status=Status.COMPLETED,
        conclusion=Conclusion.ACTION_REQUIRED,
        completed_at=now,
        output=Output(title=f"not started · {run.output.title}", summary=prose(reason)),
        actions=buttons(failed=run.identity.counts.failed > 0),
    )


def republished_run(decision: RepublishVerdict, now: float) -> CheckRun:
    """Return a run that repeats the verdict of a run, with the reason why there is no re-run."""
    run, successor = decision.run, _successor_identity(decision.run)
    # Published results stay published: no workflow can re-run them.
    kind = RunKind.PUBLISHED if successor.kind is RunKind.PUBLISHED else RunKind.REPUBLISHED
    text = f"Not re-run: {decision.reason}."
    output = replace(run.output, title=run.output.title or "Not re-run", text="", record="")
    return CheckRun(
        name=run.name,
        head_sha=run.head_sha,
        identity=replace(successor, kind=kind),
        details_url="",
        status=Status.COMPLETED,
        conclusion=run.conclusion or Conclusion.ACTION_REQUIRED,
        output=with_footer(output, f"{prose(text)} This repeats {_link(run)}, which has the annotations."),
        started_at=now,
        completed_at=now,
        actions=buttons(failed=successor.counts.failed > 0) if decision.has_buttons else (),
    )


def completed_orphan(orphan: Orphan, now: float, newer: RemoteCheckRun | None = None) -> CheckRun:
    """Return the completed run of an orphan. It has buttons if it is a re-run: then they are known to work.

    If there is a `newer` run of its name, the orphan ends when it was last heard of, which is before the newer one
    began: the same run counts by its id and by its time. The commit status is the newer one's then.
    """
    run, identity = orphan.run, _identity(orphan.run)
    started_at = run.started_at or now
    completed_at = now
    if newer is not None:
        identity = replace(identity, has_commit_status=False)
        completed_at = min(started_at, newer.started_at - 1.0)
    return CheckRun(
        name=run.name,
        head_sha=run.head_sha,
        identity=identity,
        details_url="",
        status=Status.COMPLETED,
        conclusion=orphan.conclusion,
        output=with_footer(replace(run.output, title=orphan.title), orphan.reason),
        started_at=min(started_at, completed_at),
        completed_at=completed_at,
        actions=buttons(failed=identity.counts.failed > 0) if identity.earlier else (),
    )


def expected_run(run: RemoteCheckRun, head_sha: str, now: float) -> CheckRun:
    """Return the queued run of a category that the base commit has."""
    base = _identity(run)
    identity = Identity(
        workflow=base.workflow,
        attempt=0,
        category=base.category,
        kind=RunKind.EXPECTED,
        has_commit_status=base.has_commit_status,
    )
    return CheckRun(
        name=run.name,
        head_sha=head_sha,
        identity=identity,
        details_url="",
        status=Status.QUEUED,
        output=Output(title="Waiting for a runner", summary="These tests have not started."),
        started_at=now,
    )


def _successor_identity(run: RemoteCheckRun) -> Identity:
    """Return the identity of a run that follows this one."""
    return replace(_identity(run), run_id="", attempt=0, job="", earlier=run.id)


def _link(run: RemoteCheckRun) -> str:
    return f"[check run {run.id}]({run.page})" if run.page else f"check run {run.id}"


def _identity(run: RemoteCheckRun) -> Identity:
    return run.identity or Identity()
