"""Decisions -> the check runs that tell of them, before (or instead of) any tests run."""

from __future__ import annotations

from dataclasses import replace

from ..github.external_id import UNKNOWN_RUN_ID, ExternalId, RunKind, compose, describe
from ..model.check_run import CheckRun, Conclusion, Output, RemoteCheckRun, Status
from ..model.rerun import RerunScope
from ..report.footer import with_footer
from ..text.escape import prose
from ..verdict.titles import pluralize
from .buttons import buttons
from .decision import Order, Orphan, RepublishVerdict
from .repository import Dispatched


def placeholder_run(order: Order, sender: str, now: float) -> CheckRun:
    """The queued run of a re-run; `now` in seconds since the epoch."""
    previous = describe(order.run.external_id)
    failed = previous.counts.failed if order.which is RerunScope.FAILED else 0
    tests = pluralize(failed, "failed test") if failed else "all tests"
    title = f"Re-run of {tests} requested by @{sender}"
    return CheckRun(
        name=order.run.name,
        head_sha=order.run.head_sha,
        external_id=compose(replace(_successor_id(order.run), kind=RunKind.PLACEHOLDER)),
        details_url="",
        status=Status.QUEUED,
        output=Output(title=title, summary=f"{prose(title)}. Previous run: {_link(order.run)}. Waiting for a runner."),
        started_at=now,
    )


def dispatched_run(run: CheckRun, dispatch: Dispatched) -> CheckRun:
    """The queued run once its workflow was started, with that one's page."""
    parts = describe(run.external_id)
    external_id = compose(replace(parts, run_id=dispatch.run_id or UNKNOWN_RUN_ID))
    return replace(run, external_id=external_id, details_url=dispatch.page)


def undispatched_run(run: CheckRun, reason: str, now: float) -> CheckRun:
    """The run whose workflow GitHub would not start; it can be asked for again."""
    parts = describe(run.external_id)
    return replace(
        run,
        status=Status.COMPLETED,
        conclusion=Conclusion.ACTION_REQUIRED,
        completed_at=now,
        output=Output(title=f"not started · {run.output.title}", summary=prose(reason)),
        actions=buttons(failed=parts.counts.failed > 0),
    )


def republished_run(decision: RepublishVerdict, now: float) -> CheckRun:
    """The verdict of a run once more, with the reason why it was not run again."""
    run, successor = decision.run, _successor_id(decision.run)
    # What no workflow has run stays that, so that nobody starts one for it.
    kind = RunKind.PUBLISHED if successor.kind is RunKind.PUBLISHED else RunKind.REPUBLISHED
    text = f"Not re-run: {decision.reason}."
    output = replace(run.output, title=run.output.title or "Not re-run", text="")
    return CheckRun(
        name=run.name,
        head_sha=run.head_sha,
        external_id=compose(replace(successor, kind=kind)),
        details_url="",
        status=Status.COMPLETED,
        conclusion=run.conclusion or Conclusion.ACTION_REQUIRED,
        output=with_footer(output, f"{prose(text)} This repeats {_link(run)}, which has the annotations."),
        started_at=now,
        completed_at=now,
        actions=buttons(failed=successor.counts.failed > 0) if decision.has_buttons else (),
    )


def completed_orphan(orphan: Orphan, now: float) -> CheckRun:
    """A run that nobody else will complete; that its buttons work is known where it is a re-run itself."""
    run, parts = orphan.run, describe(orphan.run.external_id)
    return CheckRun(
        name=run.name,
        head_sha=run.head_sha,
        external_id=run.external_id,
        details_url="",
        status=Status.COMPLETED,
        conclusion=orphan.conclusion,
        output=with_footer(replace(run.output, title=orphan.title), orphan.reason),
        started_at=run.started_at or now,
        completed_at=now,
        actions=buttons(failed=parts.counts.failed > 0) if parts.earlier else (),
    )


def expected_run(run: RemoteCheckRun, head_sha: str, now: float) -> CheckRun:
    """The queued run of a category that the base commit has."""
    base = describe(run.external_id)
    parts = ExternalId(workflow=base.workflow, attempt=0, category=base.category, kind=RunKind.EXPECTED)
    return CheckRun(
        name=run.name,
        head_sha=head_sha,
        external_id=compose(parts),
        details_url="",
        status=Status.QUEUED,
        output=Output(title="Waiting for a runner", summary="These tests have not started."),
        started_at=now,
    )


def _successor_id(run: RemoteCheckRun) -> ExternalId:
    """What a run that repeats this one has of it."""
    parts = describe(run.external_id)
    return replace(parts, run_id="", attempt=0, job="", earlier=run.id)


def _link(run: RemoteCheckRun) -> str:
    return f"[check run {run.id}]({run.page})" if run.page else f"check run {run.id}"
