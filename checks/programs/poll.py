"""Acts on the events that no receiver has taken, by the App's delivery log: once each, with no memory of our own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..translate.delivery_log import untaken
from ..words.delivery import Answered, Delivery, Result
from ..words.logged import LoggedDelivery
from ..words.ports import DeliveryLog, PublishError

#: GitHub keeps a delivery for three days.
LOG_SECONDS = 3 * 24 * 3600.0


@dataclass(frozen=True, kw_only=True)
class Poll:
    """One look at the log.

    Attributes:
        respond: acts on an event.
        is_over: whether there is no more time.
        log: for people.
        awaits: whether pushed commits get queued check runs.
    """

    deliveries: DeliveryLog
    respond: Callable[[Delivery], Answered]
    is_over: Callable[[], bool]
    log: Callable[[str], None]
    awaits: bool = False

    def run(self, since: float) -> int:
        """Act on what was delivered since then (seconds since the epoch) and not taken; how many are left for later.

        Raises `PublishError` where the log cannot be read.
        """
        became = Counter(self._each(untaken(self.deliveries.since(since), awaits=self.awaits)))
        told = ", ".join(f"{number:,} {result.value}" for result, number in became.items())
        self.log(f"Deliveries that nothing had taken: {became.total():,}{f' ({told})' if told else ''}.")
        return became[Result.LATER]

    def _each(self, left: list[LoggedDelivery]) -> Iterator[Result]:
        for logged in left:
            if self.is_over():
                yield Result.LATER
                continue
            answered = self._answered(logged)
            self.log(f"{logged.event} {logged.guid}: {answered.result.value}, {answered.reason}")
            yield answered.result

    def _answered(self, logged: LoggedDelivery) -> Answered:
        try:
            delivery = self.deliveries.delivery(logged)
        except PublishError as error:
            return Answered(result=Result.LATER, reason=str(error))
        return self.respond(delivery)
