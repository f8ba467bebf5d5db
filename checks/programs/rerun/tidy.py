"""What a re-run's job does at its end for the other check runs on its commit, which may have nobody else."""

from __future__ import annotations

from ...core.model.ports import Clock
from ...core.rerun.orphans import abandoned_runs
from ...core.rerun.repository import RerunRepository
from .act import Executor
from .start import RerunStarter
from .state import look_up_awaited, look_up_incomplete


def tidy(repository: RerunRepository, name: str, commit: str, clock: Clock) -> str:
    """Complete check runs whose workflow run is over, and start what a killed receiver has left queued.

    `name` is the repository's. Return what was done, or an empty text. Raises `PublishError`.
    """
    runs = look_up_incomplete(repository, commit)
    orphans = tuple(abandoned_runs(runs, look_up_awaited(repository, runs)))
    reasons = [Executor(repository, clock).complete(orphans).reason] if orphans else []
    starter = RerunStarter(repository, clock)
    rerun = starter.find_left_queued(runs, name)
    return "; ".join([*reasons, *([starter.start(rerun).reason] if rerun else [])])
