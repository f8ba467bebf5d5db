"""Look up the base, in a thread of its own, while the tests run."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from contextlib import closing

from ...core.history.base_commit import base_commit
from ...core.history.trusted_record import record_of_run
from ...core.model.check_run import CheckRun
from ...core.model.history import Base, NoBase
from ...core.model.job import Context, Repository
from ...core.model.ports import Clock
from ...core.model.settings import Compare
from ...core.runner import workflow_commands
from .dependencies import Dependencies
from .find_base import find_base

_BUG = NoBase(reason="this action has a bug, which the debug log shows")


class BaseLookup:
    """Calls `find` in a thread, for which nobody has to wait.

    An exception there is a reason why there is no base, and never a problem of the check. `log` receives its traceback.
    """

    def __init__(self, find: Callable[[], Base | NoBase], clock: Clock, log: Callable[[str], None]) -> None:
        self._find = find
        self._clock = clock
        self._log = log
        self._changed = threading.Condition()
        self._result: Base | NoBase | None = None
        self._thread = threading.Thread(target=self._look_up, name="base", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def result(self, until: float) -> Base | NoBase | None:
        """Return the base, or None if it is not known at `until`, on the monotonic clock."""
        with self._changed:
            while self._result is None and (seconds := until - self._clock.monotonic()) > 0:
                self._clock.wait(self._changed, seconds)
            return self._result

    def _look_up(self) -> None:
        try:
            result = self._find()
        except Exception:  # noqa: BLE001 - the check does without
            self._log(workflow_commands.debug(traceback.format_exc()))
            result = _BUG
        with self._changed:
            self._result = result
            self._changed.notify_all()


def start_base_lookup(
    run: CheckRun, compare: Compare, context: Context, repository: Repository, dependencies: Dependencies
) -> BaseLookup | None:
    """Start to look up what `run` is compared with; return None if it is compared with nothing."""
    open_base_runs = dependencies.open_base_runs
    if open_base_runs is None:
        return None

    def find() -> Base | NoBase:
        question = base_commit(context, repository, compare)
        if isinstance(question, NoBase):
            return question
        with closing(open_base_runs(dependencies.cancel.is_set)) as runs:
            return find_base(question, run, runs, record_of_run, {context.default_branch, compare.branch})

    lookup = BaseLookup(find, dependencies.clock, dependencies.job.log)
    lookup.start()
    return lookup
