"""Handles the events in the App's delivery log that no receiver has accepted. Keeps no state of its own."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...core.events.delivery_log import accepted_clicks, is_click, rotate_clicks, unhandled_deliveries
from ...core.model.delivery import Delivery, DeliveryResult, DeliveryStatus, LoggedDelivery
from ...core.model.errors import BUG
from ...core.model.ports import DeliveryLog, PublishError
from .respond import NOTHING_LEFT_WAITING

#: After so many deferred deliveries in a row, the rate limits leave no room for the rest.
_MAX_DEFERRED_IN_A_ROW = 10
#: Of how many clicks that a receiver has answered one poll looks at the workflow runs: these may end without an event.
_MAX_REVISITED = 100
#: The next poll tries again what has met a bug. It says nothing about the rate limits.
_BUG_RESULT = DeliveryResult(status=DeliveryStatus.LATER, reason="internal error; the traceback is above")
#: GitHub keeps a delivery for three days.
LOG_SECONDS = 3 * 24 * 3600.0


@dataclass(frozen=True, kw_only=True)
class Poll:
    """One pass over the delivery log.

    Attributes:
        respond: handles an event.
        revisit: completes what an answered click has left waiting in vain.
        is_over: whether the time is up.
        log: writes a text to the job log, and redacts secrets.
        jitter: where to start if there are very many clicks, in [0, 1).
        queues_at_push: whether pushed commits get queued check runs.
    """

    deliveries: DeliveryLog
    respond: Callable[[Delivery], DeliveryResult]
    revisit: Callable[[Delivery], DeliveryResult]
    is_over: Callable[[], bool]
    log: Callable[[str], None]
    jitter: float = 0.0
    queues_at_push: bool = False

    def run(self, since: float) -> int:
        """Handle the deliveries since then (seconds since the epoch). Return how many are left for the next poll.

        Raises `PublishError` if the log cannot be read.
        """
        counts, skipped, deferred_in_a_row = Counter[DeliveryStatus](), 0, 0
        attempts = list(self.deliveries.since(since))
        unhandled = unhandled_deliveries(attempts, queues_at_push=self.queues_at_push)
        for logged in rotate_clicks(unhandled, self.jitter):
            if not self.is_over() and deferred_in_a_row < _MAX_DEFERRED_IN_A_ROW:
                result = self._handle(logged)
                counts[result.status] += 1
                is_deferred = result.status is DeliveryStatus.LATER and result is not _BUG_RESULT
                deferred_in_a_row = deferred_in_a_row + 1 if is_deferred else 0
            elif is_click(logged):
                counts[DeliveryStatus.LATER] += 1
            else:
                skipped += 1
        if skipped:  # not counted as deferred: thousands of them would fail every poll
            has_time = deferred_in_a_row >= _MAX_DEFERRED_IN_A_ROW
            reason = "after too many in a row that were left for later" if has_time else "for lack of time"
            self.log(f"Completed workflow runs, pushes and pull requests skipped {reason}: {skipped:,}.")
        summary = ", ".join(f"{number:,} {status.value}" for status, number in counts.items())
        self.log(f"Unhandled deliveries: {counts.total():,}{f' ({summary})' if summary else ''}.")
        return counts[DeliveryStatus.LATER] + self._revisit(accepted_clicks(attempts)[:_MAX_REVISITED])

    def _handle(self, logged: LoggedDelivery) -> DeliveryResult:
        result = self._load(logged, self.respond)
        self._log_result(logged, result)
        return result

    def _revisit(self, clicks: Sequence[LoggedDelivery]) -> int:
        """Look at answered clicks again. Return how many are left for the next poll."""
        deferred = 0
        for logged in clicks:
            if not self.is_over():
                result = self._load(logged, self.revisit)
                if result != NOTHING_LEFT_WAITING:
                    self._log_result(logged, result)
                deferred += result.status is DeliveryStatus.LATER
        return deferred

    def _log_result(self, logged: LoggedDelivery, result: DeliveryResult) -> None:
        self.log(f"{logged.event} {logged.guid}: {result.status.value}, {result.reason}")

    def _load(self, logged: LoggedDelivery, handle: Callable[[Delivery], DeliveryResult]) -> DeliveryResult:
        try:
            return handle(self.deliveries.delivery(logged))
        except PublishError as error:
            return DeliveryResult(status=DeliveryStatus.LATER, reason=str(error))
        except Exception:  # noqa: BLE001 - a bug is reported as one, and the other deliveries are still handled
            self.log(traceback.format_exc())
            self.log(BUG)
            return _BUG_RESULT
