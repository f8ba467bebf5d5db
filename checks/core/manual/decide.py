"""A person's request about a manual check -> the check run to create, if any.

An event may come twice. GitHub's state shows that: the run that a request leads to names the run that it follows, and
its record the event.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..github.choose_run import current_state, newer_run
from ..model.check_run import CheckRun, RemoteCheckRun
from ..model.delivery import DeliveryResult, DeliveryStatus
from ..model.manual import VerdictAction, VerdictRequest, VerdictSource
from .record import record_of_run
from .runs import successor, verdict_sentence, with_request


def decide_request(
    request: VerdictRequest, run: RemoteCheckRun, runs: Sequence[RemoteCheckRun]
) -> CheckRun | DeliveryResult:
    """Return the check run that a request about `run` leads to, or why it leads to nothing.

    `runs` are those of the check on its commit, newest last. Whether the person may decide is not asked here.
    """
    run = current_state(run, runs)
    record = record_of_run(run)
    if record is None:
        return _result(DeliveryStatus.REFUSED, "it is not a manual check of this version of the action")
    if answered := _answered_by(request, run, runs):
        return answered
    if newer := newer_run(run, runs):
        return _result(DeliveryStatus.REFUSED, f"check run {newer.id} of this check is newer")
    if record.verdict is None and request.action is VerdictAction.UNDO and request.source is not VerdictSource.RERUN:
        return _result(DeliveryStatus.DONE, "it already waits for a verdict")
    return successor(run, with_request(record, request, run.head_sha), now=request.at, action=request.action)


def has_verdict(run: RemoteCheckRun, request: VerdictRequest) -> bool:
    """Whether the same person has requested the same for this commit before, and given the reason if there is one."""
    record = record_of_run(run)
    if record is None or record.request is None or record.commit != run.head_sha:
        return False
    known, requested = record.request, with_request(record, request, run.head_sha).request or request
    is_same = (known.action, known.by) == (requested.action, requested.by)
    return is_same and requested.reason in ("", known.reason)


def _answered_by(request: VerdictRequest, run: RemoteCheckRun, runs: Sequence[RemoteCheckRun]) -> DeliveryResult | None:
    """Return the result if a run follows already: that of this event, or of somebody who was faster."""
    for other in runs:
        record, identity = record_of_run(other), other.identity
        if record is None or identity is None:
            continue
        if request.event and record.commit == run.head_sha and _is_same(request, record.request):
            return _result(DeliveryStatus.DONE, f"it was already answered by check run {other.id}")
        if identity.earlier == run.id:
            state = verdict_sentence(record, other.head_sha)
            return _result(DeliveryStatus.REFUSED, f"check run {other.id} of this check is newer: {state}")
    return None


def _is_same(request: VerdictRequest, other: VerdictRequest | None) -> bool:
    return other is not None and (other.source, other.event, other.action) == (
        request.source,
        request.event,
        request.action,
    )


def _result(status: DeliveryStatus, reason: str) -> DeliveryResult:
    return DeliveryResult(status=status, reason=reason)
