"""What a check run says while the tests run, and what it is completed as while its annotations arrive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ...core.github.schedule import Moment
from ...core.model.check_run import CheckRun, Output
from ...core.model.identity import Identity
from ...core.model.ports import Clock
from ...core.model.verdict import Verdict
from .batches import Progress


class LiveOutput:
    """The output while the tests run, which `render` returns."""

    def __init__(self, render: Callable[[], Output], clock: Clock, interval_seconds: float) -> None:
        self._render = render
        self._clock = clock
        self._interval_seconds = interval_seconds
        self._output: Output | None = None
        self._rendered_at = clock.monotonic()

    def __call__(self, moment: Moment) -> Output:
        """Return the output, rendered at most once per interval, since full batches may be sent far more often."""
        now = self._clock.monotonic()
        is_old = now - self._rendered_at >= self._interval_seconds
        if self._output is None or is_old or moment.is_first_failure:
            self._output, self._rendered_at = self._render(), now
        return self._output


@dataclass(frozen=True, kw_only=True)
class CompletedContent:
    """What a check run is completed as.

    Attributes:
        run: its state; the title is the final one.
        whole_identity: replaces the run's identity once all annotations are sent.
        output: returns the output for the annotations that are sent.
        has_more: waits a little for what may come after the tests, and returns whether the output has more by then.
    """

    run: CheckRun
    whole_identity: Identity
    output: Callable[[Progress], Output]
    has_more: Callable[[], bool] = lambda: False

    def at(self, progress: Progress) -> CheckRun:
        """Return the check run with the annotations that are sent."""
        identity = self.whole_identity if progress.is_whole else self.run.identity
        return replace(self.run, identity=identity, output=self.output(progress))


def minimal_content(run: CheckRun, verdict: Verdict) -> CompletedContent:
    """Return a completion that says the verdict and why, without results."""
    output = Output(title=verdict.title, summary="\n\n".join(remark.text for remark in verdict.remarks))
    return CompletedContent(run=replace(run, output=output), whole_identity=run.identity, output=lambda _: output)
