"""Everything that a run needs from outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...core.history.base_runs import BaseRuns
from ...core.history.past_runs import PastRuns
from ...core.model.ports import Cancellation, Clock, JobFiles, Records, ReportStore, Spool, Workspace
from ...core.rerun.previous_run import PreviousRun
from .create import CheckRunCreator
from .sender import Save

IsCancelled = Callable[[], bool]
#: Opens what GitHub has of the base, for a thread of its own.
OpenBaseRuns = Callable[[IsCancelled], BaseRuns]
#: The same for what earlier commits have.
OpenPastRuns = Callable[[IsCancelled], PastRuns]


@dataclass(frozen=True, kw_only=True)
class Dependencies:
    """One implementation for each port; `save` saves what the post step should send, None for nothing.

    `find_previous_run` looks up the run that a re-run follows; None if this is no re-run. `has_buttons`: whether re-run
    buttons work.
    `open_base_runs` and `open_past_runs` are None if the results are compared with nothing. `is_app`: whether they read
    check runs of the App, so that no other workflow can have written them.
    `start_deadline` is called, perhaps repeatedly, when the tests have ended; it limits the time for GitHub's answers.
    """

    creator: CheckRunCreator
    workspace: Workspace
    reports: ReportStore
    job: JobFiles
    clock: Clock
    cancel: Cancellation
    spool: Spool
    records: Records
    save: Save
    find_previous_run: Callable[[], PreviousRun] | None = None
    open_base_runs: OpenBaseRuns | None = None
    open_past_runs: OpenPastRuns | None = None
    has_buttons: bool = False
    is_app: bool = False
    start_deadline: Callable[[], None] = lambda: None
