"""Deliveries that could not be handled in time are handled again after their response."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from checks.core.model.delivery import Delivery, DeliveryResult, DeliveryStatus
from checks.programs.events.retries import RetryingReceiver
from tests.support.fakes import FakeClock

DONE = DeliveryResult(status=DeliveryStatus.DONE, reason="started a re-run")
LATER = DeliveryResult(status=DeliveryStatus.LATER, reason="GitHub's rate limits allow no more writes now")


class Harness:
    """A receiver with given results, the last of which repeats, and retries that run when a test says so."""

    def __init__(self, *results: DeliveryResult | Exception) -> None:
        self.results = list(results)
        self.handled: list[str] = []
        self.pauses: list[float] = []
        self.log: list[Mapping[str, object]] = []
        self.started: list[Callable[[], None]] = []
        self.clock = FakeClock()
        self.stops_after = 1_000
        self.receiver = RetryingReceiver(self, self.clock, self._wait, self.log.append, self.started.append)

    def __call__(self, delivery: Delivery, until: float) -> DeliveryResult:
        assert until > self.clock.monotonic()
        self.handled.append(delivery.guid)
        result = self.results.pop(0) if len(self.results) > 1 else self.results[0]
        if isinstance(result, Exception):
            raise result
        return result

    def retry_later(self, delivery: Delivery) -> None:
        raise AssertionError(f"{delivery.guid} is kept by the receiver that wraps this one")

    def is_ready(self) -> str:
        return ""

    def deliver(self, *guids: str) -> list[DeliveryResult]:
        deliveries = [Delivery(guid=guid, event="check_run", payload={}) for guid in guids]
        return [self.receiver(delivery, self.clock.monotonic() + 8.0) for delivery in deliveries]

    def _wait(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        self.clock.seconds += seconds
        return len(self.pauses) > self.stops_after


def test_handled_delivery_is_not_handled_again() -> None:
    harness = Harness(DONE)
    assert harness.deliver("a") == [DONE]
    assert harness.started == []


def test_deferred_deliveries_are_handled_again_in_order() -> None:
    harness = Harness(LATER, LATER, LATER, DONE)
    assert harness.deliver("a", "b") == [LATER, LATER]
    (run,) = harness.started
    run()
    assert harness.handled == ["a", "b", "a", "b", "a"]
    assert [line["delivery"] for line in harness.log] == ["b", "a"]
    assert harness.log[0] == {
        "message": "handled after its response",
        "delivery": "b",
        "result": "done",
        "reason": "started a re-run",
    }
    harness.results = [LATER]
    harness.deliver("c")
    assert len(harness.started) == 2


def test_pauses_grow_until_it_is_given_up() -> None:
    harness = Harness(LATER)
    harness.deliver("a")
    harness.started[0]()
    assert harness.pauses[:7] == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    assert 900.0 <= sum(harness.pauses) < 1_000.0
    assert harness.log == []


def test_stopping_ends_the_retries() -> None:
    harness = Harness(LATER)
    harness.deliver("a")
    harness.stops_after = 1
    harness.started[0]()
    assert harness.handled == ["a", "a"]


def test_bug_in_one_retry_is_logged_and_the_others_go_on() -> None:
    harness = Harness(LATER, LATER, LookupError("why"), DONE)
    harness.deliver("a", "b")
    harness.started[0]()
    assert harness.handled == ["a", "b", "a", "b"]
    assert [(line["delivery"], line["result"]) for line in harness.log] == [("a", "failed"), ("b", "done")]
    assert "LookupError: why" in str(harness.log[0]["traceback"])
    harness.results = [LATER]
    harness.deliver("c")
    assert len(harness.started) == 2


@pytest.mark.parametrize(
    ("event", "action", "is_handled"),
    [
        ("check_run", "requested_action", True),
        ("check_run", "rerequested", True),
        ("check_suite", "rerequested", True),
        ("check_run", "created", False),
        ("check_suite", "requested", False),
        ("workflow_run", "completed", False),
        ("ping", "", False),
    ],
)
def test_click_that_was_not_admitted_is_handled_after_its_response(event: str, action: str, is_handled: bool) -> None:
    harness = Harness(DONE)
    harness.receiver.retry_later(Delivery(guid="a", event=event, payload={"action": action}))
    for run in harness.started:
        run()
    assert harness.handled == ["a"] * is_handled


def test_number_of_deferred_deliveries_is_limited() -> None:
    harness = Harness(LATER)
    harness.deliver(*map(str, range(250)))
    harness.stops_after = 1
    harness.started[0]()
    assert len(harness.handled) == 250 + 200
