"""Create the check runs of manual checks, and say the same in commit statuses and comments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...core.github.choose_run import newest_run
from ...core.manual.concurrent_runs import as_completed, correction
from ...core.manual.decide_event import CreateManualRuns
from ...core.model.check_run import CheckRun, Published, RemoteCheckRun
from ...core.model.delivery import DeliveryResult
from ...core.model.ports import Clock
from ...core.rerun.repository import RerunRepository
from ..rerun.act import Executor
from ..rerun.start import RATE_LIMITED, SPARE_WRITES


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedRuns:
    """The runs that were created, and why GitHub refuses a commit status or the comment."""

    published: tuple[Published, ...]
    refusals: tuple[str, ...]


class ManualRunWriter:
    """Creates runs of manual checks in one repository. Raises `PublishError`; then the event can be given again."""

    def __init__(self, repository: RerunRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock

    def write(self, decision: CreateManualRuns, *, leaves_room: bool = False) -> DeliveryResult:
        """Create the runs, and return the result of the delivery. For `leaves_room` see `create`."""
        created = self.create(decision.runs, leaves_room=leaves_room)
        if created is None:
            return RATE_LIMITED  # the next delivery creates what is missing
        return replace(decision.result, reason="; ".join([decision.result.reason, *created.refusals]))

    def create(self, runs: Sequence[CheckRun], *, leaves_room: bool = False) -> CreatedRuns | None:
        """Create the runs, and show them elsewhere; return None if the rate limits allow only some of them or none.

        `leaves_room`: only while the rate limits have room for clicks besides.
        """
        published: list[Published] = []
        refusals: dict[str, None] = {}
        for run in runs:
            writes = 2 if run.identity.has_commit_status else 1
            has_room = not leaves_room or self._repository.has_room(writes + SPARE_WRITES)
            if not (has_room and self._repository.can_write(writes)):
                return None
            published.append(self._repository.create(run))
            refusals |= dict.fromkeys(self._show_created(run, published[-1]))
        for commit, number in dict.fromkeys((run.head_sha, run.identity.pull_request) for run in runs):
            refusals[self._executor.update_comment(commit, number)] = None
        return CreatedRuns(published=tuple(published), refusals=tuple(filter(None, refusals)))

    def show(self, runs: Sequence[RemoteCheckRun]) -> None:
        """Show a check's newest run elsewhere, too: its receiver may have been killed before it could."""
        newest = newest_run(runs)
        identity = newest.identity
        if identity is not None and (not identity.has_commit_status or self._repository.can_write(1)):
            self._repository.set_commit_status(_published(newest), as_completed(newest))
            self._executor.update_comment(newest.head_sha, identity.pull_request)

    def _show_created(self, run: CheckRun, published: Published) -> list[str]:
        """Set the commit status, and create another run if that must follow. Return why there is no commit status."""
        refusals = [self._repository.set_commit_status(published, run)]
        runs = self._repository.runs(run.head_sha, name=run.name)
        if following := correction(published.id, runs, self._repository.now()):
            refusals.append(self._repository.set_commit_status(self._repository.create(following), following))
        elif runs and int((newest := newest_run(runs)).id) > int(published.id):
            # Its status may have been written before this one.
            refusals.append(self._repository.set_commit_status(_published(newest), as_completed(newest)))
        return refusals

    @property
    def _executor(self) -> Executor:
        return Executor(self._repository, self._clock)


def _published(run: RemoteCheckRun) -> Published:
    return Published(id=run.id, page=run.page)
