"""Keeps the check run up to date while the tests run, from a thread of its own, and completes it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from ..translate.schedule import Moment, seconds_until_write
from ..words.check_run import Annotation, CheckRun, Output, Published
from ..words.limits import ANNOTATIONS_PER_REQUEST
from ..words.ports import Clock, Publisher, PublishError
from ..words.session import Session
from .follow import Follower


@dataclass(frozen=True, kw_only=True)
class Link:
    """A check run that was put up: through whom, as what, and what it said first."""

    publisher: Publisher
    published: Published
    run: CheckRun


class Live:
    """The one sender of a check run's updates.

    `render` writes the session so far as an `Output`. The thread ends with the completion; where that was refused,
    `error` says why, and what was not sent is in `unsent` and waits in the outbox.
    """

    def __init__(
        self,
        link: Link,
        follower: Follower,
        *,
        clock: Clock,
        interval_seconds: float,
        render: Callable[[Session], Output],
    ) -> None:
        self.link = link
        self._follower = follower
        self._clock = clock
        self._interval_seconds = interval_seconds
        self._render = render
        self._changed = threading.Condition()
        self._has_news = False
        self._has_failed = False
        self._last_write = clock.monotonic()
        self._completion: CheckRun | None = None
        self._is_urgent = False
        self.error: Exception | None = None
        self.unsent: tuple[Annotation, ...] = ()
        self._thread = threading.Thread(target=self._work, name="check-run", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def feed(self, lines: Iterable[bytes]) -> None:
        """Take the lines that came."""
        with self._changed:
            if self._follower.feed(lines):
                self._has_news = True
                self._changed.notify()

    def complete(self, run: CheckRun, *, is_urgent: bool) -> None:
        """Complete the check run as `run` says: after all annotations, or, when urgent, before most of them."""
        with self._changed:
            self._completion, self._is_urgent = run, self._is_urgent or is_urgent
            self._changed.notify()

    def join(self, seconds: float) -> bool:
        """Wait at most so long for the thread; whether it has ended."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _work(self) -> None:
        try:
            self._finish(self._sent_live())
        except PublishError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001 - a bug of ours must not end in silence: the program tells it
            self.error = error

    def _sent_live(self) -> CheckRun:
        """Send what is due until the completion is asked for; what is refused meanwhile is tried again with it."""
        try:
            while self._completion is None:
                self._send_next()
        except PublishError:
            with self._changed:
                self._changed.wait_for(lambda: self._completion is not None)
        assert self._completion is not None  # noqa: S101 - for the type checker
        return self._completion

    def _send_next(self) -> None:
        """Wait for what is due and send it; come back at once when the completion is asked for."""
        with self._changed:
            while (due := seconds_until_write(self._moment())) is None or due > 0:
                self._changed.wait(due)
                if self._completion is not None:
                    return
            run = replace(self.link.run, output=self._render(self._follower.session()))
            self._has_news = False
        self._send(run)

    def _moment(self) -> Moment:
        outbox = self._follower.outbox
        return Moment(
            waiting=len(outbox),
            failures_waiting=outbox.failures_waiting,
            has_failed=self._has_failed,
            changed=self._has_news,
            since_last_seconds=self._clock.monotonic() - self._last_write,
            interval_seconds=self._interval_seconds,
            pacing_seconds=self.link.publisher.seconds_until_ready(),
        )

    def _finish(self, run: CheckRun) -> None:
        """The completion carries the last batch; an urgent one the first."""
        still_open = replace(run, status=self.link.run.status, conclusion=None, completed_at=None, actions=())
        while not self._is_urgent and len(self._follower.outbox) + len(self.unsent) > ANNOTATIONS_PER_REQUEST:
            self._pace()
            if not self._is_urgent:
                self._send(still_open)
        self._send(run)
        while self._follower.outbox:
            self._pace()
            self._send(run)

    def _pace(self) -> None:
        """Wait as the pacing asks; a completion that has become urgent does not wait."""
        with self._changed:
            was_urgent = self._is_urgent
            self._changed.wait_for(
                lambda: self._is_urgent and not was_urgent, self.link.publisher.seconds_until_ready()
            )

    def _send(self, run: CheckRun) -> None:
        with self._changed:
            had_failures = self._follower.outbox.failures_waiting > 0
            self.unsent = self.unsent or self._follower.outbox.take()
        self._last_write = self._clock.monotonic()
        self.link.publisher.update(self.link.published, run, self.unsent)
        self.unsent = ()
        self._has_failed = self._has_failed or had_failures
