"""GitHub's events about manual checks, and the state of their runs -> the check runs to create.

Each event may come any number of times, to several receivers. The runs that exist show what was done already.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..github.choose_run import current_state, newer_run, newest_by_name
from ..model.check_run import CheckRun, RemoteCheckRun
from ..model.delivery import DeliveryResult, DeliveryStatus
from ..model.identity import Identity
from ..model.intents import ForkUpdated, SuiteRerequested, VerdictRequested
from ..model.manual import ManualRecord, VerdictRequest, VerdictSource
from ..rerun.permission import sender_refusal
from ..text.commits import short_commit
from ..text.escape import prose
from .decide import decide_request
from .record import record_of_run
from .runs import ManualCheck, manual_run, successor

_NOT_ASKED = "GitHub's re-run did not ask for a verdict again: {reason}. This repeats {run}."
_OF_SUITE = "a re-run of all checks leaves manual checks as they are. Re-run this check alone to ask again"
_OF_FORK = (
    "This pull request comes from a fork, so the check has the instructions of the base commit {base}. A verdict on "
    "this commit does not count for later commits."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateManualRuns:
    """Create the check runs; `result` is the delivery's then."""

    runs: tuple[CheckRun, ...]
    result: DeliveryResult


def decide_click(
    intent: VerdictRequested, permission: str, runs: Sequence[RemoteCheckRun], now: float
) -> CreateManualRuns | DeliveryResult:
    """Return what to do about a click of somebody with this `permission` in the repository.

    `runs` are those of the check on its commit, newest last.
    """
    if refusal := sender_refusal(intent.sender, permission):
        if intent.is_native:
            return _decide_repetition(intent.run, refusal, runs, now)
        return DeliveryResult(status=DeliveryStatus.REFUSED, reason=refusal)
    request = VerdictRequest(
        action=intent.action,
        by=intent.sender,
        at=now,
        source=VerdictSource.RERUN if intent.is_native else VerdictSource.BUTTON,
        event=intent.run.id,
        page=intent.run.page,
    )
    return created_for(decide_request(request, intent.run, runs))


def created_for(decision: CheckRun | DeliveryResult) -> CreateManualRuns | DeliveryResult:
    """Return the decision to create the run for a person's request, or the result if no run is created."""
    if isinstance(decision, DeliveryResult):
        return decision
    result = DeliveryResult(status=DeliveryStatus.DONE, reason=f"{decision.name}: {decision.output.title}")
    return CreateManualRuns(runs=(decision,), result=result)


def repeat_for_suite(
    intent: SuiteRerequested, runs: Sequence[RemoteCheckRun], now: float
) -> CreateManualRuns | DeliveryResult | None:
    """Return what to do about the manual checks of a commit when somebody re-runs all its checks; None without any.

    GitHub has set the check suite back to queued, and may have done so with each run. New runs repeat their states.
    `runs` are all of the commit.
    """
    job = f"suite-{intent.asked_at:.0f}"  # marks the answers to this request
    answered = {run.name for run in runs if run.is_manual and run.identity and run.identity.job == job}
    checks = newest_manual(runs)
    new_runs = [_repeated(run, record, _OF_SUITE, now) for run, record in checks if run.name not in answered]
    new_runs = [replace(run, identity=replace(run.identity, job=job)) for run in new_runs]
    if new_runs:
        reason = f"repeated {', '.join(run.name for run in new_runs)}"
        return CreateManualRuns(runs=tuple(new_runs), result=DeliveryResult(status=DeliveryStatus.DONE, reason=reason))
    if checks:
        reason = f"{', '.join(run.name for run, _ in checks)}: repeated before"
        return DeliveryResult(status=DeliveryStatus.DONE, reason=reason)
    return None


def create_for_fork(
    intent: ForkUpdated, base_runs: Iterable[RemoteCheckRun], head_runs: Iterable[RemoteCheckRun], now: float
) -> CreateManualRuns | DeliveryResult:
    """Return the manual checks of the base commit that the fork's commit lacks. They wait, without any verdict."""
    existing_names = {run.name for run in head_runs}
    missing = [(run, record) for run, record in newest_manual(base_runs) if run.name not in existing_names]
    if not missing:
        reason = "no manual check of the base commit is missing"
        return DeliveryResult(status=DeliveryStatus.DONE, reason=reason)
    created = tuple(_of_fork(run, record, intent, now) for run, record in missing)
    reason = f"created {', '.join(run.name for run in created)}"
    return CreateManualRuns(runs=created, result=DeliveryResult(status=DeliveryStatus.DONE, reason=reason))


def newest_manual(runs: Iterable[RemoteCheckRun]) -> list[tuple[RemoteCheckRun, ManualRecord]]:
    """Return the newest run of each manual check, with its record; without those of other versions."""
    return [(run, record) for run in newest_by_name(runs).values() if (record := record_of_run(run))]


def of_tests(runs: Sequence[RemoteCheckRun]) -> tuple[RemoteCheckRun, ...]:
    """Return the runs of the checks that are not manual now; also those that another program has created."""
    newest = newest_by_name(runs)
    return tuple(run for run in runs if not run.is_manual and not newest[run.name].is_manual)


def _decide_repetition(
    run: RemoteCheckRun, refusal: str, runs: Sequence[RemoteCheckRun], now: float
) -> CreateManualRuns | DeliveryResult:
    """Repeat the state of a run that GitHub has set back to queued, because it may not ask again."""
    run = current_state(run, runs)
    for other in reversed(runs):
        if other.identity and other.identity.earlier == run.id:
            reason = f"it was already answered by check run {other.id}"
            return DeliveryResult(status=DeliveryStatus.DONE, reason=reason)
    record = record_of_run(run)
    refused = DeliveryResult(status=DeliveryStatus.REFUSED, reason=refusal)
    if newer_run(run, runs) or record is None:
        return refused
    return CreateManualRuns(runs=(_repeated(run, record, refusal, now),), result=refused)


def _repeated(run: RemoteCheckRun, record: ManualRecord, reason: str, now: float) -> CheckRun:
    earlier = f"[check run {run.id}]({run.page})" if run.page else f"check run {run.id}"
    return successor(run, record, now=now, note=_NOT_ASKED.format(reason=prose(reason), run=earlier))


def _of_fork(run: RemoteCheckRun, record: ManualRecord, intent: ForkUpdated, now: float) -> CheckRun:
    base = run.identity or Identity()
    identity = Identity(
        workflow=base.workflow,
        attempt=0,
        category=base.category,
        has_commit_status=base.has_commit_status,
        pull_request=intent.pull_request if base.pull_request else 0,
    )
    check = ManualCheck(
        name=run.name,
        head_sha=intent.head_sha,
        identity=identity,
        instructions=run.output.text,
        record=ManualRecord(instructions=record.instructions, is_fork=True),
    )
    return manual_run(check, now, _OF_FORK.format(base=short_commit(run.head_sha)))
