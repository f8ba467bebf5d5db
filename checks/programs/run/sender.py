"""Update the check run from a thread of its own while the tests run, and complete it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from ...core.github.schedule import Moment, seconds_until_write
from ...core.model.check_run import Annotation, CheckRun, Output, Published, Status
from ...core.model.limits import ANNOTATIONS_PER_REQUEST
from ...core.model.ports import Clock, Member, Publisher, PublishError
from ...core.model.session import Session
from ...core.report.footer import UNSENT_BY_A_BUG, with_footer
from ...core.results.decode import in_batches
from .batches import Batches, has_failures
from .collector import MEMBERS_AT_ONCE, ResultCollector

#: How much later than planned the sender may wake up.
_WAKE_TOLERANCE_SECONDS = 0.01
#: After an update that failed in spite of all retries.
_PAUSE_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class ActiveCheckRun:
    """A check run that was created, with its publisher and its first content.

    `may_exist_on_github`: GitHub may have created another one, which could not be confirmed.
    """

    publisher: Publisher
    published: Published
    run: CheckRun
    may_exist_on_github: bool = False


class CheckRunSender:
    """Sends all updates of a check run from one thread, which ends with the completion.

    `render` formats the session so far as an `Output`.

    Attributes:
        error: why the completion failed, or what was left to send after it.
        is_completed: whether the publisher has confirmed the completion.
        bug: an unexpected exception. If a live update raises one, live updates stop, but the completion is sent.
    """

    def __init__(
        self,
        active_run: ActiveCheckRun,
        collector: ResultCollector,
        *,
        clock: Clock,
        interval_seconds: float,
        render: Callable[[Session], Output],
    ) -> None:
        self.active_run = active_run
        self._collector = collector
        self._clock = clock
        self._interval_seconds = interval_seconds
        self._render = render
        self._changed = threading.Condition()
        self._has_changes = False
        self._has_failed = False
        self._wakes_at: float | None = None
        self._output: Output | None = None
        self._rendered_at = clock.monotonic()
        self._last_write = clock.monotonic()
        self._pause_until = self._last_write
        self._batches = Batches(collector.annotation_queue)
        self._completion: CheckRun | None = None
        self._is_urgent = False
        self._is_completing = False
        self.is_completed = False
        self.error: PublishError | None = None
        self.bug: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="check-run", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def feed(self, lines: Iterable[bytes]) -> None:
        """Add lines of the stream."""
        with self._changed:
            if self._collector.feed(lines):
                self._wake_for_changes()

    def add(self, members: Iterable[Member]) -> None:
        """Add the members of a JSON report."""
        for batch in in_batches(members, MEMBERS_AT_ONCE):
            with self._changed:
                self._collector.add(batch)
                self._wake_for_changes()

    def _wake_for_changes(self) -> None:
        """Wake the sender if that makes a difference; lines arrive far more often than updates are due."""
        self._has_changes = True
        if self._wakes_at is None or self._is_due_before(self._wakes_at - _WAKE_TOLERANCE_SECONDS):
            self._changed.notify()

    def _is_due_before(self, time: float) -> bool:
        due = seconds_until_write(self._moment())
        return due is not None and (due <= 0 or self._clock.monotonic() + due < time)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep the sender away from the collector."""
        with self._changed:
            yield

    def complete(self, run: CheckRun, *, is_urgent: bool) -> CheckRun:
        """Complete the check run as `run`: after all annotations or, if urgent, before most of them.

        Returns the run that is used: another one if its completion is being sent already.
        """
        with self._changed:
            effective_run = self._completion if self._completion is not None and self._is_completing else run
            self._completion = effective_run
            self._is_urgent = self._is_urgent or is_urgent
            self._changed.notify()
        return effective_run

    def join(self, seconds: float) -> bool:
        """Wait for the thread; return whether it has ended."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def abandon(self) -> None:
        """Give up; unsent annotations are lost, and perhaps the completion."""
        self.error = PublishError("The job was cancelled before everything was sent to GitHub.")

    def waiting(self) -> int:
        """Return the number of annotations that are not sent yet."""
        with self._changed:
            return self._batches.waiting

    def unsent(self, limit: int) -> tuple[Annotation, ...]:
        """Return annotations that will not be sent any more, failures first."""
        with self._changed:
            return self._batches.unsent(limit)

    def _run(self) -> None:
        try:
            self._send_live()
            self._finish()
        except PublishError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001 - reported by the program
            self.error, self.bug = PublishError(UNSENT_BY_A_BUG), error
            self._complete_without_annotations()

    def _send_live(self) -> None:
        """Send updates until the completion is requested; temporary errors are retried."""
        try:
            while self._completion is None:
                self._send_next()
        except PublishError:
            pass  # permanent: the completion tries once more
        except Exception as error:  # noqa: BLE001 - ends live updates, and nothing else
            self.bug = error
        with self._changed:
            while self._completion is None:
                self._clock.wait(self._changed, None)

    def _send_next(self) -> None:
        """Wait until an update is due and send it; return early when the completion is requested."""
        with self._changed:
            while (due := seconds_until_write(self._moment())) is None or due > 0:
                self._wakes_at = None if due is None else self._clock.monotonic() + due
                self._clock.wait(self._changed, due)
                if self._completion is not None:
                    return
            run = replace(self.active_run.run, output=self._live_output())
            self._has_changes = False
        try:
            self._send(run)
        except PublishError as error:
            if not error.is_temporary:
                raise
            self._has_changes = True
            self._pause_until = self._clock.monotonic() + _PAUSE_SECONDS

    def _live_output(self) -> Output:
        """Return the output, rendered at most once per interval, since full batches may be sent far more often."""
        now, moment = self._clock.monotonic(), self._moment()
        is_first_failure = moment.failures_waiting > 0 and not moment.has_failed
        if self._output is None or is_first_failure or now - self._rendered_at >= self._interval_seconds:
            self._output, self._rendered_at = self._render(self._collector.session()), now
        return self._output

    def _moment(self) -> Moment:
        now = self._clock.monotonic()
        return Moment(
            waiting=self._batches.waiting,
            failures_waiting=self._batches.failures_waiting,
            has_failed=self._has_failed,
            changed=self._has_changes,
            since_last_seconds=now - self._last_write,
            interval_seconds=self._interval_seconds,
            pacing_seconds=max(self.active_run.publisher.seconds_until_ready(), self._pause_until - now),
        )

    def _finish(self) -> None:
        """Send the completion with the last batch or, if urgent, with the most important one."""
        while not self._is_urgent and self._batches.waiting > ANNOTATIONS_PER_REQUEST:
            self._pace()
            self._send_before_completion()
        run = self._begin_completion()
        self._send(run)
        while self._batches.waiting:
            self._pace()
            self._send(run)

    def _send_before_completion(self) -> None:
        with self._changed:
            if self._is_urgent or self._completion is None:
                return
            run = self._completion
        open_run = replace(run, status=self.active_run.run.status, conclusion=None, completed_at=None, actions=())
        try:
            self._send(open_run)
        except PublishError:
            if not self._is_urgent:
                raise

    def _begin_completion(self) -> CheckRun:
        """Return the completion, which cannot be replaced from now on."""
        with self._changed:
            self._is_completing = True
            assert self._completion is not None  # noqa: S101 - for the type checker
            return self._completion

    def _complete_without_annotations(self) -> None:
        """Complete the check run without annotations, one of which may have caused the error."""
        run = self._begin_completion()
        with suppress(Exception):
            run_with_note = replace(run, output=with_footer(run.output, UNSENT_BY_A_BUG))
            self.active_run.publisher.update(self.active_run.published, run_with_note, ())
            self.is_completed = True

    def _pace(self) -> None:
        """Wait for the pacing, unless the completion becomes urgent."""
        with self._changed:
            was_urgent = self._is_urgent
            ready_at = self._clock.monotonic() + self.active_run.publisher.seconds_until_ready()
            while (remaining_seconds := ready_at - self._clock.monotonic()) > 0 and self._is_urgent == was_urgent:
                self._clock.wait(self._changed, remaining_seconds)

    def _send(self, run: CheckRun) -> None:
        with self._changed:
            batch = self._batches.next_batch(is_urgent=self._is_urgent)
        self._last_write = self._clock.monotonic()
        self.active_run.publisher.update(self.active_run.published, run, batch)
        self.is_completed = run.status is Status.COMPLETED
        with self._changed:
            self._batches.mark_sent(batch)
        self._has_failed = self._has_failed or has_failures(batch)
