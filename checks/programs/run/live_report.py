"""What a check run says while the tests run."""

from __future__ import annotations

from ...core.history.time_left import WorkDone, seconds_left, work_done
from ...core.model.check_run import CheckRun, Output
from ...core.model.history import Base
from ...core.model.job import Context
from ...core.model.ports import Clock
from ...core.model.session import Session
from ...core.report import summary
from ...core.verdict.titles import live_title
from .base_answer import BaseAnswer
from .collector import ResultCollector


class LiveReport:
    """Renders the output of `run` from the results that the collector has so far, and the durations of the base."""

    def __init__(
        self, run: CheckRun, context: Context, collector: ResultCollector, base: BaseAnswer, clock: Clock
    ) -> None:
        self._run = run
        self._context = context
        self._collector = collector
        self._base = base
        self._clock = clock
        self._first: WorkDone | None = None

    def __call__(self) -> Output:
        """Return the output at this time."""
        session = self._collector.session()
        url_of = summary.url_builder(self._context, self._collector.repository, session.root)
        frame = summary.Frame(url_of=url_of, causes=self._collector.causes(session))
        elapsed_seconds = self._clock.now() - self._run.started_at
        title = live_title(session, elapsed_seconds, self._seconds_left(session))
        return Output(title=title, summary=summary.live_summary(session, frame))

    def _seconds_left(self, session: Session) -> float | None:
        """Return the time left; None if it is unknown. The speed is that since the first call with a base."""
        base = self._base.now()
        now = work_done(session, base.record, self._clock.monotonic()) if isinstance(base, Base) else None
        if now is None:
            return None
        self._first = self._first or now
        return seconds_left(self._first, now)
