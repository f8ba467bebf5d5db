from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.github.schedule import Moment, seconds_until_write

QUIET = Moment(
    waiting=0,
    failures_waiting=0,
    has_failed=False,
    changed=False,
    since_last_seconds=3.0,
    interval_seconds=10.0,
    pacing_seconds=0.0,
)
FAILED = replace(QUIET, waiting=1, failures_waiting=1, has_failed=True)


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
    ],
)
def test_next_write_is_scheduled(moment: Moment, seconds: float | None) -> None:
    due = seconds_until_write(moment)
    assert due is None if seconds is None else due is not None and max(due, 0.0) == seconds
