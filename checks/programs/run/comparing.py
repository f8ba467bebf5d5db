"""Compare a session with its base at its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...core.history.base_state import state_of
from ...core.history.compare import Comparison, compare
from ...core.model.session import Session
from ...core.results.causes import Cause, by_size, one_per_cause_first
from .base_answer import BaseAnswer
from .collector import ResultCollector
from .content import own_record
from .dependencies import Dependencies


@dataclass(frozen=True)
class SessionComparer:
    """Compares the session of a collector with the base in the answer; `redact` is for inputs."""

    answer: BaseAnswer
    collector: ResultCollector
    dependencies: Dependencies
    redact: Callable[[str], str]

    def __call__(self, session: Session, causes: Sequence[Cause]) -> Comparison | None:
        """Return the comparison; None if nothing is compared. The failure report gets what the base says."""
        if not self.answer.is_expected:
            return None
        base = self.answer.now() if self.dependencies.cancel.is_set() else self.answer.wait()
        self.collector.failures.state_of = lambda key: state_of(key, base)
        record = own_record(session, self.collector, self.redact)
        failures = [*one_per_cause_first(by_size(causes))]
        return compare(session, record, base, failures, is_trusted=self.dependencies.is_app)
