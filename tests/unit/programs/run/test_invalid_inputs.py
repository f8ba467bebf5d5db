from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from checks.adapters.runner.job_files import RunnerFiles
from checks.core.model.settings import JobSummary, Settings
from checks.programs.run.invalid_inputs import skip


def test_log_of_a_skipped_check_has_no_commands() -> None:
    stream = BytesIO()
    settings = Settings(check_name="unit ##[add-mask]a")
    skip(settings, "this re-run is for\n::stop-commands::x", RunnerFiles({"GITHUB_ACTIONS": "true"}, stream))
    log = stream.getvalue().decode()
    assert log.startswith("This job does not run unit #")
    assert "##[" not in log
    assert "\n::" not in log


@pytest.mark.parametrize(("job_summary", "is_written"), [("always", True), ("failures", False), ("off", False)])
def test_skipped_check_is_no_failure_for_the_job_summary(tmp_path: Path, job_summary: str, is_written: bool) -> None:
    summary = tmp_path / "summary"
    settings = Settings(job_summary=JobSummary(job_summary))
    skip(settings, "this re-run is for others", RunnerFiles({"GITHUB_STEP_SUMMARY": str(summary)}, BytesIO()))
    assert summary.exists() is is_written
