from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

from checks.core.github.schedule import Moment, has_room_for_notices, seconds_after_completion, seconds_until_write
from checks.core.model.ports import Urgency

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
)
FAILED = replace(QUIET, waiting=1, failures_waiting=1, has_failed=True)
BUSY = replace(QUIET, batch_pacing_seconds=60.0, live_pacing_seconds=600.0)


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
        pytest.param(replace(BUSY, waiting=51, failures_waiting=1, has_failed=True), 60.0, id="a batch does"),
        pytest.param(replace(BUSY, changed=True), 600.0, id="news wait longest for other jobs"),
    ],
)
def test_next_write_is_scheduled(moment: Moment, seconds: float | None) -> None:
    due = seconds_until_write(moment)
    assert due is None if seconds is None else due is not None and max(due, 0.0) == seconds


@pytest.mark.parametrize(
    ("own_seconds", "others_seconds", "since_seconds", "seconds"),
    [
        (0.0, 0.0, 0.0, 0.0),
        (0.0, 60.0, 0.0, 60.0),
        (0.0, 60.0, 119.0, 1.0),
        (0.0, 60.0, 121.0, 0.0),
        (0.0, 600.0, 0.0, 120.0),
        (1.0, 60.0, inf, 1.0),
        (300.0, 60.0, 0.0, 300.0),
    ],
)
def test_annotations_after_the_completion_make_room_for_two_minutes(
    own_seconds: float, others_seconds: float, since_seconds: float, seconds: float
) -> None:
    waits = {Urgency.URGENT: own_seconds, Urgency.ANNOTATIONS: max(own_seconds, others_seconds)}
    assert seconds_after_completion(waits.__getitem__, since_seconds) == seconds


@pytest.mark.parametrize(
    ("own_seconds", "others_seconds", "has_room"), [(0.0, 60.0, True), (0.0, 600.0, False), (600.0, 600.0, True)]
)
def test_notices_have_no_room_beside_busy_jobs(own_seconds: float, others_seconds: float, *, has_room: bool) -> None:
    waits = {Urgency.URGENT: own_seconds, Urgency.ANNOTATIONS: max(own_seconds, others_seconds)}
    assert has_room_for_notices(waits.__getitem__) == has_room
