"""Acts on events about manual checks: looks up the state, has it decided, and creates check runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from ...core.manual.decide_event import create_for_fork, decide_click, newest_manual, repeat_for_suite
from ...core.model.check_run import RemoteCheckRun
from ...core.model.delivery import DeliveryResult, DeliveryStatus
from ...core.model.intents import ForkUpdated, ManualIntent, SuiteRerequested, VerdictRequested
from ...core.model.ports import Clock
from ...core.rerun.repository import RerunRepository
from .write import ManualRunWriter


class ManualResponder:
    """Acts in one repository. Raises `PublishError`; then the event can be given again."""

    def __init__(self, repository: RerunRepository, clock: Clock) -> None:
        self._repository = repository
        self._writer = ManualRunWriter(repository, clock)

    def respond(self, intent: ManualIntent) -> DeliveryResult:
        """Do what the intent asks for."""
        match intent:
            case VerdictRequested():
                return self._decide(intent)
            case ForkUpdated():
                return self._create_for_fork(intent)
            case _:
                assert_never(intent)

    def repeat(self, intent: SuiteRerequested, runs: Sequence[RemoteCheckRun]) -> DeliveryResult | None:
        """Repeat the states of a commit's manual checks; return None without any. `runs` are all of the commit."""
        decision = repeat_for_suite(intent, runs, self._repository.now())
        return decision if decision is None or isinstance(decision, DeliveryResult) else self._writer.write(decision)

    def _decide(self, intent: VerdictRequested) -> DeliveryResult:
        runs = self._repository.runs(intent.run.head_sha, name=intent.run.name)
        permission = self._repository.permission(intent.sender)
        decision = decide_click(intent, permission, runs, self._repository.now())
        if not isinstance(decision, DeliveryResult):
            return self._writer.write(decision)
        if decision.status is DeliveryStatus.DONE and runs:
            self._writer.show(runs)
        return decision

    def _create_for_fork(self, intent: ForkUpdated) -> DeliveryResult:
        base_runs = self._repository.runs(intent.base_sha, only_latest=True)
        has_any = bool(newest_manual(base_runs))  # most repositories have none
        head_runs = self._repository.runs(intent.head_sha, only_latest=True) if has_any else ()
        decision = create_for_fork(intent, base_runs, head_runs, self._repository.now())
        if isinstance(decision, DeliveryResult):
            return decision
        return self._writer.write(decision, leaves_room=True)  # an outsider can push as often as they like
