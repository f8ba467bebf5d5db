from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf

import pytest

from checks.core.github.schedule import Moment, has_room_for_notices, seconds_after_completion, seconds_until_write
from checks.core.model.ports import PublishError, Urgency

QUIET = Moment(
    waiting=0,
    failures_waiting=0,
    has_failed=False,
    changed=False,
    since_last_seconds=3.0,
    interval_seconds=10.0,
    pacing_seconds=0.0,
    batch_pacing_seconds=0.0,
    live_pacing_seconds=0.0,
    has_room_for_notices=True,
)
FAILED = replace(QUIET, waiting=1, failures_waiting=1, has_failed=True)
BUSY = replace(QUIET, batch_pacing_seconds=60.0, live_pacing_seconds=600.0, has_room_for_notices=False)


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        pytest.param(QUIET, None, id="nothing to say"),
        pytest.param(replace(QUIET, changed=True), 7.0, id="news wait for the interval"),
        pytest.param(replace(QUIET, waiting=1), 7.0, id="a notice waits for the interval"),
        pytest.param(replace(QUIET, waiting=51), 7.0, id="a full batch of notices waits for the interval"),
        pytest.param(
            replace(QUIET, waiting=51, since_last_seconds=11.0, pacing_seconds=0.4), 0.4, id="and then for the pacing"
        ),
        pytest.param(
            replace(FAILED, waiting=50), 7.0, id="the last request's worth waits, to travel with the completion"
        ),
        pytest.param(replace(FAILED, waiting=51), 0.0, id="a full batch with a failure goes at once"),
        pytest.param(replace(FAILED, waiting=51, pacing_seconds=0.4), 0.4, id="a full batch goes as the pacing allows"),
        pytest.param(replace(QUIET, waiting=1, failures_waiting=1), 0.0, id="the first failure shows at once"),
        pytest.param(FAILED, 7.0, id="later failures do not"),
        pytest.param(
            replace(QUIET, changed=True, pacing_seconds=9.0), 9.0, id="the pacing may ask for more than the interval"
        ),
        pytest.param(replace(QUIET, changed=True, since_last_seconds=11.0), 0.0, id="the interval has passed"),
        pytest.param(
            replace(BUSY, waiting=1, failures_waiting=1), 0.0, id="the first failure does not wait for other jobs"
        ),
        pytest.param(replace(BUSY, waiting=51, failures_waiting=51, has_failed=True), 60.0, id="a batch does"),
        pytest.param(
            replace(BUSY, waiting=51, failures_waiting=50, has_failed=True), 600.0, id="notices do not fill it then"
        ),
        pytest.param(replace(BUSY, changed=True), 600.0, id="news wait longest for other jobs"),
    ],
)
def test_next_write_is_scheduled(moment: Moment, seconds: float | None) -> None:
    due = seconds_until_write(moment)
    assert due is None if seconds is None else due is not None and max(due, 0.0) == seconds


def waits(own_seconds: float, others_seconds: float) -> Callable[[Urgency], float]:
    """Return how long each kind of write waits for the job's own pacing, and for other jobs."""
    return lambda urgency: own_seconds if urgency is Urgency.URGENT else max(own_seconds, others_seconds)


@pytest.mark.parametrize(
    ("own_seconds", "others_seconds", "since_seconds", "seconds"),
    [
        (0.0, 0.0, 0.0, 0.0),
        (0.0, 60.0, 0.0, 60.0),
        (0.0, 60.0, 119.0, 1.0),
        (0.0, 60.0, 121.0, 0.0),
        (0.0, 600.0, 0.0, 120.0),
        (1.0, 60.0, inf, 1.0),
        (200.0, 60.0, 0.0, 200.0),
    ],
)
def test_annotations_after_the_completion_make_room_for_two_minutes(
    own_seconds: float, others_seconds: float, since_seconds: float, seconds: float
) -> None:
    waiting = waits(own_seconds, others_seconds)
    assert seconds_after_completion(waiting, since_seconds=since_seconds, remaining_seconds=290.0) == seconds


def test_annotations_make_room_for_others_only_within_the_time_that_remains() -> None:
    assert seconds_after_completion(waits(0.0, 60.0), since_seconds=0.0, remaining_seconds=20.0) == 20.0


@pytest.mark.parametrize(("own_seconds", "remaining_seconds"), [(1610.0, 290.0), (21.0, 20.0), (0.0, -1.0)])
def test_annotations_that_would_come_too_late_are_given_up(own_seconds: float, remaining_seconds: float) -> None:
    with pytest.raises(PublishError, match="GitHub's rate limits, or slow responses, leave no time"):
        seconds_after_completion(waits(own_seconds, 0.0), since_seconds=0.0, remaining_seconds=remaining_seconds)


@pytest.mark.parametrize(
    ("own_seconds", "others_seconds", "has_room"),
    [(0.0, 60.0, True), (120.0, 0.0, True), (121.0, 0.0, False), (0.0, inf, False), (600.0, 600.0, False)],
)
def test_notices_have_room_if_they_wait_two_minutes_at_most(
    own_seconds: float, others_seconds: float, *, has_room: bool
) -> None:
    assert has_room_for_notices(waits(own_seconds, others_seconds)) == has_room
