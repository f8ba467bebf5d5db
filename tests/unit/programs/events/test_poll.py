"""What one poll does with deliveries for which no time remains."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from checks.core.model.delivery import Delivery, DeliveryResult, DeliveryStatus, LoggedDelivery
from checks.programs.events.poll import Poll
from tests.support.rules import rule

CLICK, WORKFLOW_RUN = "check_run.requested_action", "workflow_run.completed"


class Deliveries:
    """A delivery log of events that no receiver has accepted."""

    def __init__(self, *events: str) -> None:
        self._events = events

    def since(self, _: float) -> Iterator[LoggedDelivery]:
        for number, event in enumerate(self._events):
            yield LoggedDelivery(
                id=str(number), guid=str(number), event=event, delivered_at=float(number), was_accepted=False
            )

    def delivery(self, logged: LoggedDelivery) -> Delivery:
        return Delivery(guid=logged.guid, event=logged.event.partition(".")[0], payload={})


def poll(*events: str, is_over: Iterator[bool], status: DeliveryStatus = DeliveryStatus.DONE) -> tuple[int, list[str]]:
    """Return how many events one poll leaves for the next, and what it logs; each gets the result `status`."""
    log: list[str] = []
    result = DeliveryResult(status=status, reason="as the test says")
    polled = Poll(
        deliveries=Deliveries(*events),
        respond=lambda _: result,
        revisit=lambda _: result,
        is_over=lambda: next(is_over),
        log=log.append,
    )
    return polled.run(0.0), log


@rule("The receiver and the poll: completed workflow runs and pushes for which a poll has no time")
def test_workflow_runs_without_time_are_skipped_and_counted_in_the_log() -> None:
    left, log = poll(CLICK, WORKFLOW_RUN, WORKFLOW_RUN, is_over=iter((False, True, True)))
    assert left == 0
    assert "Completed workflow runs and pushes skipped for lack of time: 2." in log


def test_clicks_without_time_are_left_for_the_next_poll() -> None:
    assert poll(CLICK, CLICK, is_over=cycle((True,)))[0] == 2


def test_workflow_run_that_could_not_be_handled_is_left_for_the_next_poll() -> None:
    assert poll(WORKFLOW_RUN, is_over=cycle((False,)), status=DeliveryStatus.LATER)[0] == 1
