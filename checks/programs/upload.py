"""The upload after the tests: the check run's completion is asked for, waited for while there is time, and told."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from ..translate import commands
from ..words.check_run import CheckRun
from ..words.errors import BUG
from .announce import fall_back
from .live import Live
from .outside import Outside

_POLL_SECONDS = 0.05
# The runner kills the container 10 s after its first signal, and there is something to do after the upload:
# https://github.com/actions/runner/blob/main/src/Runner.Sdk/ProcessInvoker.cs
_LEAVE_SECONDS = 9.0


def begin(live: Live, done: CheckRun, outside: Outside, *, is_urgent: bool) -> None:
    """Have the check run completed as `done` says; the post step does it if we are killed before."""
    _save(live, done, outside)
    live.complete(done, is_urgent=is_urgent)


def end(live: Live, done: CheckRun, if_cancelled: Callable[[], CheckRun], outside: Outside) -> CheckRun:
    """Wait for the completion, of a cancelled job as long as the runner lets us; tell what became of it.

    Returns what the run was completed as, or is to be: `done`, or `if_cancelled` where that came in time.
    """
    is_hurried = False
    while not live.join(_POLL_SECONDS):
        if outside.cancel.is_set() and not is_hurried:
            is_hurried = True
            done = live.complete(if_cancelled(), is_urgent=True)
            _save(live, done, outside)
        if outside.cancel.seconds_ago() >= _LEAVE_SECONDS:
            live.leave()
            break
    _tell(live, done, outside)
    return done


def _tell(live: Live, done: CheckRun, outside: Outside) -> None:
    if live.bug is not None:
        trace = "".join(traceback.format_exception(live.bug))
        outside.job.log(f"{commands.inert(trace)}\n{commands.error(BUG)}")
    if live.error is None:
        if not live.link.is_doubtful:
            _save(live, None, outside)
        return
    outside.job.log(commands.warning(f"{live.error} The job summary and the report have everything."))
    fall_back(live, done, outside.job)


def _save(live: Live, run: CheckRun | None, outside: Outside) -> None:
    """For the post step; where no check run was put up for certain, there is nothing for it to do."""
    if live.link.published.id or live.link.is_doubtful:
        outside.save(live.link.published, run)
