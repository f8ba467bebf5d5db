"""Acts on the events that no receiver has taken, by the App's delivery log: once each, with no memory of our own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from ...core.events.delivery_log import from_anywhere, is_click, untaken
from ...core.model.delivery import Delivery, DeliveryResult, DeliveryStatus, LoggedDelivery
from ...core.model.ports import DeliveryLog, PublishError

#: After so many for which there is no room, one after the other, there is none for the others.
_ENOUGH_IN_VAIN = 10
#: GitHub keeps a delivery for three days.
LOG_SECONDS = 3 * 24 * 3600.0


@dataclass(frozen=True, kw_only=True)
class Poll:
    """One look at the log.

    Attributes:
        respond: acts on an event.
        is_over: whether there is no more time.
        log: for people.
        jitter: where to begin, where there are very many: at least 0 and below 1.
        awaits: whether pushed commits get queued check runs.
    """

    deliveries: DeliveryLog
    respond: Callable[[Delivery], DeliveryResult]
    is_over: Callable[[], bool]
    log: Callable[[str], None]
    jitter: float = 0.0
    awaits: bool = False

    def run(self, since: float) -> int:
        """Act on what was delivered since then (seconds since the epoch) and not taken; how many are left for later.

        Raises `PublishError` where the log cannot be read.
        """
        became, passed_over, in_vain = Counter[DeliveryStatus](), 0, 0
        left = untaken(self.deliveries.since(since), awaits=self.awaits)
        for logged in from_anywhere(left, self.jitter):
            if not self.is_over() and in_vain < _ENOUGH_IN_VAIN:
                result = self._became(logged)
                became[result] += 1
                in_vain = in_vain + 1 if result is DeliveryStatus.LATER else 0
            elif is_click(logged):
                became[DeliveryStatus.LATER] += 1
            else:
                passed_over += 1
        if passed_over:  # thousands of them would keep every poll from its end
            self.log(f"Ends of workflow runs, and pushes, that there was no time to look at: {passed_over:,}.")
        told = ", ".join(f"{number:,} {result.value}" for result, number in became.items())
        self.log(f"Deliveries that nothing had taken: {became.total():,}{f' ({told})' if told else ''}.")
        return became[DeliveryStatus.LATER]

    def _became(self, logged: LoggedDelivery) -> DeliveryStatus:
        answered = self._answered(logged)
        self.log(f"{logged.event} {logged.guid}: {answered.status.value}, {answered.reason}")
        return answered.status

    def _answered(self, logged: LoggedDelivery) -> DeliveryResult:
        try:
            delivery = self.deliveries.delivery(logged)
        except PublishError as error:
            return DeliveryResult(status=DeliveryStatus.LATER, reason=str(error))
        return self.respond(delivery)
