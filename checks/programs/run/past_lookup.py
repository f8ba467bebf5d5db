"""Look back at earlier commits while the tests run, once one has failed."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import replace

from ...core.history.base_runs import BaseUnavailableError
from ...core.history.past import Past, entries_that_passed, past_of
from ...core.history.past_runs import Check, LookBack
from ...core.history.quarantine import QuarantineEntry
from ...core.history.quarantine_in_force import QuarantineInForce
from ...core.model.check_run import CheckRun
from ...core.model.history import Base
from ...core.model.session import Session
from ...core.results.causes import Cause, by_size, one_per_cause_first
from ...core.runner import workflow_commands
from .base_lookup import BaseLookup
from .dependencies import Dependencies
from .lookup import Lookup

#: How long the look-back waits for the base.
_BASE_SECONDS = 10.0
#: After the tests, the last update of the check run and the job summary wait so long for the look-back.
_WAIT_SECONDS = 3.0
_POLL_SECONDS = 0.1
_NOTHING = LookBack()


class PastLookup:
    """What earlier commits say about a session, which only `start` asks for. The verdict never waits for it.

    Without a base there is no look-back. `quarantine` returns the quarantine.
    """

    def __init__(
        self,
        run: CheckRun,
        base_lookup: BaseLookup | None,
        dependencies: Dependencies,
        quarantine: Callable[[], QuarantineInForce] = QuarantineInForce,
    ) -> None:
        self._clock, self._cancel, self._log = dependencies.clock, dependencies.cancel, dependencies.job.log
        self._lookup = _lookup(run, base_lookup, dependencies)
        self._until: float | None = None
        self._past: Past | None = None
        self._quarantine = quarantine
        self._entries: tuple[QuarantineEntry, ...] = ()

    def start(self) -> None:
        """Ask for it, unless that was done."""
        if self._lookup is not None and not self._lookup.has_begun:
            try:
                self._lookup.start()
            except RuntimeError:  # the tests' processes leave no room for a thread
                self._lookup = None

    def end(self, session: Session) -> None:
        """Ask for it at the latest at the end of a session with failing, flaky or passing quarantined tests."""
        self._until = self._clock.monotonic() + _WAIT_SECONDS
        self._entries = tuple(entries_that_passed(self._quarantine().current, session))
        has_failed = session.failed_items or any(collector.outcome.is_failure for collector in session.collectors)
        if has_failed or session.flaky_items or self._entries:
            self.start()

    def now(self, session: Session, causes: Sequence[Cause]) -> Past:
        """Return what is known of the session at once: at least what it says itself."""
        if self._past is not None:
            return self._past
        look_back = self._result(self._clock.monotonic())
        past = self._past_of(session, causes, look_back)
        if look_back is not None:
            self._past = past
        return past

    def wait(self) -> None:
        """Wait until everything is known, or the time for that is over."""
        until = self._until or 0.0
        while self._is_expected and (remaining_seconds := until - self._clock.monotonic()) > 0:
            if self._cancel.is_set() or self._result(self._clock.monotonic() + min(_POLL_SECONDS, remaining_seconds)):
                return

    def _past_of(self, session: Session, causes: Sequence[Cause], look_back: LookBack | None) -> Past:
        try:
            return past_of(session, [*one_per_cause_first(by_size(causes))], look_back, self._entries)
        except Exception:  # noqa: BLE001 - the check does without
            self._log(workflow_commands.debug(traceback.format_exc()))
            return Past()

    @property
    def _is_expected(self) -> bool:
        return self._lookup is not None and self._lookup.has_begun

    def _result(self, until: float) -> LookBack | None:
        return self._lookup.result(until) if self._lookup is not None and self._is_expected else None


def _lookup(run: CheckRun, base_lookup: BaseLookup | None, dependencies: Dependencies) -> Lookup[LookBack] | None:
    open_past_runs, clock = dependencies.open_past_runs, dependencies.clock
    if base_lookup is None or open_past_runs is None:
        return None

    def find() -> LookBack:
        base = base_lookup.result(clock.monotonic() + _BASE_SECONDS)
        if isinstance(base, Base):
            with suppress(BaseUnavailableError), closing(open_past_runs(dependencies.cancel.is_set)) as runs:
                return replace(runs.look_back(base.commit, Check.of_run(run)), branch=base.branch)
        return _NOTHING

    return Lookup(find, _NOTHING, clock, dependencies.job.log)
