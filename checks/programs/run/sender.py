"""Create a check run, update it while the tests run, and complete it, all from a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from math import inf

from ...core.github.schedule import Moment, has_room_for_notices, seconds_after_completion, seconds_until_write
from ...core.model.check_run import Annotation, CheckRun, Output, Published, Status
from ...core.model.limits import SECONDS_AFTER_TESTS
from ...core.model.ports import Cancellation, Clock, ForeignCheckRunError, PublishError, Update, Urgency
from ...core.report.footer import UNSENT_BY_A_BUG, with_footer
from .batches import Batch, Batches, has_failures
from .completed_updates import CompletedUpdates
from .content import CompletedContent, LiveOutput
from .create import PAUSE_SECONDS, ActiveCheckRun, CheckRunCreator, Creation

#: Saves for the post step what an open check run should be completed as; None for nothing.
Save = Callable[[Published, CheckRun | None], None]

#: How much later than planned the sender may wake up.
_WAKE_TOLERANCE_SECONDS = 0.01


class CheckRunSender:
    """Sends everything about one check run from one thread, which ends with the last annotation.

    `run` is the check run to create, and `live_output` returns its output so far. The annotation queue of the `batches`
    may be changed while the sender is `locked`.

    Attributes:
        active_run: None until the check run was created, or certainly cannot be.
        foreign: why the check run to claim is another job's.
        error: why the completion failed, or what was left to send after it.
        is_completed: whether the publisher has confirmed the completion.
        bug: an unexpected exception. If a live update raises one, live updates stop, but the completion is sent.
    """

    def __init__(  # noqa: PLR0913 - callers use keywords
        self,
        run: CheckRun,
        creator: CheckRunCreator,
        batches: Batches,
        *,
        live_output: Callable[[], Output],
        save: Save,
        clock: Clock,
        interval_seconds: float,
    ) -> None:
        self.run = run
        self.active_run: ActiveCheckRun | None = None
        self._creator = creator
        self._live_output = LiveOutput(live_output, clock, interval_seconds)
        self._save_state = save
        self._clock = clock
        self._interval_seconds = interval_seconds
        self._changed = threading.Condition()
        self._batches = batches
        self._completed_updates = CompletedUpdates(self._batches, self._changed, clock)
        self._creation = Creation(run, creator, self._completed_updates, clock, self._changed)
        self._has_changes = self._has_failed = self._is_urgent = self.is_completed = False
        self._wakes_at: float | None = None
        self._last_write = self._pause_until = clock.monotonic()
        self._ends_at = inf
        self._is_status_settled = True
        self.foreign: ForeignCheckRunError | None = None
        self.error: PublishError | None = None
        self.bug: Exception | None = None
        self._thread = threading.Thread(target=self._send_all, name="check-run", daemon=True)

    @property
    def published(self) -> Published | None:
        """The check run, or None if none was created so far."""
        active_run = self.active_run
        return active_run.published if active_run is not None and active_run.published.id else None

    def start(self) -> None:
        """Start the thread, after saving what the post step needs to look for the check run."""
        with self._changed:
            self._save()
        self._thread.start()

    def wait_until_created(self, cancel: Cancellation) -> None:
        """Wait until the check run was created, or certainly cannot be; in a cancelled job, some seconds at most.

        Raises `ForeignCheckRunError`, and the `PublishError` of a fallback.
        """
        self._creation.wait(cancel)
        error = self.foreign or self.error
        if error is not None and self.bug is None:  # after a bug the tests run nevertheless
            raise error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep the sender away from the annotation queue."""
        with self._changed:
            yield

    def note_changes(self) -> None:
        """Send the changes when an update is due. The caller has the sender `locked`."""
        self._has_changes = True
        if self.active_run is None:
            return
        # Changes arrive far more often than updates are due.
        if self._wakes_at is None or self._is_due_before(self._wakes_at - _WAKE_TOLERANCE_SECONDS, self.active_run):
            self._changed.notify()

    def _is_due_before(self, time: float, active_run: ActiveCheckRun) -> bool:
        due = seconds_until_write(self._moment(active_run))
        return due is not None and (due <= 0 or self._clock.monotonic() + due < time)

    def complete(self, content: CompletedContent, *, is_urgent: bool) -> CompletedContent:
        """Complete the check run at once, with its most important annotations; the others follow.

        If urgent, they do not wait for the pacing. Returns the content that is used: another one if its completion is
        being sent already.
        """
        with self._changed:
            used = self._completed_updates.request(content)
            self._is_urgent = self._is_urgent or is_urgent
            self._ends_at = min(self._ends_at, self._clock.monotonic() + SECONDS_AFTER_TESTS)
            self._save()
            self._changed.notify()
        return used

    def join(self, seconds: float) -> bool:
        """Wait for the thread; return whether it has ended. If it has sent everything, nothing remains saved."""
        self._thread.join(seconds)
        has_ended = not self._thread.is_alive()
        is_settled = self._is_status_settled and not (self.active_run and self.active_run.is_unsettled)
        if has_ended and self.error is None and is_settled:
            self._save_state(self.published or Published(id=""), None)
        return has_ended

    def abandon(self, error: PublishError) -> None:
        """Give up; unsent annotations are lost, and perhaps the completion."""
        self.error = error

    def unsent(self, limit: int) -> tuple[Annotation, ...]:
        """Return annotations that will not be sent any more, failures first."""
        with self._changed:
            return self._batches.unsent(limit)

    def _save(self) -> None:
        """Save the check run for the post step, unless certainly none is created."""
        active_run = self.active_run
        is_open = (
            self._creator.may_create(self.run)
            if active_run is None
            else bool(active_run.published.id) or active_run.is_unsettled
        )
        completed = self._completed_updates.content
        run = self.run if completed is None else completed.run
        self._save_state(self.published or Published(id=""), run if is_open else None)

    def _send_all(self) -> None:
        try:
            active_run = self._creation.create()
            self._use(active_run)
            self._send_live(active_run)
            self._finish(active_run)
        except ForeignCheckRunError as error:
            self.foreign = error
            self._save_state(Published(id=""), None)
        except PublishError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001 - reported by the program
            self.error, self.bug = PublishError(UNSENT_BY_A_BUG), error
            self._complete_without_annotations()
        finally:
            self._creation.settle()

    def _use(self, active_run: ActiveCheckRun) -> None:
        with self._changed:
            self.active_run = active_run
            self._last_write = self._clock.monotonic()
            self._save()
        self._creation.settle()

    def _send_live(self, active_run: ActiveCheckRun) -> None:
        """Send updates until the completion is requested; temporary errors are retried."""
        try:
            if not self._completed_updates.is_requested:
                active_run.publisher.set_commit_status(active_run.published, self.run)
            while not self._completed_updates.is_requested:
                self._send_next(active_run)
        except PublishError:
            pass  # permanent: the completion tries once more
        except Exception as error:  # noqa: BLE001 - ends live updates, and nothing else
            self.bug = error

    def _send_next(self, active_run: ActiveCheckRun) -> None:
        """Wait until an update is due and send it; return early when the completion is requested."""
        with self._changed:
            while not self._completed_updates.is_requested:
                due = seconds_until_write(self._moment(active_run))
                if due is not None and due <= 0:
                    break
                self._wakes_at = None if due is None else self._clock.monotonic() + due
                self._clock.wait(self._changed, due)
            else:
                return
            run = replace(self.run, output=self._live_output(self._moment(active_run)))
            self._has_changes = False
            batch = self._batches.next_batch()
        try:
            self._send(active_run, run, batch)
        except PublishError as error:
            if not error.is_temporary:
                raise
            self._has_changes = True
            self._pause_until = self._clock.monotonic() + max(PAUSE_SECONDS, error.wait_seconds)

    def _moment(self, active_run: ActiveCheckRun) -> Moment:
        now, seconds_until_ready = self._clock.monotonic(), active_run.publisher.seconds_until_ready
        pause_seconds = max(self._pause_until - now, self._batches.seconds_to_wait())
        return Moment(
            waiting=self._batches.waiting,
            failures_waiting=self._batches.failures_waiting,
            has_failed=self._has_failed,
            changed=self._has_changes,
            since_last_seconds=now - self._last_write,
            interval_seconds=self._interval_seconds,
            pacing_seconds=max(seconds_until_ready(Urgency.URGENT), pause_seconds),
            batch_pacing_seconds=seconds_until_ready(Urgency.ANNOTATIONS),
            live_pacing_seconds=seconds_until_ready(Urgency.LIVE),
            has_room_for_notices=has_room_for_notices(seconds_until_ready),
        )

    def _finish(self, active_run: ActiveCheckRun) -> None:
        """Send the completion with the most important annotations, then the others, then what earlier commits say."""
        updates, seconds_until_ready = self._completed_updates, active_run.publisher.seconds_until_ready
        self._send_completed(active_run, updates.first(seconds_until_ready))
        completed_at = self._clock.monotonic()
        while self._batches.waiting and self.error is None:
            self._pace(active_run, completed_at)
            self._send_completed(active_run, updates.next(seconds_until_ready))
        if self.error is None and not self._is_urgent and updates.has_more(seconds_until_ready):
            with suppress(PublishError):  # everything that matters has arrived
                self._send(active_run, *updates.without_annotations())

    def _send_completed(self, active_run: ActiveCheckRun, update: Update) -> None:
        try:
            self._send(active_run, *update)
        except PublishError as error:
            if self.is_completed and not error.is_temporary:  # what it says may have arrived without its annotations
                with suppress(PublishError):
                    self._send(active_run, *self._completed_updates.without_annotations())
            raise

    def _complete_without_annotations(self) -> None:
        """Complete the check run without annotations, one of which may have caused the error."""
        with suppress(Exception):
            if self.active_run is None:
                self._use(self._creator.create_despite_bug(self.run))
            active_run, content = self.active_run, self._completed_updates.begin()
            assert active_run is not None  # noqa: S101 - for the type checker
            output = content.run.output
            with suppress(Exception):  # the bug may be there
                output = content.output(self._batches.progress_after(()))
            run = replace(content.run, output=with_footer(output, UNSENT_BY_A_BUG))
            self._send(active_run, run, ())

    def _pace(self, active_run: ActiveCheckRun, completed_at: float) -> None:
        """Wait for the pacing, unless the completion becomes urgent. Raises `PublishError` if it takes too long.

        An update that only says what is left out does not wait for other jobs.
        """
        seconds_until_ready = active_run.publisher.seconds_until_ready
        with self._changed:
            self._batches.leave_out_others(seconds_until_ready)
            was_urgent, now = self._is_urgent, self._clock.monotonic()
            since_seconds = now - completed_at if self._batches.waiting and not was_urgent else inf
            ready_at = now + seconds_after_completion(
                seconds_until_ready, since_seconds=since_seconds, remaining_seconds=self._ends_at - now
            )
            while (remaining_seconds := ready_at - self._clock.monotonic()) > 0 and self._is_urgent == was_urgent:
                self._clock.wait(self._changed, remaining_seconds)

    def _send(self, active_run: ActiveCheckRun, run: CheckRun, batch: Batch) -> None:
        self._last_write = self._clock.monotonic()
        active_run.publisher.update(active_run.published, run, batch)
        is_verdict = run.status is Status.COMPLETED and not self.is_completed
        self.is_completed = run.status is Status.COMPLETED
        with self._changed:
            self._batches.mark_sent(batch)
        self._has_failed = self._has_failed or has_failures(batch)
        if is_verdict:
            try:
                self._is_status_settled = active_run.publisher.set_commit_status(active_run.published, run)
            except Exception as error:  # noqa: BLE001 - costs the status alone
                self.bug = error
