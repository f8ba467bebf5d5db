"""How often a job writes to GitHub: the table of `docs/rate-limits.md`."""

from __future__ import annotations

import pytest

from checks.core.model.settings import Passing, Settings
from tests.support.writes_per_job import JOBS, PAGE, TypicalJob, with_table, writes

FAST = [job for job in JOBS if job.seconds < Settings().live_interval_seconds]


@pytest.mark.slow
def test_page_has_the_computed_writes() -> None:
    assert PAGE.read_text() == with_table(PAGE.read_text())


@pytest.mark.parametrize("job", FAST, ids=str)
def test_fast_job_takes_at_most_six_writes(job: TypicalJob) -> None:
    assert writes(job) <= 6


@pytest.mark.parametrize(
    ("job", "settings", "expected"),
    [
        pytest.param(
            TypicalJob(tests=250, files=201, failing=0, seconds=5), Settings(), 2, id="passed tests of many files"
        ),
        pytest.param(
            TypicalJob(tests=250, files=200, failing=0, seconds=5), Settings(), 1 + 4, id="one notice per file"
        ),
        pytest.param(
            TypicalJob(tests=200, files=2, failing=0, seconds=60),
            Settings(),
            1 + 5 + 1,
            id="notices travel with the live updates",
        ),
        pytest.param(
            TypicalJob(tests=200, files=2, failing=0, seconds=60),
            Settings(passing=Passing.NONE, live_interval_seconds=60.0),
            2,
            id="nothing to annotate within the interval",
        ),
        pytest.param(
            TypicalJob(tests=100, files=2, failing=100, seconds=5), Settings(), 1 + 1 + 2, id="every test fails"
        ),
    ],
)
def test_writes_are_those_that_annotations_and_interval_need(
    job: TypicalJob, settings: Settings, expected: int
) -> None:
    assert writes(job, settings) == expected
