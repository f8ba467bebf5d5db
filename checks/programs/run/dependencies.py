"""Everything outside that a run touches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...core.model.check_run import CheckRun, Published
from ...core.model.ports import Cancellation, Clock, JobFiles, ReportStore, Spool, Workspace
from ...core.rerun.previous_run import PreviousRun
from .create import CreateRun


@dataclass(frozen=True, kw_only=True)
class Dependencies:
    """One edge for each port; `save` keeps for the post step what it is to send, None for nothing.

    `find_previous_run` looks up the earlier run that this one repeats. `has_buttons`: whether re-run buttons work.
    `start_deadline` is called once the tests have ended, as often as may be: from then on GitHub has a bounded time.
    """

    create_run: CreateRun
    workspace: Workspace
    reports: ReportStore
    job: JobFiles
    clock: Clock
    cancel: Cancellation
    spool: Spool
    save: Callable[[Published, CheckRun | None], None]
    find_previous_run: Callable[[], PreviousRun] = PreviousRun
    has_buttons: bool = False
    start_deadline: Callable[[], None] = lambda: None
