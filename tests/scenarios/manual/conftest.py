"""What the tests of manual checks may ask for."""

from __future__ import annotations

import pytest

from tests.support.manual.manual_jobs import FILES, ManualJobs
from tests.support.runner.jobs import JobOf


@pytest.fixture
def jobs(job_of: JobOf) -> ManualJobs:
    """A repository with `main` and the branch of a pull request, which has one commit."""
    jobs = ManualJobs(job_of(FILES))
    jobs.commit({"src/device.py": "speed = 2\n"})
    return jobs
