import pytest

from checks.core.model.check_run import Conclusion
from checks.core.model.settings import JobSummary

FAILURES = {Conclusion.FAILURE, Conclusion.CANCELLED, Conclusion.TIMED_OUT, Conclusion.ACTION_REQUIRED}


@pytest.mark.parametrize(
    ("job_summary", "covered"),
    [(JobSummary.ALWAYS, set(Conclusion)), (JobSummary.FAILURES, FAILURES), (JobSummary.OFF, set())],
)
def test_job_summary_covers_conclusions(job_summary: JobSummary, covered: set[Conclusion]) -> None:
    assert {conclusion for conclusion in Conclusion if job_summary.covers(conclusion)} == covered
