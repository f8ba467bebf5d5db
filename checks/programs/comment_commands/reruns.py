"""The commands that re-run tests. They go the way of a click: the same decision, the same queue, the same start."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...core.comment_commands.decide import decide_rerun
from ...core.model.check_run import RemoteCheckRun
from ...core.model.delivery import DeliveryResult, DeliveryStatus
from ...core.model.intents import CommentPosted, RerunRequested
from ...core.model.ports import Clock
from ...core.rerun.decide import decide, settled_result
from ...core.rerun.decision import Decision, Order, RepositoryState, StartRerun
from ...core.rerun.refs import source_run_id
from ...core.rerun.repository import RerunRepository
from ...core.rerun.shared_dispatch import with_shared_dispatches
from ..rerun.act import Executor
from ..rerun.start import QueuedRerun, RerunStarter
from ..rerun.state import look_up_awaited, look_up_origins


@dataclass(frozen=True, slots=True, kw_only=True)
class RerunCommand:
    """A command to re-run the tests of the check `name`, among all `runs` of its commit; `scope` is as written."""

    runs: tuple[RemoteCheckRun, ...]
    name: str
    scope: str
    names_commit: bool

    @property
    def commit(self) -> str:
        """The commit of the check."""
        return self.runs[0].head_sha


class Reruns:
    """Queues the re-runs of one comment, then starts them. `results` are by the numbers of the commands."""

    def __init__(self, comment: CommentPosted, permission: str, repository: RerunRepository, clock: Clock) -> None:
        self.results: dict[int, DeliveryResult] = {}
        self._comment = comment
        self._permission = permission
        self._repository = repository
        self._clock = clock
        self._commands: dict[str, dict[int, RerunCommand]] = defaultdict(dict)
        self._queued: list[tuple[Sequence[int], QueuedRerun]] = []

    @property
    def is_queued(self) -> bool:
        """Whether re-runs wait to be started."""
        return bool(self._queued)

    def add(self, number: int, command: RerunCommand) -> None:
        """Add the command with this number."""
        self._commands[command.commit][number] = command

    def queue(self) -> DeliveryResult | None:
        """Queue the check runs of all commands. Return why that has to wait, if it does."""
        return next(filter(None, map(self._queue, self._commands.values())), None)

    def start(self, starter: RerunStarter) -> DeliveryResult | None:
        """Start what is queued. Return why some of it has to wait, if it does."""
        for numbers, rerun in self._queued:
            result = starter.start(rerun)
            if result.status is DeliveryStatus.LATER:
                return result
            self.results |= dict.fromkeys(numbers, result)
        return None

    def _queue(self, commands: dict[int, RerunCommand]) -> DeliveryResult | None:
        """Queue the check runs on one commit, after completing what nobody else will."""
        runs = next(iter(commands.values())).runs
        shared = with_shared_dispatches(runs, runs)
        origins = look_up_awaited(self._repository, shared)
        state = RepositoryState(permission=self._permission, runs=shared, origins=origins)
        completion, state = Executor(self._repository, self._clock).complete_abandoned(state)
        if completion and completion.status is DeliveryStatus.LATER:
            return completion
        orders: dict[int, Order] = {}
        for number, command in commands.items():
            decision = self._decide(command, state)
            if isinstance(decision, StartRerun):
                orders[number] = decision.orders[0]
            elif isinstance(decision, DeliveryResult):
                self.results[number] = decision
        if not orders:
            return None
        ordered = StartRerun(
            repository_ref=self._comment.repository_ref, orders=tuple(orders.values()), sender=self._comment.sender
        )
        queued = RerunStarter(self._repository, self._clock).queue(ordered)
        if isinstance(queued, DeliveryResult):
            return queued
        self._queued.append((tuple(orders), queued))
        return None

    def _decide(self, command: RerunCommand, state: RepositoryState) -> Decision:
        runs = tuple(run for run in state.runs if run.name == command.name)
        target = decide_rerun(
            runs, command.scope, posted_at=self._comment.created_at, names_commit=command.names_commit
        )
        if isinstance(target, DeliveryResult):
            return target
        click = RerunRequested(
            repository_ref=self._comment.repository_ref,
            sender=self._comment.sender,
            run=target.run,
            scope=target.scope,
            is_native=False,
        )
        if result := settled_result(click, runs):
            return result
        missing = {source_run_id(target.run, runs)} - state.origins.keys()
        origins = {**state.origins, **look_up_origins(self._repository, missing)}
        return decide(click, replace(state, runs=runs, origins=origins))
