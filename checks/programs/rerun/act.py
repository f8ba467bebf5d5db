"""Carries out decisions: queues check runs, completes orphans, repeats verdicts. `start` starts the re-runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import assert_never

from ...core.github.choose_run import newer_run
from ...core.model.check_run import Published
from ...core.model.delivery import DeliveryResult, DeliveryStatus
from ...core.model.identity import Identity
from ...core.model.ports import Clock, PublishError
from ...core.rerun import placeholder_runs
from ...core.rerun.decision import (
    CompleteOrphans,
    Decision,
    Orphan,
    QueueExpected,
    RepositoryState,
    RepublishVerdict,
    StartRerun,
)
from ...core.rerun.orphans import abandoned_runs, completed, superseded_runs
from ...core.rerun.repository import RerunRepository
from ..comment.write import write_comment
from .start import RATE_LIMITED, QueuedRerun, RerunStarter


class Executor:
    """Carries out decisions in one repository."""

    def __init__(self, repository: RerunRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock

    def execute(self, decision: Decision) -> DeliveryResult | QueuedRerun:
        """Carry out a decision; a re-run is only queued. Raises `PublishError`; then the event can be given again."""
        match decision:
            case DeliveryResult():
                return decision
            case StartRerun():
                return RerunStarter(self._repository, self._clock).queue(decision)
            case RepublishVerdict():
                return self._republish(decision)
            case CompleteOrphans():
                return self.complete(decision.orphans)
            case QueueExpected():
                return self._queue(decision)
            case _:
                assert_never(decision)

    def _republish(self, decision: RepublishVerdict) -> DeliveryResult:
        run = placeholder_runs.republished_run(decision, self._clock.now())
        if not self._repository.can_write(_writes_to_complete(run.identity)):
            return RATE_LIMITED
        refusal = self._repository.set_commit_status(self._repository.create(run), run)
        return DeliveryResult(status=DeliveryStatus.REFUSED, reason=_joined(decision.reason, refusal))

    def _queue(self, decision: QueueExpected) -> DeliveryResult:
        for run in decision.runs:
            if not self._repository.can_write(1):
                return RATE_LIMITED  # the next delivery queues only what is missing
            self._repository.create(placeholder_runs.expected_run(run, decision.head_sha, self._clock.now()))
        return DeliveryResult(
            status=DeliveryStatus.DONE, reason=f"queued {_join_names(run.name for run in decision.runs)}"
        )

    def complete(self, orphans: Sequence[Orphan]) -> DeliveryResult:
        """Complete the orphans. One that has a newer run of its name must not count in its place."""
        refusals: dict[str, None] = {}
        for orphan in orphans:
            if not self._repository.can_write(_writes_to_complete(orphan.run.identity)):
                return RATE_LIMITED  # the next delivery finds only those that are still incomplete
            latest = self._repository.runs(orphan.run.head_sha, name=orphan.run.name, only_latest=True)
            newer = newer_run(orphan.run, latest)
            run = placeholder_runs.completed_orphan(orphan, self._clock.now(), newer)
            published = self._repository.update(Published(id=orphan.run.id), run)
            refusals[self._repository.set_commit_status(published, run)] = None
        for commit, pull_request in dict.fromkeys(map(_comment_of, orphans)):
            refusals[self.update_comment(commit, pull_request)] = None
        reason = f"completed {_join_names(orphan.run.name for orphan in orphans)}"
        return DeliveryResult(status=DeliveryStatus.DONE, reason=_joined(reason, *refusals))

    def complete_abandoned(self, state: RepositoryState) -> tuple[DeliveryResult | None, RepositoryState]:
        """Complete what nobody else will complete. Return the result, if there was anything, and the new state."""
        orphans = (*abandoned_runs(state.runs, state.origins), *superseded_runs(state.runs))
        if not orphans:
            return None, state
        return self.complete(orphans), replace(state, runs=completed(state.runs, orphans))

    def update_comment(self, commit: str, pull_request: int) -> str:
        """Update the comment of a pull request, if it has one; return why not."""
        try:
            if pull_request:
                write_comment(self._repository.commented(pull_request), commit)
        except PublishError as error:
            return str(error)
        return ""


def _comment_of(orphan: Orphan) -> tuple[str, int]:
    """Return the commit and the number of the pull request whose comment shows the orphan; 0 without one."""
    return orphan.run.head_sha, orphan.run.identity.pull_request if orphan.run.identity else 0


def _join_names(names: Iterable[str]) -> str:
    return ", ".join(names)


def _writes_to_complete(identity: Identity | None) -> int:
    return 2 if identity is not None and identity.has_commit_status else 1


def _joined(*sentences: str) -> str:
    return "; ".join(filter(None, sentences))
