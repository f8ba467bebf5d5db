"""Compare a session with its base at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...core.history.base_state import state_of
from ...core.history.compare import Comparison, compare
from ...core.model.session import Session
from ...core.results.causes import Cause, by_size, one_per_cause_first
from .base_answer import BaseAnswer
from .collector import ResultCollector
from .dependencies import Dependencies
from .own_record import OwnRecord


@dataclass(frozen=True)
class SessionComparer:
    """Compares the session of a collector with the base in the answer."""

    answer: BaseAnswer
    collector: ResultCollector
    dependencies: Dependencies
    own_record: OwnRecord

    def __call__(self, session: Session, causes: Sequence[Cause]) -> Comparison | None:
        """Return the comparison; None if nothing is compared. The failure report gets what the base says."""
        if not self.answer.is_expected:
            return None
        base = self.answer.now() if self.dependencies.cancel.is_set() else self.answer.wait()
        self.collector.failures.state_of = lambda key: state_of(key, base)
        failures = [*one_per_cause_first(by_size(causes))]
        return compare(session, self.own_record(session), base, failures, is_trusted=self.dependencies.is_app)
