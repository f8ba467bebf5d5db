"""What one poll does with its deliveries, and what it leaves for the next one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import cycle

from checks.core.model.delivery import Delivery, DeliveryResult, DeliveryStatus, LoggedDelivery
from checks.core.model.errors import BUG
from checks.programs.events.poll import Poll
from checks.programs.events.respond import NOTHING_LEFT_WAITING
from tests.support.rules import rule

DONE = DeliveryResult(status=DeliveryStatus.DONE, reason="started a re-run of unit")
LATER = DeliveryResult(status=DeliveryStatus.LATER, reason="GitHub's rate limits allow no more writes now")
CLICK, WORKFLOW_RUN = "check_run.requested_action", "workflow_run.completed"
#: Whether the time is up, one answer for each question and then from the first again.
_NEVER, _ALWAYS = (False,), (True,)

Handle = Callable[[Delivery], DeliveryResult]


def logged(number: int, event: str = CLICK, *, was_accepted: bool = False) -> LoggedDelivery:
    return LoggedDelivery(
        id=str(number), guid=f"g{number}", event=event, delivered_at=float(number), was_accepted=was_accepted
    )


class Log:
    """A delivery log with given entries."""

    def __init__(self, *entries: LoggedDelivery) -> None:
        self.entries = entries

    def since(self, time: float) -> Iterator[LoggedDelivery]:
        return (entry for entry in self.entries if entry.delivered_at >= time)

    def delivery(self, logged: LoggedDelivery) -> Delivery:
        return Delivery(guid=logged.guid, event=logged.event, payload={})


def poll(
    *entries: LoggedDelivery,
    respond: Handle = lambda _: DONE,
    revisit: Handle = lambda _: DONE,
    is_over: Iterable[bool] = _NEVER,
) -> tuple[int, list[str]]:
    """Return how many deliveries a poll leaves, and its log."""
    lines: list[str] = []
    answers = cycle(is_over)
    left = Poll(
        deliveries=Log(*entries), respond=respond, revisit=revisit, is_over=lambda: next(answers), log=lines.append
    ).run(0.0)
    return left, lines


def break_at(*guids: str) -> Handle:
    """Return a function that has a bug with these deliveries."""

    def handle(delivery: Delivery) -> DeliveryResult:
        if delivery.guid in guids:
            raise LookupError("why")
        return DONE

    return handle


def test_bug_in_one_delivery_is_logged_and_the_others_go_on() -> None:
    left, lines = poll(logged(1), logged(2), respond=break_at("g1"))
    assert left == 1
    assert "LookupError: why" in lines[0]
    assert lines[1:] == [
        BUG,
        f"{CLICK} g1: later, internal error; the traceback is above",
        f"{CLICK} g2: done, started a re-run of unit",
        "Unhandled deliveries: 2 (1 later, 1 done).",
    ]


def test_bugs_are_not_taken_for_spent_rate_limits() -> None:
    _, lines = poll(*map(logged, range(12)), respond=break_at(*(f"g{number}" for number in range(11))))
    assert f"{CLICK} g11: done, started a re-run of unit" in lines


def test_bug_in_looking_at_an_answered_click_does_not_end_the_poll() -> None:
    clicks = [logged(number, was_accepted=True) for number in (1, 2)]
    seen: list[str] = []

    def revisit(delivery: Delivery) -> DeliveryResult:
        seen.append(delivery.guid)
        return break_at("g1")(delivery)

    left, lines = poll(*clicks, revisit=revisit)
    assert (seen, left) == (["g1", "g2"], 1)
    assert any("LookupError: why" in line for line in lines)


def test_answered_click_that_must_be_looked_at_again_is_logged_and_left_for_the_next_poll() -> None:
    completed = DeliveryResult(status=DeliveryStatus.DONE, reason="completed unit")
    results = {"g1": LATER, "g2": completed, "g3": NOTHING_LEFT_WAITING}
    clicks = [logged(number, was_accepted=True) for number in (1, 2, 3)]
    left, lines = poll(*clicks, revisit=lambda delivery: results[delivery.guid])
    assert left == 1
    assert lines == [
        "Unhandled deliveries: 0.",
        f"{CLICK} g1: later, {LATER.reason}",
        f"{CLICK} g2: done, completed unit",
    ]


def test_reason_for_skipping_ended_workflow_runs_is_logged() -> None:
    ends = [logged(number, WORKFLOW_RUN) for number in range(12)]
    left, lines = poll(*ends, is_over=_ALWAYS)
    assert (left, lines[0]) == (0, "Completed workflow runs, pushes and pull requests skipped for lack of time: 12.")
    _, lines = poll(*ends, respond=lambda _: LATER)
    why = "after too many in a row that were left for later"
    assert f"Completed workflow runs, pushes and pull requests skipped {why}: 2." in lines


@rule("The receiver and the poll: completed workflow runs and pushes for which a poll has no time")
def test_workflow_runs_without_time_are_skipped_and_counted_in_the_log() -> None:
    entries = logged(0), logged(1, WORKFLOW_RUN), logged(2, WORKFLOW_RUN)
    left, lines = poll(*entries, is_over=(False, True, True))
    assert left == 0
    assert "Completed workflow runs, pushes and pull requests skipped for lack of time: 2." in lines


def test_clicks_without_time_are_left_for_the_next_poll() -> None:
    assert poll(logged(0), logged(1), is_over=_ALWAYS)[0] == 2


def test_workflow_run_that_could_not_be_handled_is_left_for_the_next_poll() -> None:
    assert poll(logged(0, WORKFLOW_RUN), respond=lambda _: LATER)[0] == 1
