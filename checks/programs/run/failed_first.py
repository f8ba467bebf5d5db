"""Run the tests first that failed before, as the input `failed-first` asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ...core.history.base_state import usable
from ...core.history.failed_before import failed_on, failed_with_titles
from ...core.model.history import NoBase, TestKey
from ...core.model.session import Session
from ...core.model.verdict import Remark
from ...core.rerun.previous_run import PreviousRun
from .base_answer import BaseAnswer
from .supervise import Feed

_LATE = "GitHub did not name in time what failed before"
_NOTHING_COMPARED = "the results are compared with nothing"


@dataclass(kw_only=True)
class FailedFirst:
    """Hands over what failed in the previous run or else on the base; `run_first` is that of the `Workspace`."""

    is_on: bool
    answer: BaseAnswer
    previous_run: PreviousRun
    run_first: Callable[[frozenset[TestKey]], bool]
    #: Why the order is as collected, as half a sentence; empty once the names are handed over.
    reason: str = _LATE
    _is_decided: bool = False

    def before(self, feed: Feed) -> Feed:
        """Return `feed`, which is called often, with a look at whether the tests are known by now."""

        def with_update(lines: Iterable[bytes]) -> None:
            self.update()
            feed(lines)

        return with_update if self.is_on else feed

    def update(self) -> None:
        """Hand over the tests if they have just become known."""
        if not self._is_decided and (known := self._failed()) is not None:
            failed, reason = known
            is_in_time = self.run_first(failed)
            self.reason = reason or ("" if is_in_time else _LATE)
            self._is_decided = True

    def remarks(self, session: Session) -> Iterator[Remark]:
        """Yield why the tests that failed before did not run first."""
        if not self.is_on:
            return
        if session.grouped_by:
            yield Remark(text=f"`failed-first` has no effect with `--dist={session.grouped_by}`.")
        elif session.items and self.reason:
            yield Remark(text=f"The tests ran in the order of their collection: {self.reason}.")

    def _failed(self) -> tuple[frozenset[TestKey], str] | None:
        """Return the tests, and the reason if none can be known; None while they are unknown."""
        if self.previous_run.failures:
            return failed_with_titles(self.previous_run.failures), ""
        if not self.answer.is_expected:
            return frozenset(), _NOTHING_COMPARED
        base = self.answer.now()
        if base is None:
            return None
        base = usable(base)
        return (frozenset(), base.reason) if isinstance(base, NoBase) else (failed_on(base), "")
