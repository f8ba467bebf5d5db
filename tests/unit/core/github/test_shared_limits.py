"""Many jobs that share GitHub's limits, in simulated time."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.support.pacing import Job, rows, scenarios, simulate
from tests.support.rules import rule

SCENARIOS = scenarios()
#: The simulation of 600 jobs takes as long as those of all others.
EACH_SCENARIO = pytest.mark.parametrize(
    "scenario",
    [pytest.param(name, marks=[pytest.mark.slow] if "3 hours" in name else []) for name in SCENARIOS],
)
PAGE = Path(__file__).parents[4] / "docs" / "rate-limits.md"


@cache
def simulated(scenario: str, *, tells_usage: bool) -> tuple[Job, ...]:
    return tuple(simulate(SCENARIOS[scenario], tells_usage=tells_usage))


@rule("GitHub's side: other jobs of the App come near GitHub's limits")
@EACH_SCENARIO
def test_every_check_is_completed_at_once_unless_github_refuses(scenario: str) -> None:
    jobs = simulated(scenario, tells_usage=True)
    late = [job for job in jobs if job.seconds_to_verdict is None or job.seconds_to_verdict > 2.0]
    assert [job for job in late if not job.refused] == []


@EACH_SCENARIO
def test_github_refuses_far_less_if_jobs_see_that_others_are_busy(scenario: str) -> None:
    refused, without = (sum(job.refused for job in simulated(scenario, tells_usage=tells)) for tells in (True, False))
    assert refused <= without / 10


@pytest.mark.parametrize("tells_usage", [True, False], ids=["", "no headers"])
@EACH_SCENARIO
def test_no_job_ends_more_than_five_minutes_after_its_tests(scenario: str, *, tells_usage: bool) -> None:
    jobs = simulated(scenario, tells_usage=tells_usage)
    assert max(job.ended_at - job.tests.ends_at for job in jobs) <= 300.0


@EACH_SCENARIO
def test_no_failure_is_left_out(scenario: str) -> None:
    assert [job for job in simulated(scenario, tells_usage=True) if job.seconds_to_end is None] == []


@pytest.mark.slow
def test_page_has_the_figures_that_the_simulation_prints() -> None:
    assert "\n".join(rows()) in PAGE.read_text()
