from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import inf

import pytest

from checks.core.github.rate_limit import Pacing
from checks.core.github.usage import InstallationUsage
from checks.core.model.limits import WRITES_PER_BURST, WRITES_PER_HOUR
from checks.core.model.ports import Urgency


def written(pacing: Pacing, number: int, now: float) -> tuple[Pacing, list[float]]:
    """Write as soon as the pacing allows. Return the times of the writes."""
    times = []
    for _ in range(number):
        now += pacing.seconds_until_ready(now)
        pacing = pacing.spent(now)
        times.append(now)
    return pacing, times


def test_burst_is_immediate_then_one_write_per_second() -> None:
    _, times = written(Pacing(), WRITES_PER_BURST + 3, 100.0)
    assert times == [100.0] * WRITES_PER_BURST + [101.0, 102.0, 103.0]


@pytest.mark.parametrize(("pause_seconds", "at_once"), [(0.0, 0), (4.0, 4), (10.0, 10), (1000.0, 10)])
def test_pause_restores_at_most_one_burst(pause_seconds: float, at_once: int) -> None:
    pacing, _ = written(Pacing(), WRITES_PER_BURST, 0.0)
    _, times = written(pacing, 12, pause_seconds)
    assert times.count(pause_seconds) == at_once


def test_hourly_limit_is_never_exceeded() -> None:
    _, times = written(Pacing(), 3 * WRITES_PER_HOUR, 0.0)
    for first, past_the_hour in zip(times, times[WRITES_PER_HOUR:], strict=False):
        assert past_the_hour - first >= 3600.0
    assert times[WRITES_PER_HOUR] == 3600.0


def test_early_write_delays_later_ones() -> None:
    pacing, _ = written(Pacing(), WRITES_PER_BURST, 0.0)
    pacing = pacing.spent(0.0).spent(0.0)
    assert pacing.seconds_until_ready(0.0) == 3.0


def test_only_the_last_hour_is_remembered() -> None:
    pacing = Pacing()
    for second in range(0, 36_000, 100):
        pacing = pacing.spent(float(second))
    assert len(pacing.writes) == 36


@pytest.mark.parametrize(
    ("refusals", "seconds_between", "per_hour"),
    [(0, 1.0, 400), (1, 2.0, 200), (2, 4.0, 100), (3, 8.0, 60), (6, 60.0, 60), (20, 60.0, 60)],
)
def test_each_refusal_halves_the_rate_down_to_one_per_minute(
    refusals: int, seconds_between: float, per_hour: int
) -> None:
    pacing = Pacing()
    for _ in range(refusals):
        pacing = pacing.refused(0.0)
    assert (pacing.seconds_between, pacing.per_hour) == (seconds_between, per_hour)


def test_refusal_uses_up_the_burst() -> None:
    _, times = written(Pacing().refused(100.0), 4, 100.0)
    assert [later - sooner for sooner, later in pairwise([100.0, *times])] == [2.0] * 4


def test_refusal_keeps_accumulated_delay() -> None:
    pacing = Pacing()
    for _ in range(100):
        pacing = pacing.spent(0.0)
    assert pacing.refused(0.0).seconds_until_ready(0.0) > 80.0


def test_new_job_may_write_at_once() -> None:
    assert Pacing().seconds_until_ready(0.0) == 0.0


def test_usual_rate_returns_an_hour_after_last_refusal() -> None:
    pacing = Pacing().refused(0.0).refused(10.0)
    assert (pacing.spent(3600.0).seconds_between, pacing.spent(3600.0).per_hour) == (4.0, 100)
    assert (pacing.spent(3610.0).seconds_between, pacing.spent(3610.0).per_hour) == (1.0, 400)
    again = pacing.spent(3610.0).refused(3611.0)
    assert (again.seconds_between, again.per_hour) == (2.0, 200)


def beside(per_second: float = 0.0, per_hour: float = 0.0) -> Pacing:
    """Return the pacing after a write at 0.0, with others that send so much."""
    return Pacing(usage=InstallationUsage(others_per_second=per_second, others_per_hour=per_hour)).spent(0.0)


@pytest.mark.parametrize("urgency", Urgency)
def test_job_without_others_does_not_wait_for_any(urgency: Urgency) -> None:
    assert beside().seconds_until_ready(0.0, urgency=urgency) == 0.0


@pytest.mark.parametrize("pacing", [beside(100.0), beside(0.0, 5000.0)])
def test_urgent_write_never_waits_for_others(pacing: Pacing) -> None:
    assert pacing.seconds_until_ready(0.0) == 0.0


@pytest.mark.parametrize(("per_second", "seconds"), [(0.01, 1.0), (0.1, 10.0), (0.6, 60.0), (5.0, 60.0)])
def test_annotations_wait_the_longer_the_more_others_send(per_second: float, seconds: float) -> None:
    pacing = beside(per_second)
    assert pacing.seconds_until_ready(0.0, urgency=Urgency.ANNOTATIONS) == pytest.approx(seconds)
    assert pacing.seconds_until_ready(seconds, urgency=Urgency.ANNOTATIONS) == pytest.approx(0.0)


@pytest.mark.parametrize(("per_second", "seconds"), [(0.05, 4.05), (0.1, 18.51), (0.1375, 600.0), (0.2, 600.0)])
def test_live_updates_use_what_others_leave_of_the_hour(per_second: float, seconds: float) -> None:
    waits = beside(per_second).seconds_until_ready(0.0, urgency=Urgency.LIVE)
    assert waits == pytest.approx(seconds, abs=0.01)


@pytest.mark.parametrize(
    ("urgency", "seconds"),
    [(Urgency.URGENT, 0.0), (Urgency.ANNOTATIONS, 60.0), (Urgency.LIVE, 600.0), (Urgency.NOTICES, inf)],
)
def test_busy_hour_has_room_for_failures_and_none_for_notices(urgency: Urgency, seconds: float) -> None:
    assert beside(per_hour=299.0).seconds_until_ready(0.0, urgency=urgency) == 0.0
    assert beside(per_hour=300.0).seconds_until_ready(0.0, urgency=urgency) == seconds


@pytest.mark.parametrize("pacing", [Pacing(), beside()])
def test_busy_hour_has_no_room_for_notices_however_long_ago_the_last_write_was(pacing: Pacing) -> None:
    busy = replace(pacing, usage=InstallationUsage(others_per_hour=300.0))
    assert busy.seconds_until_ready(3000.0, urgency=Urgency.NOTICES) == inf


def test_live_updates_nearly_stop_for_an_hour_after_a_refusal() -> None:
    pacing = Pacing().refused(0.0).spent(100.0)
    assert pacing.seconds_until_ready(100.0, urgency=Urgency.LIVE) == 600.0
    assert pacing.spent(3600.0).seconds_until_ready(3660.0, urgency=Urgency.LIVE) == 0.0
